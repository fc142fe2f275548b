/**
 * Losses that fit into operations.
 *
 * <p>Here lives what turns outputs of a network and what they should be into one number, on the
 * tape. Losses that follow lists of objects must not come here. Start reading at {@link
 * dev.peregrine.nn.loss.CrossEntropy}.
 */
@NullMarked
package dev.peregrine.nn.loss;

import org.jspecify.annotations.NullMarked;
