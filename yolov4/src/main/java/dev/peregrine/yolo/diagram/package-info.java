/**
 * Drawings of networks: one box a layer, a column a resolution, and a line wherever a layer is
 * read.
 *
 * <p>What lives here: where layers go on the page. What must not: which layers a description has,
 * and charts of numbers and pictures of detections, which are {@code yolo.plot}. Start reading at
 * {@link dev.peregrine.yolo.diagram.NetworkDiagram}.
 */
@NullMarked
package dev.peregrine.yolo.diagram;

import org.jspecify.annotations.NullMarked;
