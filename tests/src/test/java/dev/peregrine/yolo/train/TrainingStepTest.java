package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.loss.DarknetLoss;
import dev.peregrine.yolo.loss.LossResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Training steps of YOLOv4-tiny (three), YOLOv4 and YOLOv4-csp against darknet's, repaired and in
 * double precision: two pictures of 160 x 128 made by a formula, formula weights, six boxes.
 */
class TrainingStepTest {
  private static final String LARGE = "dev.peregrine.tests.large";
  private static final int BATCH = 2;
  private static final int HEIGHT = 128;
  private static final int WIDTH = 160;

  /** The set whose batch normalisation has the exact gradient. */
  private static final String SET = "f64_exactbn/";

  /**
   * The largest deviations that are allowed, relative: of sums, and of single numbers to the rms.
   */
  private record Tolerance(double sums, double samples) {
    /** What is rounded grows from step to step, and moves numbers across kinks. */
    Tolerance times(double factor) {
      return new Tolerance(factor * sums, factor * samples);
    }
  }

  @Test
  void stepsAsDarknetDoesInDoublePrecision() throws IOException {
    check("yolov4-tiny", 4, DType.F64, Devices.reference(), new Tolerance(1e-6, 1e-5), 3);
  }

  @Test
  void stepsAsDarknetDoesInSinglePrecision() throws IOException {
    check("yolov4-tiny", 4, DType.F32, Devices.cpu(), new Tolerance(4e-3, 3e-2), 1);
  }

  /** Single precision determines the gradients of deep networks of random numbers loosely. */
  @ParameterizedTest
  @ValueSource(strings = {"yolov4", "yolov4-csp"})
  void deepNetworksStepAsDarknetDoes(String cfg) throws IOException {
    check(cfg, 16, DType.F32, Devices.cpu(), new Tolerance(3e-2, 5e-1), 1);
  }

  /** Plain loops in double precision over a deep network, so only where that is asked for. */
  @ParameterizedTest
  @ValueSource(strings = {"yolov4", "yolov4-csp"})
  void largeNetworksStepAsDarknetDoesInDoublePrecision(String cfg) throws IOException {
    assumeTrue(
        Boolean.getBoolean(LARGE), "takes minutes: run with -D" + LARGE + "=true -Dtest.heap=8g");
    check(cfg, 16, DType.F64, Devices.reference(), new Tolerance(1e-6, 1e-5), 1);
  }

  private static void check(
      String name, int assigned, DType dtype, Device device, Tolerance tolerance, int iterations)
      throws IOException {
    Path folder = Reference.require("oracles/training/darknet/" + name);
    CfgFile cfg =
        CfgFile.read(Reference.require("cfg/darknet/" + name + ".cfg"))
            .withInputSize(HEIGHT, WIDTH);
    CfgModel model = new CfgModel(cfg);
    Params params =
        FormulaWeights.SPLIT_MIX
            .params(cfg)
            .to(dtype, device)
            .training(true)
            .statisticsMomentum(0.1);
    Tensor images = Ops.on(device, () -> pictures().to(dtype));
    Sgd optimizer = Sgd.plain(0.0005);
    Params before = params.to(dtype, device);
    for (int iteration = 1; iteration <= iterations; iteration++) {
      try (Tape tape = Tape.watching(params)) {
        List<Tensor> heads = tape.record(() -> model.forward(params, images));
        LossResult loss =
            new DarknetLoss(model.heads(), DarknetLoss.Form.DARKNET)
                .compute(heads, truths(folder), HEIGHT, WIDTH);
        assertThat(loss.assigned()).isEqualTo(assigned);
        Adjoints gradients = tape.backward(heads, loss.gradients());
        for (Row row : iteration > 1 ? List.<Row>of() : rows(folder.resolve(SET + "grads.tsv"))) {
          Tensor weight = params.entry(row.path(params)).value();
          row.compare(fileOrder(gradients.of(weight).negate()), tolerance);
        }
        optimizer.accumulate(params, gradients, 1.0 / BATCH);
        optimizer.step(params, StepSize.of(0.001, 0.9));
      }
      if (iteration != 2) {
        for (Row row : rows(folder.resolve(SET + "params_iter" + iteration + ".tsv"))) {
          row.compareChange(
              fileOrder(params.entry(row.path(params)).value()),
              fileOrder(before.entry(row.path(params)).value()),
              iteration == 1 ? tolerance : tolerance.times(100));
        }
      }
    }
  }

