package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Params;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.box.NonMaximumSuppression.Kind;
import dev.peregrine.yolo.box.Overlap;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Placement;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Several looks at a picture, and heads of every number of levels, on a network of known answers.
 */
class ViewTest {
  private static final double NEAR = 1e-3;

  /** A detector of everything that is surely white; nothing is suppressed. */
  private static Detector detector(SpotModel model, View... views) {
    NonMaximumSuppression none = NonMaximumSuppression.of(Kind.PLAIN, 1);
    return Detector.of(model, Params.create(0))
        .names(List.of("spot"))
        .with(
            new Detector.Settings(
                model.inputSize(),
                model.resize(),
                .9f,
                none,
                views.length == 0 ? View.PLAIN : List.of(views)));
  }

  private static SpotModel spots(Resize resize, int height, int width) {
    return new SpotModel(List.of(32), 1, true, resize, new InputSize(height, width));
  }

  /** Black, but white in a rectangle. */
  private static Image picture(int width, int height, int left, int top, int right, int bottom) {
    Image image = new Image(width, height);
    for (int y = top; y < bottom; y++) {
      for (int i = 3 * left; i < 3 * right; i++) {
        image.rgb()[3 * y * width + i] = 1;
      }
    }
    return image;
  }

  private static Image mirrored(Image image) {
    Image other = new Image(image.width(), image.height());
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int from = 3 * (y * image.width() + x);
        int to = 3 * (y * image.width() + image.width() - 1 - x);
        System.arraycopy(image.rgb(), from, other.rgb(), to, 3);
      }
    }
    return other;
  }

  private static void assertOne(
      Detector detector, Image image, double x, double y, double width, double height) {
    List<Detection> found = detector.detect(image);
    Box box = Box.ofCenter(x, y, width, height);
    assertThat(found).hasSize(1).allMatch(d -> isNear(d.box(), box), box.toString());
  }

  private static boolean isNear(Box a, Box b) {
    return Math.abs(a.x1() - b.x1()) < NEAR
        && Math.abs(a.y1() - b.y1()) < NEAR
        && Math.abs(a.x2() - b.x2()) < NEAR
        && Math.abs(a.y2() - b.y2()) < NEAR;
  }

  /** 128 x 128 pixels, white in the upper left quarter; anchors of 16 x 8 network pixels. */
  @Test
  void boxesOfViewsByHand() {
    Image image = picture(128, 128, 0, 0, 64, 64);
    SpotModel model = spots(Resize.STRETCH, 128, 128);
    List<Detection> whole = detector(model, new View(1, false)).detect(image);
    assertThat(whole).hasSize(4);
    assertThat(detector(model, new View(1, true)).detect(image))
        .containsExactlyInAnyOrderElementsOf(whole);
    // Half the size: the quarter is one cell, its middle 16 of 64 network pixels.
    assertOne(detector(model, new View(.5, false)), image, 32, 32, 32, 16);
    assertOne(detector(model, new View(.5, true)), image, 32, 32, 32, 16);
    // 85 of 128 pixels, filled up to 96: a network pixel is 128 / 85 of the picture's.
    assertOne(
        detector(model, new View(.67, false)),
        image,
        2048 / 85.,
        2048 / 85.,
        2048 / 85.,
        1024 / 85.);
    // 106 of 128 pixels: the mirrored quarter is columns 53 to 106, of which cell 2 is covered.
    assertOne(
        detector(model, new View(.83, true)),
        image,
        128 - 80 * 128 / 106.,
        2048 / 106.,
        2048 / 106.,
        1024 / 106.);
    // Twice the size: 4 x 4 cells in the quarter.
    assertThat(detector(model, new View(2, false)).detect(image))
        .hasSizeBetween(9, 16)
        .allMatch(d -> Math.abs(d.box().width() - 8) < NEAR);
  }

  @Test
  void viewsAreJoinedBeforeSuppression() {
    Image image = picture(128, 128, 0, 0, 64, 64);
    SpotModel model = spots(Resize.STRETCH, 128, 128);
    List<Detection> each = new ArrayList<>();
    for (View view : View.AUGMENTED) {
      each.addAll(detector(model, view).detect(image));
    }
    Detector augmented = detector(model).views(View.AUGMENTED);
    assertThat(augmented.detect(image)).containsExactlyInAnyOrderElementsOf(each);
    Image other = picture(100, 60, 10, 10, 90, 50);
    assertThat(augmented.detect(List.of(other, image)))
        .containsExactly(augmented.detect(other), augmented.detect(image));
    Detector.Settings settings = augmented.settings();
    NonMaximumSuppression one = new NonMaximumSuppression(Kind.PLAIN, 0, 1, 1, true, 1);
    assertThat(
            augmented
                .with(
                    new Detector.Settings(
                        settings.size(), settings.resize(), .9f, one, settings.views()))
                .detect(image))
        .hasSize(1);
  }

  /** A mirrored look at a picture sees what a plain look at the mirrored picture sees. */
  @ParameterizedTest
  @EnumSource(Resize.class)
  void mirroringIsExactForEveryWayToFit(Resize resize) {
    SplittableRandom random = new SplittableRandom(4);
    int found = 0;
    for (int i = 0; i < 12; i++) {
      int width = 60 + random.nextInt(150);
      int height = 60 + random.nextInt(150);
      int left = random.nextInt(width / 3);
      int top = random.nextInt(height / 3);
      Image image = picture(width, height, left, top, left + width / 2, top + height / 2);
      SpotModel model = spots(resize, 128, 160);
      double scale = .6 + .8 * random.nextDouble();
      List<Detection> actual = detector(model, new View(scale, true)).detect(image);
      List<Detection> expected = detector(model, new View(scale, false)).detect(mirrored(image));
      assertThat(actual).hasSameSizeAs(expected);
      for (Detection d : expected) {
        Box box = new Box(width - d.box().x2(), d.box().y1(), width - d.box().x1(), d.box().y2());
        assertThat(actual).anyMatch(other -> isNear(other.box(), box));
      }
      found += expected.size();
    }
    assertThat(found).isGreaterThan(10);
  }

  /** Two to five heads of three or four anchors each, in either order and both coordinates. */
  @ParameterizedTest
  @CsvSource({
    "2, 3, true, false",
    "2, 3, false, true",
    "3, 3, true, false",
    "3, 4, false, false",
    "4, 4, true, false",
    "5, 4, true, false",
    "5, 3, false, true"
  })
  void everyLevelHasItsStride(
      int levels, int anchors, boolean newCoordinates, boolean coarseFirst) {
    List<Integer> strides = IntStream.range(0, levels).mapToObj(i -> 8 << i).toList();
    SpotModel model =
        new SpotModel(
            coarseFirst ? strides.reversed() : strides,
            anchors,
            newCoordinates,
            Resize.STRETCH,
            new InputSize(128, 256));
    List<Detection> found = detector(model).detect(picture(256, 128, 0, 0, 256, 128));
    int expected = strides.stream().mapToInt(s -> 256 / s * 128 / s * anchors).sum();
    assertThat(found).hasSize(expected);
    for (int stride : strides) {
      for (int n = 0; n < anchors; n++) {
        double width = stride / (n + 2.0);
        for (int row = 0; row < 128 / stride; row++) {
          for (int column = 0; column < 256 / stride; column++) {
            Box box = Box.ofCenter((column + .5) * stride, (row + .5) * stride, width, width / 2);
            assertThat(found).anyMatch(d -> Overlap.iou(d.box(), box) > .999);
          }
        }
      }
    }
  }

  @Test
  void realWeightsSeeTheDogInEveryView() {
    Path weights = Reference.require("weights/yolov4-tiny-voc");
    Detector detector =
        Detector.load(
                weights.resolve("yolov4-tiny-voc.cfg"),
                weights.resolve("yolov4-tiny-voc-h2oxi.weights"))
            .confidence(.1);
    Image image = Images.read(Reference.require("images/dog.jpg"));
    Box plain = dog(detector, image).box();
    for (View view : View.AUGMENTED) {
      assertThat(Overlap.iou(dog(detector.views(List.of(view)), image).box(), plain))
          .as(view.toString())
          .isGreaterThan(.8);
    }
    Detection joined = dog(detector.views(View.AUGMENTED), image);
    assertThat(joined.score()).isGreaterThanOrEqualTo(dog(detector, image).score());
  }

  private static Detection dog(Detector detector, Image image) {
    return detector.detect(image).stream()
        .filter(d -> d.name().equals("dog"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void sizesAndErrors() {
    InputSize size = new InputSize(320, 416);
    assertThat(new View(1, true).inputSize(size, 32)).isEqualTo(size);
    assertThat(new View(.83, true).inputSize(size, 32)).isEqualTo(new InputSize(288, 352));
    assertThat(new View(.67, false).inputSize(size, 128)).isEqualTo(new InputSize(256, 384));
    assertThat(new View(.001, false).inputSize(size, 64)).isEqualTo(InputSize.square(64));
    for (double scale : new double[] {0, -1, Double.NaN, 17}) {
      assertThatThrownBy(() -> new View(scale, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("scale above 0");
    }
    assertThatThrownBy(() -> detector(spots(Resize.STRETCH, 64, 64)).views(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("View.PLAIN");
    Placement placement = Placement.letterbox(100, 50, 64, 64).extended(96, 64);
    assertThat(placement.relativeX(32 / 96.)).isEqualTo(.5);
    assertThat(placement.relativeWidth(64 / 96.)).isEqualTo(1);
    assertThat(placement.networkX(.5)).isEqualTo(32 / 96.);
    assertThatThrownBy(() -> placement.extended(64, 64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be extended to 64 x 64");
  }
}
