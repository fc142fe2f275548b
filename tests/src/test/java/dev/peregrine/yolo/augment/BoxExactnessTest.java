package dev.peregrine.yolo.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Resize;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A box painted into a picture is where the label says after every augmentation. */
class BoxExactnessTest {
  private static final int WIDTH = 256;
  private static final int HEIGHT = 192;

  private record Case(String name, Augmentation augmentation, double tolerance) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("plain stretch", new PlainAugmentation(Resize.STRETCH), 1.6),
        new Case("plain letterbox", new PlainAugmentation(Resize.LETTERBOX), 1.6),
        new Case("plain torch letterbox", new PlainAugmentation(Resize.TORCH_LETTERBOX), 1.1),
        new Case("darknet still", darknet(0, 1, false, 0, false), 1.1),
        new Case("darknet jitter", darknet(.3, 1, true, 0, false), 1.6),
        new Case("darknet jitter and zoom", darknet(.2, 1.5, true, 0, false), 1.6),
        new Case("darknet letterbox", darknet(.1, 1.5, true, 0, true), 1.6),
        new Case("darknet mosaic", darknet(.3, 1, true, 1, false), 1.6),
        new Case("darknet mosaic with zoom", darknet(.2, 1.5, true, 1, false), 1.6),
        new Case("darknet mosaic of letterboxes", darknet(.1, 1.5, true, 1, true), 1.6),
        new Case("torch single", torch(0, false), 2.1),
        new Case("torch mosaic", torch(1, false), 2.1),
        new Case("torch mosaic, moving centre", torch(1, true), 2.1));
  }

  private static Augmentation darknet(
      double jitter, double resize, boolean flip, double mosaic, boolean letterBox) {
    return new DarknetAugmentation(
        new DarknetSettings(jitter, resize, flip, 0, 1, 1, mosaic, true, 0, letterBox, 200));
  }

  private static Augmentation torch(double mosaic, boolean moving) {
    return new TorchAugmentation(
        new TorchSettings(0, 0, 0, 0, .3, .5, 0, .5, .5, mosaic, moving, 0));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void paintedBoxesAreWhereTheLabelsSay(Case example) {
    PaintedSource source = new PaintedSource(3);
    TrainingSampler sampler = new TrainingSampler(source, example.augmentation, 17);
    int compared = 0;
    int lost = 0;
    for (int epoch = 0; epoch < 2; epoch++) {
      for (int index = 0; index < source.size(); index++) {
        source.asked.clear();
        LabelledImage made = sampler.sample(epoch, index, WIDTH, HEIGHT);
        List<Integer> shown = source.asked;
        assertThat(shown.getFirst()).isEqualTo(index);
        if (new HashSet<>(shown).size() < shown.size()) {
          continue; // a picture stands there twice: its colour says nothing
        }
        for (Label label : made.labels()) {
          double[] found = source.find(made, label.classIndex());
          if (Math.min(label.width() * WIDTH, label.height() * HEIGHT) < 3) {
            continue;
          }
          assertThat(found).as("%s of picture %d", label, index).isNotNull();
          double[] told = {
            label.left() * WIDTH,
            label.top() * HEIGHT,
            label.right() * WIDTH,
            label.bottom() * HEIGHT
          };
          assertThat(found)
              .as("%s of picture %d, epoch %d", label, index, epoch)
              .containsExactly(told, within(example.tolerance));
          compared++;
        }
        for (int picture : shown) {
          boolean labelled =
              made.labels().stream().anyMatch(label -> label.classIndex() == picture);
          double[] found = labelled ? null : source.find(made, picture);
          lost += found != null && (found[2] - found[0]) * (found[3] - found[1]) > 400 ? 1 : 0;
        }
      }
    }
    assertThat(compared).isGreaterThan(30);
    // The PyTorch way drops boxes of which less than a fifth is left; the darknet way drops none.
    assertThat(lost).isLessThanOrEqualTo(example.name.startsWith("torch") ? compared / 5 : 0);
  }

  /** A turned box: the label is the upright box around it. */
  @Test
  void turnedAndShearedBoxes() {
    PaintedSource source = new PaintedSource(4);
    TorchSettings settings = new TorchSettings(0, 0, 0, 30, .05, .3, 10, 0, .5, 0, false, 0);
    TrainingSampler sampler = new TrainingSampler(source, new TorchAugmentation(settings), 5);
    int compared = 0;
    for (int index = 0; index < source.size(); index++) {
      LabelledImage made = sampler.sample(0, index, WIDTH, HEIGHT);
      for (Label label : made.labels()) {
        boolean whole =
            label.left() > 0.01
                && label.top() > 0.01
                && label.right() < 0.99
                && label.bottom() < 0.99;
        if (whole) {
          double[] told = {
            label.left() * WIDTH,
            label.top() * HEIGHT,
            label.right() * WIDTH,
            label.bottom() * HEIGHT
          };
          // A corner is blunted by half covered pixels.
          assertThat(source.find(made, index))
              .as("%s of picture %d", label, index)
              .containsExactly(told, within(3.5));
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(5);
  }
}
