/**
 * The visible training loop and its parts: objective, listeners, checkpoints.
 *
 * <p>Here lives what any network's training needs; what a detector's needs lives with the
 * detectors. Start reading at {@link dev.peregrine.nn.train.Trainer}.
 */
@NullMarked
package dev.peregrine.nn.train;

import org.jspecify.annotations.NullMarked;
