/**
 * Boxes and what is computed on boxes alone: overlap measures and non-maximum suppression.
 *
 * <p>Nothing here knows pictures, networks or files. Start reading at {@link
 * dev.peregrine.yolo.box.Box}, then {@link dev.peregrine.yolo.box.Overlap}.
 */
@NullMarked
package dev.peregrine.yolo.box;

import org.jspecify.annotations.NullMarked;
