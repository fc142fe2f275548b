/**
 * The verbs of data sets: {@code data check}, {@code data stats}, {@code data convert}, {@code data
 * augment} and {@code anchors}.
 *
 * <p>One class a verb; what it tells is found by {@link dev.peregrine.yolo.data.check}, {@link
 * dev.peregrine.yolo.data.convert} and {@link dev.peregrine.yolo.anchor}. The keys of augmentation
 * live here too, which training shares. Start reading at {@link
 * dev.peregrine.yolo.cli.data.DataCheckVerb}.
 */
@NullMarked
package dev.peregrine.yolo.cli.data;

import org.jspecify.annotations.NullMarked;