  private static Tensor pictures() {
    float[] values = new float[BATCH * HEIGHT * WIDTH * 3];
    int next = 0;
    for (int b = 0; b < BATCH; b++) {
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          for (int c = 0; c < 3; c++) {
            values[next++] =
                (float) (((x * x + 3 * y * y + x * y + 31 * c + 17 * b) % 256) / 255.0);
          }
        }
      }
    }
    return Tensor.of(Shape.of(BATCH, HEIGHT, WIDTH, 3), values);
  }

  private static List<List<Label>> truths(Path folder) throws IOException {
    List<List<Label>> truths = List.of(new ArrayList<>(), new ArrayList<>());
    for (String line : Files.readAllLines(folder.resolve("truth.tsv")).stream().skip(1).toList()) {
      String[] f = line.split("\t");
      double[] box = new double[4];
      for (int i = 0; i < 4; i++) {
        box[i] = Float.parseFloat(f[i + 1]);
      }
      truths
          .get(Integer.parseInt(f[0]))
          .add(new Label(Integer.parseInt(f[5]), box[0], box[1], box[2], box[3]));
    }
    return truths;
  }

  private static double[] fileOrder(Tensor tensor) {
    Tensor outside =
        tensor.shape().rank() == 4
            ? Ops.on(tensor.device(), () -> Arrays.permute(tensor, 3, 2, 0, 1))
            : tensor;
    return outside.doubles();
  }

  private static List<Row> rows(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    String[] header = lines.get(0).split("\t");
    List<Row> rows = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      rows.add(new Row(header, line.split("\t"), line));
    }
    return rows;
  }

  /** One array of darknet's tables: sums and sixteen of its numbers. */
  private record Row(String[] header, String[] fields, String line) {
    String field(String name) {
      for (int i = 0; i < header.length; i++) {
        if (header[i].equals(name)) {
          return fields[i];
        }
      }
      throw new AssertionError("no column " + name);
    }

    String path(Params params) {
      String room = "layer." + field("layer") + ".";
      boolean normalised =
          params.entries().stream().anyMatch(entry -> entry.path().equals(room + "beta"));
      String name =
          switch (field("array")) {
            case "weight_updates", "weights" -> "weight";
            case "bias_updates", "biases" -> normalised ? "beta" : "bias";
            case "scale_updates", "scales" -> "gamma";
            case "rolling_mean" -> "mean";
            case "rolling_variance" -> "variance";
            default -> throw new AssertionError("unknown array in " + line);
          };
      return room + name;
    }

    void compare(double[] actual, Tolerance tolerance) {
      double sum = 0;
      double absolute = 0;
      double squares = 0;
      for (double v : actual) {
        sum += v;
        absolute += Math.abs(v);
        squares += v * v;
      }
      double expectedAbsolute = Double.parseDouble(field("abs_sum"));
      close("abs_sum", absolute, expectedAbsolute, tolerance.sums() * expectedAbsolute);
      close("sum", sum, Double.parseDouble(field("sum")), tolerance.sums() * expectedAbsolute);
      double norm = Double.parseDouble(field("l2"));
      close("l2", Math.sqrt(squares), norm, tolerance.sums() * norm);
      samples(actual, tolerance.samples() * norm / Math.sqrt(actual.length));
    }

    void compareChange(double[] after, double[] before, Tolerance tolerance) {
      double change = 0;
      double scale = 0;
      for (int i = 0; i < after.length; i++) {
        change += Math.abs(after[i] - before[i]);
        scale += Math.abs(after[i]);
      }
      double expected = Double.parseDouble(field("change_abs_sum"));
      // Single precision keeps only what a change adds to a larger number.
      double rounding = tolerance.sums() > 1e-4 ? scale * 6e-8 : 0;
      close("change_abs_sum", change, expected, tolerance.sums() * expected + rounding);
      samples(after, tolerance.samples() * expected / after.length + scale / after.length * 2e-7);
    }

    private void samples(double[] actual, double tolerance) {
      for (int q = 0; q < 8; q++) {
        if (!field("v" + q).equals("-")) {
          close("v" + q, actual[q], Double.parseDouble(field("v" + q)), tolerance + 1e-12);
        }
        if (!field("s" + q).equals("-")) {
          int at = (int) ((long) q * actual.length / 8);
          close("s" + q, actual[at], Double.parseDouble(field("s" + q)), tolerance + 1e-12);
        }
      }
    }

    private void close(String what, double actual, double expected, double tolerance) {
      assertThat(actual)
          .as("%s of layer %s %s", what, field("layer"), field("array"))
          .isCloseTo(expected, within(tolerance));
    }
  }
}
