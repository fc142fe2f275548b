package dev.peregrine.yolo.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.data.Label;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShapesDataSetTest {

  /** Points on a grid of 1/16 pixel that are inside reach to within one step of every edge. */
  @ParameterizedTest
  @EnumSource
  void boundsAreTheExtentsOfTheFigure(Shape.Kind kind) {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 5; round++) {
      Shape shape =
          new Shape(
              kind,
              20 + random.nextDouble(),
              21 + random.nextDouble(),
              6 + 9 * random.nextDouble(),
              7 * random.nextDouble());
      double left = 99;
      double right = -99;
      double top = 99;
      double bottom = -99;
      double step = 1.0 / 16;
      for (double y = 0; y < 42; y += step) {
        for (double x = 0; x < 42; x += step) {
          if (shape.contains(x, y)) {
            left = Math.min(left, x);
            right = Math.max(right, x);
            top = Math.min(top, y);
            bottom = Math.max(bottom, y);
          }
        }
      }
      Box box = shape.bounds();
      // A corner may be so sharp that the last grid row misses its tip.
      double reach = kind == Shape.Kind.STAR ? 5 * step : 3 * step;
      assertThat(left).isBetween(box.x1() - 1e-4, box.x1() + reach);
      assertThat(right).isBetween(box.x2() - reach, box.x2() + 1e-4);
      assertThat(top).isBetween(box.y1() - 1e-4, box.y1() + reach);
      assertThat(bottom).isBetween(box.y2() - reach, box.y2() + 1e-4);
    }
  }

  /** Area of a regular figure by its formula against the sum of covered pixels. */
  @Test
  void coverageAddsUpToTheArea() {
    double r = 20.3;
    double[] areas = {
      Math.PI * r * r,
      2 * r * r,
      3 * Math.sqrt(3) / 4 * r * r,
      5 * 0.45 * r * r * Math.sin(Math.PI / 5)
    };
    for (Shape.Kind kind : Shape.Kind.values()) {
      double sum = 0;
      for (float c : new Shape(kind, 32.2, 31.7, r, 0.4).coverage(64, 64)) {
        sum += c;
      }
      assertThat(sum).as(kind.label()).isCloseTo(areas[kind.ordinal()], within(3.0));
    }
  }

  @Test
  void everyFigureIsInsideAndMostlyVisible() {
    ShapesDataSet set = new ShapesDataSet(40, 1, 128, 7);
    Set<Shape.Kind> seen = EnumSet.noneOf(Shape.Kind.class);
    int overlapping = 0;
    for (int i = 0; i < set.train(); i++) {
      Scene scene = set.trainScene(i);
      assertThat(scene.shapes()).isNotEmpty().hasSizeLessThanOrEqualTo(5);
      for (int s = 0; s < scene.shapes().size(); s++) {
        Shape shape = scene.shapes().get(s);
        seen.add(shape.kind());
        Label label = scene.labels().get(s);
        assertThat(label.classIndex()).isEqualTo(shape.kind().ordinal());
        assertThat(label.left()).isGreaterThanOrEqualTo(0);
        assertThat(label.top()).isGreaterThanOrEqualTo(0);
        assertThat(label.right()).isLessThanOrEqualTo(1);
        assertThat(label.bottom()).isLessThanOrEqualTo(1);
        float[] own = shape.coverage(128, 128);
        double whole = 0;
        double visible = 0;
        for (int p = 0; p < own.length; p++) {
          whole += own[p];
          double left = own[p];
          for (Shape front : scene.shapes().subList(s + 1, scene.shapes().size())) {
            if (left > 0) {
              left *= front.contains(p % 128 + 0.5, Math.floorDiv(p, 128) + 0.5) ? 0 : 1;
            }
          }
          visible += left;
        }
        assertThat(visible / whole).isGreaterThan(0.72);
        overlapping += visible < whole ? 1 : 0;
      }
    }
    assertThat(seen).hasSize(4);
    assertThat(overlapping).as("some figures do overlap").isPositive();
  }

  /** The figure's pixels differ from the background: a detector has something to see. */
  @Test
  void figuresStandOut() {
    Scene scene = new ShapesDataSet(1, 1, 128, 1).trainScene(0);
    Shape shape = scene.shapes().getLast();
    double[] inside = new double[4];
    double[] outside = new double[4];
    for (int p = 0; p < 128 * 128; p++) {
      double x = p % 128 + 0.5;
      double y = Math.floorDiv(p, 128) + 0.5;
      boolean any = scene.shapes().stream().anyMatch(s -> s.scaled(1.3).contains(x, y));
      double[] sums = shape.contains(x, y) ? inside : any ? new double[4] : outside;
      sums[3]++;
      for (int c = 0; c < 3; c++) {
        sums[c] += scene.image().rgb()[3 * p + c];
      }
    }
    double distance = 0;
    for (int c = 0; c < 3; c++) {
      distance += Math.abs(inside[c] / inside[3] - outside[c] / outside[3]);
    }
    assertThat(distance).isGreaterThan(0.2);
  }

  @Test
  void theSameSeedWritesTheSameBytes(@TempDir Path folder) throws IOException {
    new ShapesDataSet(6, 3, 64, 11).write(folder.resolve("a"));
    Path yaml = new ShapesDataSet(6, 3, 64, 11).write(folder.resolve("b"));
    new ShapesDataSet(6, 3, 64, 12).write(folder.resolve("c"));
    List<Path> files = files(folder.resolve("a"));
    assertThat(files).hasSize(9 + 9 + 1).isEqualTo(files(folder.resolve("b")));
    for (Path file : files) {
      assertThat(folder.resolve("a").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("b").resolve(file));
    }
    Path first = Path.of("images/train/00000.jpg");
    assertThat(Files.readAllBytes(folder.resolve("a").resolve(first)))
        .isNotEqualTo(Files.readAllBytes(folder.resolve("c").resolve(first)));
    assertThat(Files.readString(yaml))
        .contains("train: images/train", "val: images/val", "  3: star");
    assertThat(Files.readAllLines(folder.resolve("a/labels/train/00000.txt")))
        .isNotEmpty()
        .allMatch(line -> line.matches("[0-3]( 0\\.\\d{6}){4}"));
  }

  @Test
  void morePicturesDoNotChangeTheFirstOnes() {
    float[] few = new ShapesDataSet(1, 1, 64, 3).trainScene(0).image().rgb();
    assertThat(new ShapesDataSet(500, 90, 64, 3).trainScene(0).image().rgb()).isEqualTo(few);
    assertThat(new ShapesDataSet(1, 1, 64, 3).valScene(0).image().rgb()).isNotEqualTo(few);
    assertThatThrownBy(() -> new ShapesDataSet(1, 0, 64, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Path> files(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(folder)) {
      walk.filter(Files::isRegularFile).map(folder::relativize).sorted().forEach(files::add);
    }
    return files;
  }
}
