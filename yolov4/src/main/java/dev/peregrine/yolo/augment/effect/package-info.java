/**
 * Changes of one finished training picture: light, blur, noise, and parts hidden from the network.
 *
 * <p>They need no other picture and move no box, so they fit behind any recipe; only boxes that a
 * hole covers are dropped. No mixing of pictures and no geometry comes here. Start reading at
 * {@link dev.peregrine.yolo.augment.effect.Effects}.
 */
@NullMarked
package dev.peregrine.yolo.augment.effect;

import org.jspecify.annotations.NullMarked;
