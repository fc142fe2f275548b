/**
 * Backbones: what detectors are built on, each of them a classifier too.
 *
 * <p>Here lives what turns a picture into maps of falling size. Heads and necks of detectors must
 * not come here. Start reading at {@link dev.peregrine.yolo.backbone.CspDarknet53}.
 */
@NullMarked
package dev.peregrine.yolo.backbone;

import org.jspecify.annotations.NullMarked;
