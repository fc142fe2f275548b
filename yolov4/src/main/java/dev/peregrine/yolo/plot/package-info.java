/**
 * Pictures for people: boxes drawn on pictures, contact sheets of a batch, and charts of a
 * training.
 *
 * <p>What lives here: drawing, on memory alone (no window is ever opened), and the files of a run
 * folder that are looked at. What must not: the computing of what is drawn; numbers come from
 * {@code yolo.eval}, boxes from a detector or a data set. Start reading at {@link
 * dev.peregrine.yolo.plot.BoxPainter}.
 */
@NullMarked
package dev.peregrine.yolo.plot;

import org.jspecify.annotations.NullMarked;
