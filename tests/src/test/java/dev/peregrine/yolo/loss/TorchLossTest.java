package dev.peregrine.yolo.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.box.Overlap;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.BoxGradient.CentredBox;
import dev.peregrine.yolo.loss.BoxGradient.Direction;
import dev.peregrine.yolo.loss.ScaledLoss.Settings;
import dev.peregrine.yolo.train.Table;
import dev.peregrine.yolo.train.TorchCase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Assignment and loss against the official PyTorch code, in double precision: every match with its
 * box and gradients, the heads' gradients, and the loss with other settings.
 */
class TorchLossTest {
  private static final double TOLERANCE = 1e-9;

  @ParameterizedTest
  @ValueSource(strings = {"csp", "p5", "p6"})
  void assignsAndTeachesAsPyTorchDoes(String name) {
    TorchCase torch = new TorchCase(name, DType.F64, Devices.reference());
    List<Tensor> heads = torch.heads();
    LossResult result = loss(torch, Settings.PUBLISHED, heads, torch.truths());
    List<double[]> gradients = byLogits(result, heads);
    matches(torch, heads, gradients);
    JsonNode expected = torch.expected();
    for (int level = 0; level < heads.size(); level++) {
      JsonNode head = expected.get("heads").get(level);
      close("gradient", sum(gradients.get(level)), head.get("grad_sum"), TOLERANCE);
      close("gradient", absolute(gradients.get(level)), head.get("grad_abs_sum"), TOLERANCE);
    }
    variants(torch, heads);
  }

  private static LossResult loss(
      TorchCase torch, Settings settings, List<Tensor> heads, List<List<Label>> truths) {
    return new ScaledLoss(torch.model().heads(), settings)
        .compute(heads, truths, TorchCase.HEIGHT, TorchCase.WIDTH);
  }

