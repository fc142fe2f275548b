/**
 * Optimisers, learning-rate schedules and the moving average of weights.
 *
 * <p>Here lives what changes weights; nothing else does, except loaders. Models and loops must not
 * come here. Start reading at {@link dev.peregrine.nn.optim.Optimizer}.
 */
@NullMarked
package dev.peregrine.nn.optim;

import org.jspecify.annotations.NullMarked;
