package dev.peregrine.yolo.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a caller may choose about a file.
 *
 * @param name of the network, shown by viewers
 * @param mish how Mish is written
 * @param inputs names of the inputs, in order
 * @param outputs names of the outputs, in order; empty for {@code output0}, {@code output1} ...
 * @param metadata texts for whoever reads the file
 */
public record OnnxOptions(
    String name,
    MishForm mish,
    List<String> inputs,
    List<String> outputs,
    Map<String, String> metadata) {
  /** Copies lists and texts. */
  public OnnxOptions {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * Makes the usual choice: one input {@code images}, the fast form of Mish, no metadata.
   *
   * @param name of the network
   * @return the options
   */
  public static OnnxOptions of(String name) {
    return new OnnxOptions(name, MishForm.FAST, List.of("images"), List.of(), Map.of());
  }

  /**
   * Takes another form of Mish.
   *
   * @param form the form
   * @return the options
   */
  public OnnxOptions mish(MishForm form) {
    return new OnnxOptions(name, form, inputs, outputs, metadata);
  }
}
