/**
 * How good detections are: the protocols by which the field compares detectors.
 *
 * <p>What lives here: true boxes and predictions as plain records, the matching of the two, the
 * twelve COCO numbers, the Pascal VOC and darknet averages, confidence curves and the confusion
 * matrix, and the JSON files that carry boxes between programs. What must not: networks, pictures,
 * drawing. Everything works on numbers alone, so any detector's output can be judged.
 *
 * <p>Start reading at {@link dev.peregrine.yolo.eval.CocoEvaluator}; {@link
 * dev.peregrine.yolo.eval.RankedEvaluator} is the older and simpler family of protocols.
 */
@NullMarked
package dev.peregrine.yolo.eval;

import org.jspecify.annotations.NullMarked;
