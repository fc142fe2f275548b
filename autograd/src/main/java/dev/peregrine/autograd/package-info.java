/**
 * Derivatives: the tape that records and replays, the table of gradients, and the check by
 * differences.
 *
 * <p>Here lives what differentiates operations. Kernels must not come here: every derivative is
 * written in operations and goes through the same door. Start reading at {@link
 * dev.peregrine.autograd.Tape}.
 */
@NullMarked
package dev.peregrine.autograd;

import org.jspecify.annotations.NullMarked;
