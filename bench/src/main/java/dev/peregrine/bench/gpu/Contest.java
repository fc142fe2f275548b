package dev.peregrine.bench.gpu;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.CfgOfModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is raced on: a network at a size, with numbers made by a formula, and the files by which the
 * other side learns of it.
 *
 * @param model the network
 * @param params its numbers
 * @param size rows and columns
 * @param cfg the network as a file
 * @param weights its numbers as a file
 */
record Contest(CfgModel model, Params params, int size, Path cfg, Path weights) {
  private static final int CLASSES = 80;

  /**
   * Prepares a contest.
   *
   * @param text a network of the library and a size, {@code yolov4-csp@640}
   * @param folder where files go
   */
  static Contest of(String text, Path folder) throws IOException {
    int at = text.lastIndexOf('@');
    if (at < 0 || !text.substring(at + 1).matches("[1-9]\\d{0,4}")) {
      throw new IllegalArgumentException(
          "gpu race: nets=" + text + " must be networks with a size each, such as yolov4-tiny@416");
    }
    int size = Integer.parseInt(text.substring(at + 1));
    CfgFile file =
        CfgOfModel.of(Models.named(text.substring(0, at), CLASSES)).withInputSize(size, size);
    Params params = FormulaWeights.SPLIT_MIX.params(file);
    String name = text.replace('@', '-');
    Path cfg = Files.writeString(folder.resolve(name + ".cfg"), file.toText());
    Path weights = folder.resolve(name + ".safetensors");
    ParamsFile.write(params, Map.of(), weights);
    return new Contest(new CfgModel(file), params, size, cfg, weights);
  }

  /** Name and size for people. */
  String name() {
    return cfg.getFileName().toString().replaceFirst("-(\\d+)\\.cfg$", "@$1");
  }

  Spec pictures(int batch) {
    return Spec.f32(batch, size, size, 3);
  }

  /** One picture, made by a formula. */
  float[] picture() {
    return FormulaWeights.SPLIT_MIX.picture(size, size, 3);
  }

  /** Multiplications and additions of one picture's way through the network. */
  double flops() {
    return Tracer.trace(
            List.of(pictures(1)), inputs -> model.forward(Params.symbolic(), inputs.getFirst()))
        .flops();
  }
}
