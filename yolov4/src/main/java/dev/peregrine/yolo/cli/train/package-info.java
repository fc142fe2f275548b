/**
 * The verbs that train and judge: {@code demo}, {@code train} and {@code val}.
 *
 * <p>What a person may set of a recipe, how a run is resumed, what is shown while it goes on, and
 * how scores are told; training itself is {@link dev.peregrine.yolo.train}. Start reading at {@link
 * dev.peregrine.yolo.cli.train.TrainVerb}.
 */
@NullMarked
package dev.peregrine.yolo.cli.train;

import org.jspecify.annotations.NullMarked;
