/**
 * Derivatives.
 *
 * <p>What must not live here: the tape remembers what was computed and replays it backwards:kernels
 * and devices; derivatives are written in operations.
 */
@NullMarked
package dev.peregrine.autograd;

import org.jspecify.annotations.NullMarked;
