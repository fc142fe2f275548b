/**
 * The OpenCL device: the whole vocabulary on a graphics card, or on whatever else OpenCL offers.
 *
 * <p>What lives here: the device and how it is found. What must not: {@code org.jocl}, which is the
 * matter of {@code opencl.runtime}; kernels, which are in {@code opencl.kernel}; shapes, operations
 * or tensors of its own.
 *
 * <p>Start reading at {@link dev.peregrine.opencl.OpenClDevice}, then at {@link
 * dev.peregrine.opencl.kernel.KernelTable}.
 */
@NullMarked
package dev.peregrine.opencl;

import org.jspecify.annotations.NullMarked;
