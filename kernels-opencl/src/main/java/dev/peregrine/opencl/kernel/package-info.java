/**
 * The kernels: OpenCL C in {@code .cl} files, and beside each the Java class that binds it to
 * operations.
 *
 * <p>What lives here: one class a family of operations, which says what is launched, with which
 * arguments and how many work items. What must not: {@code org.jocl}, which is the matter of {@code
 * opencl.runtime}, and tensors.
 *
 * <p>Start reading at {@link dev.peregrine.opencl.kernel.KernelTable}, then at {@code map.cl} with
 * {@code PointwiseKernels} and {@code convolution.cl} with {@code ConvolutionKernels}.
 */
@NullMarked
package dev.peregrine.opencl.kernel;

import org.jspecify.annotations.NullMarked;