  /** Gradients by logits: those by probabilities times the slope of the logistic function. */
  private static List<double[]> byLogits(LossResult result, List<Tensor> heads) {
    List<double[]> all = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      double[] p = heads.get(i).doubles();
      double[] gradient = result.gradients().get(i).doubles();
      for (int k = 0; k < p.length; k++) {
        gradient[k] *= p[k] * (1 - p[k]);
      }
      all.add(gradient);
    }
    return all;
  }

  private static void matches(TorchCase torch, List<Tensor> heads, List<double[]> gradients) {
    List<Table.Row> rows = Table.read(torch.folder().resolve("matches.tsv"));
    int row = 0;
    for (int level = 0; level < heads.size(); level++) {
      HeadSpec spec = torch.model().heads().get(level);
      int height = heads.get(level).shape().dim(1);
      int width = heads.get(level).shape().dim(2);
      List<CellMatch> matches =
          CellMatch.find(
              spec,
              height,
              width,
              torch.truths(),
              new int[] {TorchCase.HEIGHT, TorchCase.WIDTH},
              4);
      assertThat(matches).hasSize(torch.expected().get("matches_per_level").get(level).asInt());
      for (CellMatch match : matches) {
        Table.Row expected = rows.get(row++);
        assertThat(
                List.of(
                    level,
                    match.image(),
                    match.classIndex(),
                    match.anchor(),
                    match.row(),
                    match.column()))
            .isEqualTo(
                List.of("level", "image", "class", "anchor", "gj", "gi").stream()
                    .map(column -> Integer.valueOf(expected.text(column)))
                    .toList());
        compareBox(match.truth(), expected, "tx", "ty", "tw", "th");
        assertThat(match.prior().w()).isEqualTo(expected.number("anchor_w"), within(TOLERANCE));
        assertThat(match.prior().h()).isEqualTo(expected.number("anchor_h"), within(TOLERANCE));
        int at =
            ((match.image() * height + match.row()) * width + match.column()) * spec.channels()
                + match.anchor() * spec.entries();
        String[] columns = {"gx", "gy", "gw", "gh", "gobj"};
        for (int i = 0; i < columns.length; i++) {
          assertThat(gradients.get(level)[at + i])
              .as("%s of row %d", columns[i], row)
              .isCloseTo(expected.number(columns[i]), within(1e-12));
        }
      }
    }
    assertThat(row).isEqualTo(rows.size());
  }

  private static void compareBox(CentredBox box, Table.Row row, String... columns) {
    double[] numbers = {box.x(), box.y(), box.w(), box.h()};
    for (int i = 0; i < 4; i++) {
      assertThat(numbers[i]).as(columns[i]).isCloseTo(row.number(columns[i]), within(1e-12));
    }
  }

  private static void variants(TorchCase torch, List<Tensor> heads) {
    JsonNode all = torch.expected().get("loss_variants_on_same_heads");
    List<List<Label>> none = List.of(List.of(), List.of());
    List<List<Label>> three = List.of(torch.truths().getFirst().subList(0, 3), List.of());
    compare(all.get("empty_targets"), loss(torch, Settings.PUBLISHED, heads, none), heads);
    compare(
        all.get("first_three_targets_only"), loss(torch, Settings.PUBLISHED, heads, three), heads);
    compare(all.get("fl_gamma_1.5"), settings(torch, heads, 1, 1, 4, 1.5, 1), heads);
    compare(all.get("cls_pw_2_obj_pw_1.5"), settings(torch, heads, 1.5, 2, 4, 0, 1), heads);
    compare(all.get("gr_0.5"), settings(torch, heads, 1, 1, 4, 0, 0.5), heads);
    compare(all.get("gr_0"), settings(torch, heads, 1, 1, 4, 0, 0), heads);
    compare(all.get("anchor_t_2"), settings(torch, heads, 1, 1, 2, 0, 1), heads);
  }

  private static LossResult settings(
      TorchCase torch,
      List<Tensor> heads,
      double objectPositive,
      double classPositive,
      double ratio,
      double focus,
      double share) {
    Settings settings =
        new Settings(
            IouLoss.CIOU, 0.05, 1, 0.5, objectPositive, classPositive, ratio, focus, 0, share);
    return loss(torch, settings, heads, torch.truths());
  }

  private static void compare(JsonNode expected, LossResult actual, List<Tensor> heads) {
    close("loss", actual.total(), expected.get("loss_times_batch"), TOLERANCE);
    close("box", actual.box() / TorchCase.BATCH, expected.get("lbox"), TOLERANCE);
    close("objectness", actual.objectness() / TorchCase.BATCH, expected.get("lobj"), TOLERANCE);
    close("classes", actual.classes() / TorchCase.BATCH, expected.get("lcls"), TOLERANCE);
    List<double[]> gradients = byLogits(actual, heads);
    for (int i = 0; i < heads.size(); i++) {
      close("gradient", sum(gradients.get(i)), expected.get("head_grad_sum").get(i), TOLERANCE);
      close(
          "gradient",
          absolute(gradients.get(i)),
          expected.get("head_grad_abs_sum").get(i),
          TOLERANCE);
    }
  }

  private static void close(String what, double actual, JsonNode expected, double tolerance) {
    double number = expected.asDouble();
    assertThat(actual).as(what).isCloseTo(number, within(tolerance * Math.abs(number) + 1e-15));
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum;
  }

  private static double absolute(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += Math.abs(v);
    }
    return sum;
  }

  /** Fifty pairs of boxes and named special ones: four overlaps with their gradients. */
  @Test
  void overlapsAndTheirGradientsAreThoseOfPyTorch() {
    Path file = Reference.require("oracles/training/pytorch/ious/box_pairs.tsv");
    // Where edges coincide PyTorch halves the gradient; such boxes have no derivative.
    Set<String> kinks = Set.of("identical", "touching_edge", "shared_left_edge");
    ExactBoxGradient exact = new ExactBoxGradient();
    List<Table.Row> rows = Table.read(file);
    assertThat(rows).hasSize(58);
    for (Table.Row row : rows) {
      CentredBox p = box(row, "p");
      CentredBox t = box(row, "t");
      for (IouLoss kind : List.of(IouLoss.IOU, IouLoss.GIOU, IouLoss.DIOU, IouLoss.CIOU)) {
        String name = kind.name().toLowerCase(java.util.Locale.ROOT);
        String what = row.text("name") + " " + name;
        assertThat(overlap(kind, p, t)).as(what).isCloseTo(row.number(name), within(1e-12));
        if (!kinks.contains(row.text("name"))) {
          Direction d = exact.of(p, t, kind);
          assertThat(d.dx()).as(what).isCloseTo(row.number(name + "_dx"), within(1e-12));
          assertThat(d.dy()).as(what).isCloseTo(row.number(name + "_dy"), within(1e-12));
          assertThat(d.dw()).as(what).isCloseTo(row.number(name + "_dw"), within(1e-12));
          assertThat(d.dh()).as(what).isCloseTo(row.number(name + "_dh"), within(1e-12));
        }
      }
    }
  }

  private static CentredBox box(Table.Row row, String prefix) {
    return new CentredBox(
        row.number(prefix + "x"),
        row.number(prefix + "y"),
        row.number(prefix + "w"),
        row.number(prefix + "h"));
  }

  private static double overlap(IouLoss kind, CentredBox p, CentredBox t) {
    return switch (kind) {
      case MSE, IOU -> Overlap.iou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case GIOU -> Overlap.giou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case DIOU -> Overlap.diou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
      case CIOU -> Overlap.ciou(p.x(), p.y(), p.w(), p.h(), t.x(), t.y(), t.w(), t.h());
    };
  }
}
