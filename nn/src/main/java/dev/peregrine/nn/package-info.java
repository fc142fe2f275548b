/**
 * Named parameters, layers and models as plain functions.
 *
 * <p>Here lives what a network is written with. Training loops, losses and detectors must not come
 * here. Start reading at {@link dev.peregrine.nn.Params}, then {@link dev.peregrine.nn.Layers}.
 */
@NullMarked
package dev.peregrine.nn;

import org.jspecify.annotations.NullMarked;
