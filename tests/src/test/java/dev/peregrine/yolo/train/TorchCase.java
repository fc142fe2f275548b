package dev.peregrine.yolo.train;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.Reference;
import dev.peregrine.testkit.TorchFormula;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.yaml.PublishedYaml;
import dev.peregrine.yolo.yaml.StateDict;
import dev.peregrine.yolo.yaml.YamlModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A narrow network with numbers, pictures and truths made by formulas, as the official PyTorch code
 * was run on it.
 */
public final class TorchCase {
  /** Rows of the pictures. */
  public static final int HEIGHT = 128;

  /** Columns of the pictures. */
  public static final int WIDTH = 192;

  /** Pictures. */
  public static final int BATCH = 2;

  final Path folder;
  final JsonNode expected;
  final YamlModel model;
  final Params params;
  final Tensor images;
  final List<List<Label>> truths = new ArrayList<>();
  private final Map<String, StateDict.Entry> entries = new HashMap<>();

  /**
   * Makes a case.
   *
   * @param name of the network, {@code p5} or the like
   * @param dtype of its numbers
   * @param device where they live
   */
  public TorchCase(String name, DType dtype, Device device) {
    folder = Reference.require("oracles/training/pytorch/" + name + "-w0.25-d0.33-nc80");
    expected = JsonMapper.shared().readTree(folder.resolve("expected.json").toFile());
    PublishedYaml published =
        java.util.Arrays.stream(PublishedYaml.values())
            .filter(p -> p.key().equals("yolov4-" + name + "-yaml"))
            .findFirst()
            .orElseThrow();
    model = published.model(80, new Scale(0.25, 0.33), published.anchors());
    StateDict dict = new StateDict(model);
    dict.entries().forEach(entry -> entries.put(entry.name(), entry));
    Params blank = Models.blank(model);
    Ops.on(
        Devices.cpu(),
        () -> {
          TorchFormula.fill(
              TorchFormula.read(folder.resolve("state_dict.tsv")),
              expected.get("seed").asLong(),
              false,
              (key, values) -> dict.put(blank, entries.get(key), values));
          return blank;
        });
    params = blank.to(dtype, device).training(true).statisticsMomentum(0.03);
    images = Ops.on(device, () -> pictures().to(dtype));
    for (int b = 0; b < BATCH; b++) {
      truths.add(new ArrayList<>());
    }
    for (JsonNode t : expected.get("targets_img_cls_cx_cy_w_h")) {
      truths
          .get(t.get(0).asInt())
          .add(
              new Label(
                  t.get(1).asInt(),
                  t.get(2).asDouble(),
                  t.get(3).asDouble(),
                  t.get(4).asDouble(),
                  t.get(5).asDouble()));
    }
  }

  /**
   * Returns where its numbers are.
   *
   * @return the folder of the reference
   */
  public Path folder() {
    return folder;
  }

  /**
   * Returns what the reference says.
   *
   * @return its main file
   */
  public JsonNode expected() {
    return expected;
  }

  /**
   * Returns the network.
   *
   * @return the model
   */
  public YamlModel model() {
    return model;
  }

  /**
   * Returns the labels.
   *
   * @return those of each picture
   */
  public List<List<Label>> truths() {
    return truths;
  }

  /**
   * Runs the network in training mode.
   *
   * @return its heads
   */
  public List<Tensor> heads() {
    return Ops.on(images.device(), () -> model.forward(params, images));
  }

  /** The path of PyTorch's name of an array. */
  String path(String name) {
    StateDict.Entry entry = entries.get(name);
    if (entry == null) {
      throw new AssertionError("no array " + name);
    }
    return entry.path();
  }

  /** The numbers of an array in PyTorch's order. */
  static double[] torchOrder(Tensor tensor) {
    Tensor outside =
        tensor.shape().rank() == 4
            ? Ops.on(tensor.device(), () -> Arrays.permute(tensor, 3, 2, 0, 1))
            : tensor;
    return outside.doubles();
  }

  private static Tensor pictures() {
    float[] values = new float[BATCH * HEIGHT * WIDTH * 3];
    int next = 0;
    for (int n = 0; n < BATCH; n++) {
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          for (int c = 0; c < 3; c++) {
            int formula = x * x + 3 * y * y + x * y + 31 * c + n * (7 * x + 5 * y + 97);
            values[next++] = (float) (formula % 256 / 255.0);
          }
        }
      }
    }
    return Tensor.of(Shape.of(BATCH, HEIGHT, WIDTH, 3), values);
  }
}
