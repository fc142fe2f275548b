/**
 * Memory of the host: Java arrays and channel slices of them.
 *
 * <p>Here lives what the reference and the SIMD device share. Kernels live in the packages below.
 * Start reading at {@link dev.peregrine.tensor.cpu.HostBuffer}.
 */
@NullMarked
package dev.peregrine.tensor.cpu;

import org.jspecify.annotations.NullMarked;
