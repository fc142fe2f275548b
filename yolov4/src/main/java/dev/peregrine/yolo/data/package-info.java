/**
 * Data sets on disk: pictures, their label files, and the files that name both.
 *
 * <p>Nothing here draws random numbers or changes a picture. Start reading at {@link
 * dev.peregrine.yolo.data.DataSet}; {@link dev.peregrine.yolo.data.LabelFile} has the rules for
 * labels, {@link dev.peregrine.yolo.data.DataConfig} knows what describes a data set: {@code
 * data.yaml}, {@code .data}, COCO's {@code .json}, or a folder.
 */
@NullMarked
package dev.peregrine.yolo.data;

import org.jspecify.annotations.NullMarked;
