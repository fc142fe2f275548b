package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.Reference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightsFileTest {
  // the small cfg's convolutions hold 248, 304, 160 and 126 numbers
  private static final int BYTES = 20 + 4 * (248 + 304 + 160 + 126);

  @TempDir private Path folder;
  private final CfgFile cfg = SmallCfg.cfg();

  private static List<LayerWeights> read(Path file, CfgFile cfg) {
    List<LayerWeights> layers = new ArrayList<>();
    WeightsFile.read(file, cfg, false, layers::add);
    return layers;
  }

  private static void write(Path file, WeightsFile.Header header, List<LayerWeights> layers) {
    Iterator<LayerWeights> next = layers.iterator();
    WeightsFile.write(
        file, header, layers.stream().map(LayerWeights::layer).toList(), _ -> next.next());
  }

  private static List<LayerWeights> formula(CfgFile cfg) {
    List<LayerWeights> layers = new ArrayList<>();
    FormulaWeights.SPLIT_MIX.fill(cfg, layers::add);
    return layers;
  }

  private Path complete() {
    Path file = folder.resolve("small.weights");
    write(file, WeightsFile.Header.current(1L << 40), formula(cfg));
    return file;
  }

  private Path ofLength(int bytes) throws IOException {
    return Files.write(
        folder.resolve("other.weights"), Arrays.copyOf(Files.readAllBytes(complete()), bytes));
  }

  private void assertRefused(Path file, boolean partial, String message) {
    List<LayerWeights> delivered = new ArrayList<>();
    assertThatThrownBy(() -> WeightsFile.read(file, cfg, partial, delivered::add))
        .isInstanceOf(FormatException.class)
        .hasMessage(file + ": " + message);
    assertThat(delivered).isEmpty();
  }

  @Test
  void readsTheArraysInTheFilesOrder() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0).putInt(2).putInt(5).putLong(77);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.putFloat(i);
    }
    Path file = Files.write(folder.resolve("a.weights"), bytes.array());
    List<LayerWeights> layers = new ArrayList<>();
    WeightsFile.Content content = WeightsFile.read(file, cfg, false, layers::add);
    assertThat(content).isEqualTo(new WeightsFile.Content(new WeightsFile.Header(0, 2, 5, 77), 10));
    assertThat(layers).extracting(w -> w.layer().index()).containsExactly(0, 1, 5, 8);
    LayerWeights stem = layers.getFirst();
    assertThat(stem.biases()).startsWith(0, 1).hasSize(8);
    assertThat(stem.scales()).startsWith(8, 9).hasSize(8);
    assertThat(stem.means()).startsWith(16, 17).hasSize(8);
    assertThat(stem.variances()).startsWith(24, 25).hasSize(8);
    assertThat(stem.weights()).startsWith(32, 33).hasSize(8 * 3 * 9);
    LayerWeights grouped = layers.get(1);
    assertThat(grouped.biases()).startsWith(248, 249).hasSize(16);
    assertThat(grouped.scales()).isEmpty();
    assertThat(grouped.weights()).startsWith(264, 265).hasSize(16 * 2 * 9);
    assertThat(layers.getLast().weights()).endsWith(837).hasSize(14 * 8);
  }

  @Test
  void writesWhatItReads() throws IOException {
    Path file = complete();
    assertThat(Files.size(file)).isEqualTo(BYTES);
    Path again = folder.resolve("again.weights");
    write(again, WeightsFile.header(file), read(file, cfg));
    assertThat(Files.mismatch(file, again)).isEqualTo(-1);
    try (var files = Files.list(folder)) {
      assertThat(files).as("nothing is left beside").containsExactlyInAnyOrder(file, again);
    }
  }

  @Test
  void oldHeadersHaveAShortCounter() {
    Path file = folder.resolve("old.weights");
    WeightsFile.Header old = new WeightsFile.Header(0, 1, 0, 3_000_000);
    write(file, old, formula(cfg));
    assertThat(file).hasSize(BYTES - 4);
    assertThat(WeightsFile.header(file)).isEqualTo(old);
    assertThat(read(file, cfg)).hasSize(4);
    assertThat(new WeightsFile.Header(1, 0, 0, 0).bytes()).isEqualTo(20);
  }

  @Test
  void backboneIsReadOnRequest() throws IOException {
    Path file = ofLength(20 + 4 * (248 + 304));
    assertRefused(
        file,
        false,
        "ends after layer 1 of small.cfg, which has 10 layers: a backbone? Read it as a partial"
            + " file to leave the other layers as they are");
    List<LayerWeights> layers = new ArrayList<>();
    WeightsFile.Content content = WeightsFile.read(file, cfg, true, layers::add);
    assertThat(content.layers()).isEqualTo(2);
    assertThat(layers).hasSize(2);
    assertThat(layers.getLast().weights()).isEqualTo(formula(cfg).get(1).weights());
  }

  @Test
  void partialReadingOfACompleteFileReadsAll() {
    WeightsFile.Content content = WeightsFile.read(complete(), cfg, true, _ -> {});
    assertThat(content.layers()).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void truncatedFile(boolean partial) throws IOException {
    assertRefused(
        ofLength(BYTES - 504 - 5),
        partial,
        "ends in layer 5 (small.cfg:43) with 635 of its 640 bytes, 509 bytes too short in all: a"
            + " truncated file, or the weights of another cfg or number of classes; fetch it"
            + " again, or give the cfg that it was trained with");
  }

  /** Before version 0.2 the pictures that were seen are four bytes without a sign. */
  @Test
  void anOldHeaderCountsToTheEnd() throws IOException {
    Path file = folder.resolve("old.weights");
    WeightsFile.Header old = new WeightsFile.Header(0, 1, 0, 0xffff_fffeL);
    write(file, old, formula(cfg));
    assertThat(Files.size(file)).isEqualTo(BYTES - 4);
    assertThat(WeightsFile.header(file)).isEqualTo(old);
    assertThatThrownBy(() -> new WeightsFile.Header(0, 1, 0, 1L << 32))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("counts up to 2^32 pictures, but 4294967296 were seen");
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void headerAlone(boolean partial) throws IOException {
    assertRefused(
        ofLength(20),
        partial,
        "ends in layer 0 (small.cfg:13) with 0 of its 992 bytes, 3352 bytes too short in all: a"
            + " truncated file, or the weights of another cfg or number of classes; fetch it"
            + " again, or give the cfg that it was trained with");
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void oversizedFile(boolean partial) throws IOException {
    assertRefused(
        ofLength(BYTES + 12),
        partial,
        "12 bytes are left over after the last layer of small.cfg: the weights of another cfg?");
  }

  @Test
  void shorterThanAHeader() throws IOException {
    assertRefused(
        ofLength(7),
        false,
        "has 7 bytes, too few for the header of a weights file; fetch it again");
    assertRefused(
        ofLength(18),
        false,
        "has 18 bytes, too few for the header of a weights file; fetch it again");
  }

  @Test
  void anotherKindOfFile() throws IOException {
    Path file = Files.writeString(folder.resolve("a.weights"), "[net]\nwidth=416\nheight=416\n");
    assertRefused(
        file,
        false,
        "is not a darknet weights file: its version would be 1952804443.1769409117.1030255716;"
            + " fetch it again, or give a .safetensors, .pt or .pth file its own ending");
  }

  @Test
  void missingFile() {
    Path file = folder.resolve("none.weights");
    assertRefused(file, false, "there is no such weights file");
    assertThatThrownBy(() -> WeightsFile.header(file))
        .hasMessage(file + ": there is no such weights file");
  }

  @Test
  void unwritableFolder() {
    Path file = folder.resolve("none").resolve("a.weights");
    assertThatThrownBy(() -> write(file, WeightsFile.Header.current(0), formula(cfg)))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file + " cannot be written (")
        .hasMessageEndingWith("): the folder must exist and be writable");
  }

  @Test
  void failureWhileWritingKeepsTheOldFile() throws IOException {
    Path file = complete();
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(() ->
            WeightsFile.write(
                file,
                WeightsFile.Header.current(0),
                cfg.convolutions(),
                layer -> {
                  throw new IllegalStateException("layer " + layer.index());
                }))
        .hasMessage("layer 0");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "yolov4-tiny-voc/yolov4-tiny-voc.cfg,yolov4-tiny-voc/yolov4-tiny-voc-h2oxi.weights",
    "yolo-fastest-1.0-coco/yolo-fastest.cfg,yolo-fastest-1.0-coco/yolo-fastest.weights",
    "yolo-fastest-1.1-coco/yolo-fastest-1.1.cfg,yolo-fastest-1.1-coco/yolo-fastest-1.1.weights",
    "yolo-fastest-1.1-xl-coco/yolo-fastest-1.1-xl.cfg,"
        + "yolo-fastest-1.1-xl-coco/yolo-fastest-1.1-xl.weights",
    "mobilenetv2-yolov3-nano-voc/MobileNetV2-YOLOv3-Nano-voc.cfg,"
        + "mobilenetv2-yolov3-nano-voc/MobileNetV2-YOLOv3-Nano-voc.weights",
    "yoloface-50k/yoloface-50k.cfg,yoloface-50k/yoloface-50k.weights"
  })
  void realWeightsComeBackByteForByte(String cfgFile, String weightsFile) throws IOException {
    CfgFile real = CfgFile.read(Reference.require("weights/" + cfgFile));
    Path file = Reference.require("weights/" + weightsFile);
    Path again = folder.resolve("again.weights");
    write(again, WeightsFile.header(file), read(file, real));
    assertThat(Files.mismatch(file, again)).isEqualTo(-1);
  }

  @Test
  void realWeightsOfAnotherCfg() {
    CfgFile tiny = CfgFile.read(Reference.require("cfg/darknet/yolov4-tiny.cfg"));
    Path file = Reference.require("weights/yolov4-tiny-voc/yolov4-tiny-voc-h2oxi.weights");
    assertThatThrownBy(() -> read(file, tiny))
        .hasMessageStartingWith(file + ": ends in layer 35 (")
        .hasMessageContaining("554400 bytes too short in all");
  }
}
