/**
 * The analysis by which networks are scaled: what layers cost, how far they see, which size fits.
 *
 * <p>Here lives arithmetic on layers and on traced graphs: the tables of Scaled-YOLOv4, the
 * receptive field and the memory traffic of each layer, and the search for the largest network
 * within a budget. Training, files and printing must not come here. Start reading at {@link
 * dev.peregrine.yolo.scaling.StageKind}, then {@link dev.peregrine.yolo.scaling.CompoundScaling}.
 */
@NullMarked
package dev.peregrine.yolo.scaling;

import org.jspecify.annotations.NullMarked;
