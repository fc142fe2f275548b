/**
 * Classifiers: what tells a picture as a whole, by which a backbone is trained before it serves a
 * detector.
 *
 * <p>Here lives what only classifying needs: folders of classes, mixing of pictures, the loss, the
 * run and its scores. Backbones themselves must not come here, nor anything about boxes. Start
 * reading at {@link dev.peregrine.yolo.classify.Classifier}.
 */
@NullMarked
package dev.peregrine.yolo.classify;

import org.jspecify.annotations.NullMarked;
