package dev.peregrine.yolo.darknet;

import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Reads what a {@code [yolo]} or {@code [Gaussian_yolo]} section says of its head. */
final class HeadReader {
  private HeadReader() {}

  static HeadSpec head(SectionReader in) {
    List<Anchor> anchors = anchors(in);
    List<Integer> mask = mask(in, anchors.size());
    int classes = in.positive("classes", 20);
    if (mask.size() * (classes + 9L) > Integer.MAX_VALUE) {
      throw in.error("classes", "classes=" + classes + " would need more than 2^31 channels");
    }
    boolean gaussian = isGaussian(in);
    return new HeadSpec(
        classes,
        anchors,
        mask,
        in.decimal("scale_x_y", 1),
        !gaussian && in.flag("new_coords", false),
        gaussian,
        training(in));
  }

  private static boolean isGaussian(SectionReader in) {
    return in.type().equals("Gaussian_yolo");
  }

  private static List<Anchor> anchors(SectionReader in) {
    List<Double> numbers = in.requiredDecimals("anchors");
    int count = in.positive("num", 1);
    // A published file (cspx-p7-mish) has more anchors than its num=, and masks that name them.
    if (numbers.size() < 2L * count || numbers.size() % 2 != 0) {
      throw in.error(
          "anchors",
          "anchors= has "
              + numbers.size()
              + " numbers, but num="
              + count
              + " needs "
              + 2L * count
              + ", a width and a height each");
    }
    List<Anchor> anchors = new ArrayList<>();
    for (int i = 0; i < numbers.size() / 2; i++) {
      Anchor anchor = new Anchor(numbers.get(2 * i), numbers.get(2 * i + 1));
      if (anchor.width() <= 0 || anchor.height() <= 0) {
        throw in.error("anchors", "anchor " + i + " must have a positive width and height");
      }
      anchors.add(anchor);
    }
    return List.copyOf(anchors);
  }

  private static List<Integer> mask(SectionReader in, int anchors) {
    List<Integer> mask = in.integers("mask");
    if (mask.isEmpty()) {
      return IntStream.range(0, in.positive("num", 1)).boxed().toList();
    }
    for (int anchor : mask) {
      if (anchor < 0 || anchor >= anchors) {
        throw in.error(
            "mask",
            "mask= names anchor "
                + anchor
                + ", but there are "
                + anchors
                + " anchors, numbered from 0");
      }
    }
    return mask;
  }

  private static HeadTraining training(SectionReader in) {
    return new HeadTraining(
        in.decimal("ignore_thresh", 0.5),
        in.decimal("truth_thresh", 1),
        in.decimal("iou_thresh", 1),
        in.choice("iou_loss", IouLoss.MSE),
        in.decimal("iou_normalizer", 0.75),
        in.decimal("obj_normalizer", 1),
        in.decimal("cls_normalizer", 1),
        in.has("max_delta") ? in.decimal("max_delta", 0) : Double.POSITIVE_INFINITY,
        !isGaussian(in) && in.flag("objectness_smooth", false),
        in.decimal("label_smooth_eps", 0),
        !isGaussian(in) && in.flag("focal_loss", false),
        in.choice("iou_thresh_kind", IouLoss.IOU),
        isGaussian(in) ? in.decimal("uc_normalizer", 1) : 1);
  }

  static YoloOptions options(SectionReader in) {
    String kind = in.text("nms_kind", "default");
    return new YoloOptions(
        switch (kind) {
          case "default" -> NonMaximumSuppression.Kind.PLAIN;
          case "greedynms" -> NonMaximumSuppression.Kind.GREEDY;
          case "diounms" -> NonMaximumSuppression.Kind.DIOU;
          default -> throw in.notOneOf("nms_kind", "default, greedynms, diounms");
        },
        in.decimal("beta_nms", 0.6),
        in.positive("max", isGaussian(in) ? 90 : 200),
        in.decimal("jitter", 0.2),
        in.decimal("resize", 1),
        in.decimal("random", 0));
  }
}
