/**
 * JMH benchmarks: how fast the kernels are, as a share of what the machine can do.
 *
 * <p>What lives here: benchmarks of the test kit's cases, and the machine's own peaks to hold them
 * against. What must not: anything that is needed to run or to test the library.
 *
 * <p>Build, best on a quiet machine, and name the class path:
 *
 * <pre>
 * mvn -q -Dfast package
 * export CLASSPATH="$(cat bench/target/launcher/classpath):$(ls bench/target/launcher/*.jar)"
 * </pre>
 *
 * <p>The daily instrument is {@link dev.peregrine.bench.Sweep}: all distinct layers of a network in
 * under a minute, each in turns with the machine's peak.
 *
 * <pre>
 * java --add-modules=jdk.incubator.vector dev.peregrine.bench.Sweep net=csp kind=forward
 * </pre>
 *
 * <p>JMH takes longer and gives error bounds: all layers of a network, one of them, the optimiser,
 * the loss, the machine itself.
 *
 * <pre>
 * java --add-modules=jdk.incubator.vector dev.peregrine.bench.LayerBenchmark net=tiny kind=by_filters
 * java org.openjdk.jmh.Main LayerBenchmark -p net=csp -p layer="3x3p1 64-64 @128 mish+add"
 * java org.openjdk.jmh.Main Optimizer
 * java org.openjdk.jmh.Main Loss
 * java org.openjdk.jmh.Main Peak
 * </pre>
 *
 * <p>Whether the SIMD device chose the fastest of its algorithms for each convolution, this tells
 * (exit status 1 where a choice is more than five percent off):
 *
 * <pre>
 * java --add-modules=jdk.incubator.vector dev.peregrine.bench.KernelChoice net=tiny kind=forward
 * </pre>
 *
 * <p>The shapes stand in {@code layers.txt}, one line a layer, which {@link
 * dev.peregrine.bench.WriteLayers} prints from darknet's cfgs:
 *
 * <pre>
 * java --add-modules=jdk.incubator.vector dev.peregrine.bench.WriteLayers \
 *     $PEREGRINE_REFERENCE/cfg/darknet &gt; bench/src/main/resources/dev/peregrine/bench/layers.txt
 * </pre>
 *
 * <p>To learn how a fast convolution comes about, see {@link dev.peregrine.bench.ladder}.
 *
 * <p>Start reading at {@link dev.peregrine.bench.Sweep}.
 */
@NullMarked
package dev.peregrine.bench;

import org.jspecify.annotations.NullMarked;
