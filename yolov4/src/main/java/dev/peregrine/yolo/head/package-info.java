/**
 * Detection heads: what their numbers mean, and how to turn them into boxes.
 *
 * <p>Here live head descriptions and decoding. Losses and models must not come here. Start reading
 * at {@link dev.peregrine.yolo.head.HeadSpec}.
 */
@NullMarked
package dev.peregrine.yolo.head;

import org.jspecify.annotations.NullMarked;
