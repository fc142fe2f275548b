/**
 * The race on a graphics card: whole networks beside PyTorch on the same card in the same run.
 *
 * <p>What lives here: the race, its two sides, and its report. What must not: races on the CPU,
 * which are in {@code bench/peers}.
 *
 * <p>One command measures everything, latency and throughput of inference, the training step, and
 * the share of the card's peak that each kind of kernel reaches:
 *
 * <pre>
 * java --add-modules=jdk.incubator.vector dev.peregrine.bench.gpu.GpuRace out=gpu
 * </pre>
 *
 * <p>PyTorch's side is {@code torch_peer.py}, which makes a module of the same cfg and reads the
 * same numbers; heads are compared before anything is timed. Where PyTorch is missing, one sentence
 * says so and our side is measured alone.
 *
 * <p>Start reading at {@link dev.peregrine.bench.gpu.GpuRace}.
 */
@NullMarked
package dev.peregrine.bench.gpu;

import org.jspecify.annotations.NullMarked;
