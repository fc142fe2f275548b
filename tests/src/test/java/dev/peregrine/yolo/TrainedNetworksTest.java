package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.box.Overlap;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.model.DetectionModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every trained network through every format: the same bytes come back, and the same objects are
 * found on all pictures. That those of {@code .weights} are darknet's is held by {@link
 * DetectorTest}.
 */
class TrainedNetworksTest {
  private static final String TINY =
      "yolov4-tiny-voc/yolov4-tiny-voc.cfg, yolov4-tiny-voc/yolov4-tiny-voc-h2oxi.weights";
  private static final String FASTEST =
      "yolo-fastest-1.0-coco/yolo-fastest.cfg, yolo-fastest-1.0-coco/yolo-fastest.weights";
  private static final String FASTEST_11 =
      "yolo-fastest-1.1-coco/yolo-fastest-1.1.cfg, yolo-fastest-1.1-coco/yolo-fastest-1.1.weights";
  private static final String FASTEST_XL =
      "yolo-fastest-1.1-xl-coco/yolo-fastest-1.1-xl.cfg,"
          + " yolo-fastest-1.1-xl-coco/yolo-fastest-1.1-xl.weights";
  private static final String MOBILENET =
      "mobilenetv2-yolov3-nano-voc/MobileNetV2-YOLOv3-Nano-voc.cfg,"
          + " mobilenetv2-yolov3-nano-voc/MobileNetV2-YOLOv3-Nano-voc.weights";
  private static final String FACE =
      "yoloface-50k/yoloface-50k.cfg, yoloface-50k/yoloface-50k.weights";

  @TempDir private Path folder;

  /** A network of the reference data. */
  private record Network(CfgModel model, Path weights) {
    static Network of(String files) {
      int comma = files.indexOf(',');
      return of(files.substring(0, comma), files.substring(comma + 1).strip());
    }

    static Network of(String cfg, String weights) {
      return new Network(
          new CfgModel(CfgFile.read(Reference.require("weights/" + cfg))),
          Reference.require("weights/" + weights));
    }

    Models.Trained read(Path file) {
      Params params = Models.blank(model);
      WeightFiles.load(model, params, file, false);
      return new Models.Trained(model, params, ClassNames.defaults(model.classes()));
    }
  }

