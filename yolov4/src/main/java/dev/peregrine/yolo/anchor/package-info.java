/**
 * Anchors: how well the prior boxes of a network suit a data set, and better ones.
 *
 * <p>Here live the sizes of a data set's boxes, the measures of a set of anchors against them, two
 * ways to cluster them, and the check that a training makes before its first step. Networks and
 * drawing must not come here. Start reading at {@link dev.peregrine.yolo.anchor.AnchorCheck}.
 */
@NullMarked
package dev.peregrine.yolo.anchor;

import org.jspecify.annotations.NullMarked;
