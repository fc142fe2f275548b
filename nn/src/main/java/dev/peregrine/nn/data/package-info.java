/**
 * Feeding a training loop: shuffled, decoded and augmented ahead of time by threads, the same on
 * any number of them.
 *
 * <p>Here lives what needs no knowledge of pictures. Start reading at {@link
 * dev.peregrine.nn.data.DataLoader}.
 */
@NullMarked
package dev.peregrine.nn.data;

import org.jspecify.annotations.NullMarked;
