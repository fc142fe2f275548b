/**
 * What a detector is taught: which cells and anchors answer for which truth, and the gradients of
 * the heads.
 *
 * <p>Here live losses of detection heads, computed on the host from the heads' numbers; the tape
 * carries their gradients on. Networks, data and training loops must not come here. Start reading
 * at {@link dev.peregrine.yolo.loss.DarknetLoss}.
 */
@NullMarked
package dev.peregrine.yolo.loss;

import org.jspecify.annotations.NullMarked;
