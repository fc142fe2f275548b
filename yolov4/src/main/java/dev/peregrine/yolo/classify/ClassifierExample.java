package dev.peregrine.yolo.classify;

import dev.peregrine.yolo.image.Image;

/**
 * A picture to learn from.
 *
 * @param image the picture, of the network's input size
 * @param target the share of each class in it, which add up to 1
 */
record ClassifierExample(Image image, float[] target) {}
