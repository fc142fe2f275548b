package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.testkit.Reference;
import dev.peregrine.testkit.TestDevices;
import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.box.Overlap;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.InputSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Detections of trained networks on real pictures, against darknet's. */
class DetectorTest {
  private static final double SCORE = 0.01;

  @ParameterizedTest
  @CsvSource({
    "yolov4-tiny-voc, yolov4-tiny-voc, 416, 416, false, 0.25",
    "yolov4-tiny-voc__608, yolov4-tiny-voc, 608, 608, false, 0.25",
    "yolov4-tiny-voc__320x224, yolov4-tiny-voc, 224, 320, false, 0.25",
    "yolov4-tiny-voc__letterbox, yolov4-tiny-voc, 416, 416, true, 0.25",
    "yolov4-tiny-voc__thresh0.01, yolov4-tiny-voc, 416, 416, false, 0.01",
    "yolo-fastest-1.0-coco, yolo-fastest-1.0-coco, 320, 320, false, 0.25",
    "yolo-fastest-1.1-coco, yolo-fastest-1.1-coco, 320, 320, false, 0.25",
    "yolo-fastest-1.1-xl-coco, yolo-fastest-1.1-xl-coco, 320, 320, false, 0.25",
    "mobilenetv2-yolov3-nano-voc, mobilenetv2-yolov3-nano-voc, 320, 320, false, 0.25",
    "yoloface-50k, yoloface-50k, 56, 56, false, 0.25",
  })
  void findsWhatDarknetFinds(
      String oracle, String weights, int height, int width, boolean letterbox, double threshold)
      throws IOException {
    Detector loaded = load(Reference.require("weights/" + weights));
    Detector detector =
        loaded.with(
            new Detector.Settings(
                new InputSize(height, width),
                letterbox ? Resize.LETTERBOX : loaded.settings().resize(),
                (float) threshold,
                loaded.settings().suppression()));
    List<Path> tables;
    try (var files = Files.list(Reference.require("oracles/detections/" + oracle))) {
      tables = files.filter(file -> file.toString().endsWith(".dets.tsv")).sorted().toList();
    }
    assertThat(tables).isNotEmpty();
    for (Path table : tables) {
      String picture = table.getFileName().toString().replace(".dets.tsv", ".jpg");
      Image image = Images.read(Reference.require("images/" + picture));
      compare(oracle + "/" + picture, detector.detect(image), expected(table, image), threshold);
    }
  }

  /** The same objects as on the CPU: scores and overlaps within 2e-3. */
  @Test
  void findsTheSameOnOpenCl() throws IOException {
    findsTheSame(TestDevices.openCl(), 2e-3);
  }

  /** With values and filters in f16 scores and overlaps are within 5e-3. */
  @Test
  void findsTheSameWithValuesInHalves() throws IOException {
    assertThat(TestDevices.openCl().storage()).isEqualTo(DType.F32);
    findsTheSame(Devices.open("opencl:@fp16"), 5e-3);
  }

  private static void findsTheSame(Device device, double tolerance) throws IOException {
    Detector cpu = load(Reference.require("weights/yolov4-tiny-voc"));
    Detector openCl = cpu.on(device);
    List<Path> pictures;
    try (var files = Files.list(Reference.require("oracles/detections/yolov4-tiny-voc"))) {
      pictures =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(".dets.tsv"))
              .sorted()
              .map(file -> Reference.require("images/" + file.replace(".dets.tsv", ".jpg")))
              .toList();
    }
    assertThat(pictures).isNotEmpty();
    for (Path picture : pictures) {
      Image image = Images.read(picture);
      List<Detection> expected = cpu.detect(image);
      List<Detection> actual = openCl.detect(image);
      assertThat(actual).as(picture.toString()).hasSameSizeAs(expected);
      for (int i = 0; i < expected.size(); i++) {
        Detection want = expected.get(i);
        Detection have = actual.get(i);
        assertThat(have.classIndex()).isEqualTo(want.classIndex());
        assertThat((double) have.score()).isCloseTo(want.score(), within(tolerance));
        assertThat(Overlap.iou(have.box(), want.box())).isGreaterThan(1 - tolerance);
      }
    }
  }

  /** Two devices, each with a detector and a thread of its own, at the same time. */
  @Test
  void eachDeviceHasADetectorOfItsOwn() throws IOException {
    Detector cpu = load(Reference.require("weights/yolov4-tiny-voc"));
    List<Detector> detectors = List.of(cpu.on(TestDevices.openCl()), cpu.on(TestDevices.openCl()));
    Image image = Images.read(Reference.require("images/dog.jpg"));
    List<Detection> alone = detectors.getFirst().detect(image);
    assertThat(alone).isNotEmpty();
    List<List<Detection>> found =
        detectors.parallelStream().map(detector -> detector.detect(image)).toList();
    assertThat(found).containsExactly(alone, alone);
  }

  private static Detector load(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      List<Path> all = files.sorted().toList();
      Path cfg =
          all.stream()
              .filter(file -> file.toString().endsWith(".cfg"))
              .reduce((a, b) -> a.toString().length() < b.toString().length() ? a : b)
              .orElseThrow();
      Path weights =
          all.stream()
              .filter(file -> file.toString().endsWith(".weights"))
              .findFirst()
              .orElseThrow();
      return Detector.load(cfg, weights);
    }
  }

  private static List<Detection> expected(Path table, Image image) throws IOException {
    List<Detection> detections = new ArrayList<>();
    for (String line : Files.readAllLines(table)) {
      if (line.startsWith("#") || line.startsWith("class")) {
        continue;
      }
      String[] f = line.split("\t");
      Box box =
          Box.ofCenter(
                  Double.parseDouble(f[4]) * image.width(),
                  Double.parseDouble(f[5]) * image.height(),
                  Double.parseDouble(f[6]) * image.width(),
                  Double.parseDouble(f[7]) * image.height())
              .clip(image.width(), image.height());
      detections.add(new Detection(Integer.parseInt(f[0]), f[1], Float.parseFloat(f[2]), box));
    }
    return detections;
  }

  private static void compare(
      String where, List<Detection> actual, List<Detection> expected, double threshold) {
    List<Detection> rest = new ArrayList<>(actual);
    for (Detection want : expected) {
      Detection best = null;
      double most = 0;
      for (Detection have : rest) {
        double overlap = Overlap.iou(have.box(), want.box());
        if (have.classIndex() == want.classIndex() && overlap > most) {
          best = have;
          most = overlap;
        }
      }
      if (best == null || most < 0.98) {
        // A detection whose score is at the threshold may come or go.
        assertThat((double) want.score())
            .as("%s lacks %s (best overlap %s)", where, want, most)
            .isLessThan(threshold + SCORE);
        continue;
      }
      rest.remove(best);
      assertThat((double) best.score())
          .as("%s: score of %s", where, want)
          .isCloseTo(want.score(), within(SCORE));
    }
    for (Detection extra : rest) {
      assertThat((double) extra.score())
          .as("%s has besides %s", where, extra)
          .isLessThan(threshold + SCORE);
    }
  }
}
