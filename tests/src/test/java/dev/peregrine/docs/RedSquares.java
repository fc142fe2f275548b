package dev.peregrine.docs;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.DarknetWeights;
import dev.peregrine.yolo.darknet.Layer;
import dev.peregrine.yolo.darknet.LayerWeights;
import dev.peregrine.yolo.darknet.WeightsFile;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The smallest detector that detects something: one convolution, written by hand, that finds red
 * squares of 32 pixels on a grid of 32 pixels; and a picture with two of them.
 */
final class RedSquares {
  private static final int CELL = 32;
  private static final String CFG =
      """
      [net]
      width=96
      height=96
      channels=3

      [convolutional]
      filters=6
      size=32
      stride=32
      activation=linear

      [yolo]
      mask=0
      anchors=32,32
      num=1
      classes=1
      """;

  /** What a filter of the convolution tells. */
  private static final int OBJECT = 4;

  private static final int CLASS = 5;

  private RedSquares() {}

  /** Writes the network as darknet's two files, {@code red.cfg} and {@code red.weights}. */
  static void writeDarknet(Path folder) throws IOException {
    Path cfg = Files.writeString(folder.resolve("red.cfg"), CFG);
    WeightsFile.write(
        folder.resolve("red.weights"),
        WeightsFile.Header.current(0),
        CfgFile.read(cfg).convolutions(),
        RedSquares::weights);
  }

  /** Writes the same network as a file of our own, with the name of its class. */
  static Path writeCheckpoint(Path folder) {
    CfgFile cfg = CfgFile.parse(CFG, "red.cfg");
    Params params = Params.create(0);
    DarknetWeights.put(params, weights(cfg.convolutions().getFirst()));
    Path file = folder.resolve("red.safetensors");
    ParamsFile.write(params, Models.metadata(new CfgModel(cfg), List.of("red square")), file);
    return file;
  }

  /** The mean of red less that of green and blue in a cell, against a threshold of one half. */
  private static LayerWeights weights(Layer layer) {
    LayerWeights into = new LayerWeights(layer);
    int area = CELL * CELL;
    for (int i = 0; i < area; i++) {
      into.weights()[(OBJECT * 3) * area + i] = 8f / area;
      into.weights()[(OBJECT * 3 + 1) * area + i] = -4f / area;
      into.weights()[(OBJECT * 3 + 2) * area + i] = -4f / area;
    }
    into.biases()[OBJECT] = -4;
    into.biases()[CLASS] = 4;
    return into;
  }

  /** Writes a grey picture of twice the network's extents with a red and a reddish square. */
  static Path writePicture(Path folder) {
    int side = 192;
    Image image = new Image(side, side);
    Arrays.fill(image.rgb(), 0.5f);
    square(image, 64, 128, 0);
    square(image, 0, 0, 0.5f);
    Path file = folder.resolve("picture.png");
    Images.write(file, image);
    return file;
  }

  private static void square(Image image, int left, int top, float paleness) {
    for (int y = top; y < top + 2 * CELL; y++) {
      for (int x = left; x < left + 2 * CELL; x++) {
        int at = (y * image.width() + x) * 3;
        image.rgb()[at] = 1;
        image.rgb()[at + 1] = paleness;
        image.rgb()[at + 2] = paleness;
      }
    }
  }
}
