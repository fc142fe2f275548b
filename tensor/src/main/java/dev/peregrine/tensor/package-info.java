/**
 * The value and the one door: {@link dev.peregrine.tensor.Tensor}, {@link dev.peregrine.tensor.Ops}
 * and the families of functions a user calls.
 *
 * <p>Here live immutable values, the interpreters' interface and functions composed of operations;
 * and how every module writes files, {@link dev.peregrine.tensor.WholeFile}. Kernels, graphs and
 * derivatives must not come here. Start reading at {@link dev.peregrine.tensor.Ops}.
 */
@NullMarked
package dev.peregrine.tensor;

import org.jspecify.annotations.NullMarked;
