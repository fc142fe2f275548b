/**
 * Extents, element types and sliding windows: what is known of a value before it has numbers.
 *
 * <p>Here live the index and size laws that need no operation. Operations, memory and numbers must
 * not come here. Start reading at {@link dev.peregrine.tensor.shape.Shape}.
 */
@NullMarked
package dev.peregrine.tensor.shape;

import org.jspecify.annotations.NullMarked;
