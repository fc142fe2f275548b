/**
 * JMH benchmarks: how fast the kernels are, as a share of what the machine can do.
 *
 * <p>What lives here: benchmarks of the test kit's cases, and the machine's own peaks to hold them
 * against. What must not: anything that is needed to run or to test the library.
 *
 * <p>Build and run, best on a quiet machine:
 *
 * <pre>
 * mvn -q -Dfast package
 * java -cp "$(cat bench/target/launcher/classpath):$(ls bench/target/launcher/*.jar)" \
 *     org.openjdk.jmh.Main Convolution -p device=cpu:1
 * </pre>
 *
 * <p>Start reading at {@link dev.peregrine.bench.ConvolutionBenchmark}.
 */
@NullMarked
package dev.peregrine.bench;

import org.jspecify.annotations.NullMarked;
