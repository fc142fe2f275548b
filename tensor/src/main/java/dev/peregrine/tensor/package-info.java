/**
 * Tensors and what goes wrong with them.
 *
 * <p>What lives here: the value that everything computes with, and the four exceptions of the whole
 * project. What must not: how a device computes.
 */
@NullMarked
package dev.peregrine.tensor;

import org.jspecify.annotations.NullMarked;
