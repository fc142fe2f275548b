/**
 * Data sets written in another form: label files of YOLO, COCO's instances, Pascal VOC's xml.
 *
 * <p>Reading belongs to {@link dev.peregrine.yolo.data}. Start reading at {@link
 * dev.peregrine.yolo.data.convert.DataWriter}.
 */
@NullMarked
package dev.peregrine.yolo.data.convert;

import org.jspecify.annotations.NullMarked;
