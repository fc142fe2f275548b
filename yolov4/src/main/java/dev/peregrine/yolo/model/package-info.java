/**
 * The networks, one short file each, written with layers and blocks.
 *
 * <p>Here lives what a variant's graph is. File formats and training must not come here. Start
 * reading at {@link dev.peregrine.yolo.model.YoloV4Tiny}.
 */
@NullMarked
package dev.peregrine.yolo.model;

import org.jspecify.annotations.NullMarked;
