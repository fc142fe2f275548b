/**
 * ONNX: networks as files that other engines read.
 *
 * <p>Here lives the translation of graphs into ONNX and the few rules of its wire format. Anything
 * about a certain engine must not come here. Start reading at {@link
 * dev.peregrine.yolo.onnx.OnnxDetector}, and at {@link dev.peregrine.yolo.onnx.OnnxFile} for any
 * graph.
 */
@NullMarked
package dev.peregrine.yolo.onnx;

import org.jspecify.annotations.NullMarked;
