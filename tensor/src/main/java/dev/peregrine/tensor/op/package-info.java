/**
 * The closed vocabulary of operations: what to compute, as values with a shape law.
 *
 * <p>Here lives one record a file. Devices, kernels, tensors and derivatives must not come here;
 * the package imports only {@code tensor.shape}. Start reading at {@link
 * dev.peregrine.tensor.op.Op}, then {@link dev.peregrine.tensor.op.Conv2d}.
 */
@NullMarked
package dev.peregrine.tensor.op;

import org.jspecify.annotations.NullMarked;
