/**
 * Blocks that networks share: residual units, partial stages, pyramids and necks, as functions of
 * their parameters and an activation.
 *
 * <p>Here lives what several networks are made of. Whole networks must not come here, and nothing
 * that only one of them needs. Start reading at {@link dev.peregrine.nn.block.CspBlocks}.
 */
@NullMarked
package dev.peregrine.nn.block;

import org.jspecify.annotations.NullMarked;
