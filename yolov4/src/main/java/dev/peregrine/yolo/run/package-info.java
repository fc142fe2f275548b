/**
 * What any training run does so that it is not lost, be it of a detector or of a classifier: a plan
 * of its memory, checkpoints, a guard against numbers that are not finite, an early end, a table of
 * its epochs. What is trained, measured and drawn must not come here.
 *
 * <p>Start reading at {@link dev.peregrine.yolo.run.RunKeeper}.
 */
@NullMarked
package dev.peregrine.yolo.run;

import org.jspecify.annotations.NullMarked;
