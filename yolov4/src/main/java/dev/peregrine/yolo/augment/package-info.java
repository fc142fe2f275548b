/**
 * From stored pictures to training pictures: random geometry and colour, mosaics, and the labels
 * that follow them.
 *
 * <p>Everything is a pure function of the pictures and one random stream, and may run on any number
 * of threads. No tensor and no file format is known here. Start reading at {@link
 * dev.peregrine.yolo.augment.TrainingSampler}, then {@link
 * dev.peregrine.yolo.augment.DarknetAugmentation} or {@link
 * dev.peregrine.yolo.augment.TorchAugmentation}.
 */
@NullMarked
package dev.peregrine.yolo.augment;

import org.jspecify.annotations.NullMarked;
