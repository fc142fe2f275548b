/**
 * The fast device of the host: kernels on the Vector API, and the threads they run on.
 *
 * <p>The only package that knows {@code jdk.incubator.vector}. Kernels see {@link
 * dev.peregrine.tensor.cpu.HostBuffer}s, never tensors; what has no kernel of its own here is
 * computed by the reference device. Every result is the same, bit for bit, for any number of
 * threads. Start reading at {@link dev.peregrine.tensor.cpu.simd.SimdDevice}, whose {@code prepare}
 * is the table of kernels.
 */
@NullMarked
package dev.peregrine.tensor.cpu.simd;

import org.jspecify.annotations.NullMarked;
