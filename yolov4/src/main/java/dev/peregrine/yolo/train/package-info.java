/**
 * Training and evaluating detectors: from a data set to a run folder.
 *
 * <p>Here lives what joins data, augmentation, network, loss, optimiser and evaluation. None of
 * these is written here, nor the command line. Start reading at {@link
 * dev.peregrine.yolo.train.TrainingRun}.
 */
@NullMarked
package dev.peregrine.yolo.train;

import org.jspecify.annotations.NullMarked;
