/**
 * The learning ladder: one convolution, from the formula to Winograd on all cores, a short file a
 * rung.
 *
 * <p>Every rung computes the same thing, a 3x3 convolution with bias and leaky ReLU on {@code [H,
 * W, C]}, and is checked against the definition in double precision before it is timed. Read them
 * in this order; each says at its head what the one before wastes.
 *
 * <p>A run for 64 to 64 channels at 104 x 104, a layer of YOLOv4-tiny, on one core of an AMD EPYC
 * (Zen 4, 512-bit vectors, a peak of about 110 GFLOP/s; the threads are two). The machine had other
 * work, so believe the percentages, which compare with the peak of the same moments, rather than
 * the milliseconds:
 *
 * <pre>
 * rung                  ms   GFLOP/s   % peak  x before  what it teaches
 * naive             359.30       2.2      2.2            one sum after another waits for itself
 * reordered          67.47      11.8     11.1      5.07  independent sums side by side in memory
 * vectorised         24.12      33.1     31.0      2.80  sums stay in registers
 * register tile       9.80      81.4     76.6      2.47  each number loaded is used many times
 * packed              9.75      81.8     76.0      0.99  filters in the order they are read
 * winograd            3.60     221.5    204.6      2.69  fewer multiplications
 * fused               3.49     228.3    210.7      1.03  no pass over memory of its own
 * threads             1.91     418.4    373.0      1.77  blocks that know nothing of each other
 * </pre>
 *
 * <p>GFLOP/s count what the definition multiplies and adds, so Winograd may pass 100 %. Packing
 * gains nothing here, where all filters fit the second cache; for 128 to 128 channels at 52 x 52 it
 * gave about 1.1. The tile alone, on data in the first cache, reaches 87 %; the library's larger
 * tile is why its direct convolution is faster than these rungs.
 *
 * <p>Climb it (class path as {@link dev.peregrine.bench} says), with other sizes if you like:
 *
 * <pre>
 * java --add-modules=jdk.incubator.vector dev.peregrine.bench.ladder.Ladder
 * java --add-modules=jdk.incubator.vector dev.peregrine.bench.ladder.Ladder 52 52 128 128
 * </pre>
 *
 * <p>What lives here: code to learn from. What must not: anything the library runs. Start reading
 * at {@link dev.peregrine.bench.ladder.Problem}, then {@link dev.peregrine.bench.ladder.Naive}.
 */
@NullMarked
package dev.peregrine.bench.ladder;

import org.jspecify.annotations.NullMarked;
