/**
 * Pictures made on the spot, so that the first training needs no download.
 *
 * <p>What lives here: a seeded painter of scenes with labelled shapes, and the writer that lays
 * them out as a data set. What must not: training, networks, reading of data sets. Start reading at
 * {@link dev.peregrine.yolo.demo.ShapesDataSet}.
 */
@NullMarked
package dev.peregrine.yolo.demo;

import org.jspecify.annotations.NullMarked;
