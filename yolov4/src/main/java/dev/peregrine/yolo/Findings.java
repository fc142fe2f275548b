package dev.peregrine.yolo;

import dev.peregrine.yolo.box.Detection;
import java.util.List;

/**
 * What was found, what the network said, and how long the three parts took.
 *
 * @param detections for each picture, highest score first
 * @param heads the network's outputs, of the last {@link View}
 * @param fitNanos fitting the pictures to the network's input
 * @param runNanos the network, and its plan where one had to be prepared
 * @param decodeNanos decoding its heads and suppressing duplicates
 */
public record Findings(
    List<List<Detection>> detections,
    List<Head> heads,
    long fitNanos,
    long runNanos,
    long decodeNanos) {

  /**
   * One output of the network.
   *
   * @param height rows of its map
   * @param width columns of its map
   * @param numbers {@code [N, height, width, C]}
   */
  public record Head(int height, int width, float[] numbers) {}
}
