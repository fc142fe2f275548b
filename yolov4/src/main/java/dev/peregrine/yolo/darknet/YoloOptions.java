package dev.peregrine.yolo.darknet;

import dev.peregrine.yolo.box.NonMaximumSuppression;

/**
 * The settings of a {@code [yolo]} layer that do not belong to the head itself.
 *
 * @param suppression {@code nms_kind}: how overlapping boxes are measured
 * @param suppressionBeta {@code beta_nms}: the exponent of {@code diounms}
 * @param maxTruths {@code max}: truths per picture that count
 * @param jitter {@code jitter}: largest shift of each border of a training picture, as a part of
 *     its size; darknet takes this and the next two from the last {@code [yolo]}
 * @param resize {@code resize}: largest factor of size
 * @param random {@code random}: 0 for a fixed network size, 1 for darknet's range of sizes,
 *     otherwise the range itself
 */
public record YoloOptions(
    NonMaximumSuppression.Kind suppression,
    double suppressionBeta,
    int maxTruths,
    double jitter,
    double resize,
    double random) {}
