/**
 * The keys that several verbs share because they name the same things: networks and their numbers,
 * how boxes are suppressed, data sets.
 *
 * <p>What such keys mean is decided here, once: {@code model=} by {@link
 * dev.peregrine.yolo.cli.input.ModelLoader}, {@code data=} by {@link
 * dev.peregrine.yolo.cli.input.DataInput}. No verb is known here.
 */
@NullMarked
package dev.peregrine.yolo.cli.input;

import org.jspecify.annotations.NullMarked;