  private static Stream<Image> pictures() {
    try (Stream<Path> files = Files.list(Reference.require("images"))) {
      return files.sorted().toList().stream().map(Images::read);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static List<List<Detection>> found(DetectionModel model, Params params, double least) {
    Detector detector = Detector.of(model, params).confidence(least);
    return pictures().map(detector::detect).toList();
  }

  @ParameterizedTest
  @CsvSource({TINY, FASTEST, FASTEST_11, FASTEST_XL, MOBILENET, FACE})
  void everyFormatHoldsTheSameNetwork(String cfg, String weights) throws IOException {
    Network network = Network.of(cfg, weights);
    Models.Trained original = network.read(network.weights());
    Map<String, String> header = WeightFiles.texts(network.weights());
    List<List<Detection>> expected = found(network.model(), original.params(), 0.25);
    assertThat(expected.stream().mapToInt(List::size).sum()).isPositive();

    Path tensors = folder.resolve("x.safetensors");
    WeightFiles.save(original, header, FloatFormat.F32, tensors);
    Models.Trained own = Models.load(tensors);
    assertThat(found(own.model(), own.params(), 0.25)).isEqualTo(expected);
    Path back = folder.resolve("back.weights");
    WeightFiles.save(own, WeightFiles.texts(tensors), FloatFormat.F32, back);
    assertThat(back).hasSameBinaryContentAs(network.weights());

    Path torch = folder.resolve("x.pt");
    WeightFiles.save(original, header, FloatFormat.F32, torch);
    Models.Trained torchs = network.read(torch);
    assertThat(found(network.model(), torchs.params(), 0.25)).isEqualTo(expected);
    WeightFiles.save(torchs, header, FloatFormat.F32, back);
    assertThat(back).hasSameBinaryContentAs(network.weights());
  }

  /**
   * Rounded numbers find the same objects, but for those near the threshold.
   *
   * <p>Largest differences measured over all six networks and pictures: half precision 0.008 in a
   * score, 0.997 in overlap; the eight bits of bf16 0.058 in a score, 0.69 in overlap, where
   * another box of the same object became the best one.
   */
  @ParameterizedTest
  @CsvSource({TINY, FASTEST, FASTEST_11, FASTEST_XL, MOBILENET, FACE})
  void roundedNumbersFindAlmostTheSame(String cfg, String weights) {
    Network network = Network.of(cfg, weights);
    Models.Trained original = network.read(network.weights());
    Path tensors = folder.resolve("x.safetensors");
    WeightFiles.save(original, Map.of(), FloatFormat.F16, tensors);
    compare(network.model(), network.read(tensors).params(), original.params(), 0.012, 0.98);
    Path torch = folder.resolve("x.pth");
    WeightFiles.save(original, Map.of(), FloatFormat.BF16, torch);
    compare(network.model(), network.read(torch).params(), original.params(), 0.08, 0.6);
  }

  /** The same of files that PyTorch and the safetensors library wrote. */
  @ParameterizedTest
  @CsvSource({
    "yolo-fastest.f32.safetensors, 0, 1",
    "yolo-fastest.legacy.pt, 0, 1",
    "yolo-fastest.f16.state_dict.pth, 0.012, 0.98",
    "yolo-fastest.bf16.safetensors, 0.08, 0.6",
    "yolov4-tiny-voc.f16.pt, 0.012, 0.98"
  })
  void filesOfOtherProgramsFindTheSame(String file, double score, double overlap) {
    Network network = Network.of(file.startsWith("yolo-fastest") ? FASTEST : TINY);
    Models.Trained original = network.read(network.weights());
    Models.Trained other = network.read(Reference.require("weights/formats/" + file));
    compare(network.model(), other.params(), original.params(), score, overlap);
  }

  private static void compare(
      DetectionModel model, Params params, Params original, double score, double overlap) {
    double least = 0.25;
    List<List<Detection>> expected = found(model, original, least);
    List<List<Detection>> found = found(model, params, least - score);
    for (int picture = 0; picture < expected.size(); picture++) {
      for (Detection want : expected.get(picture)) {
        if (want.score() < least + score) {
          continue;
        }
        assertThat(found.get(picture))
            .as("picture %d: %s", picture, want)
            .anySatisfy(have -> {
              assertThat(have.classIndex()).isEqualTo(want.classIndex());
              assertThat(Math.abs(have.score() - want.score())).isLessThanOrEqualTo((float) score);
              assertThat(Overlap.iou(have.box(), want.box())).isGreaterThanOrEqualTo(overlap);
            });
      }
      long sure = found.get(picture).stream().filter(d -> d.score() > least + score).count();
      assertThat(sure).isLessThanOrEqualTo(expected.get(picture).size());
    }
  }

  /** A network with other classes takes over all but its heads, from every format. */
  @ParameterizedTest
  @ValueSource(strings = {"x.safetensors", "x.pt"})
  void partOfANetworkIsTakenOver(String file) {
    Network network = Network.of(TINY);
    Models.Trained original = network.read(network.weights());
    Path from = folder.resolve(file);
    WeightFiles.save(original, Map.of(), FloatFormat.F32, from);
    DetectionModel other = Models.named("yolov4-tiny", 3);
    // Our own files have paths, which differ between a cfg and a network written in Java.
    CfgModel model = new CfgModel(dev.peregrine.yolo.darknet.CfgOfModel.of(other));
    Params params = Models.initialize(model, 1);
    float[] head = params.entry("layer.29.weight").value().floats();
    WeightFiles.Loaded loaded = WeightFiles.load(model, params, from, true);
    long heads = 24 * (512 + 1) + 24 * (256 + 1);
    assertThat(loaded.all() - loaded.taken()).isEqualTo(heads);
    assertThat(params.entry("layer.29.weight").value().floats()).isEqualTo(head);
    for (String path : List.of("layer.0.weight", "layer.28.variance", "layer.35.gamma")) {
      assertThat(
              Arrays.equals(
                  params.entry(path).value().floats(),
                  original.params().entry(path).value().floats()))
          .as(path)
          .isTrue();
    }
  }
}
