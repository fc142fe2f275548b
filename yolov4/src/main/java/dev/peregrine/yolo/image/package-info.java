/**
 * Pictures in memory and on disk, and how a picture is laid into the input of a network.
 *
 * <p>Here live decoding and encoding ({@link dev.peregrine.yolo.image.Images}), the two resampling
 * schools of darknet and PyTorch, and the way back from network coordinates to pixels. Nothing here
 * knows tensors, labels or networks. Start reading at {@link dev.peregrine.yolo.image.Image}.
 */
@NullMarked
package dev.peregrine.yolo.image;

import org.jspecify.annotations.NullMarked;
