package dev.peregrine.yolo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.testkit.FormulaWeights;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.WeightFiles;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.cli.Cli;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.CfgModel;
import dev.peregrine.yolo.darknet.DarknetWeights;
import dev.peregrine.yolo.darknet.WeightsFile;
import dev.peregrine.yolo.data.ClassNames;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.ScaledHeads;
import dev.peregrine.yolo.torch.TorchFile;
import dev.peregrine.yolo.torch.TorchTensor;
import dev.peregrine.yolo.torch.TorchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversions of a network with invented numbers, and of a real one. */
class ConvertVerbTest {
  @TempDir Path folder;

  private Path cfg() {
    return Cli.smallCfg(folder);
  }

  /** Numbers of every size, in a file whose header is an old one. */
  private Path weights() {
    CfgFile description = CfgFile.read(cfg());
    Path file = folder.resolve("small.weights");
    DarknetWeights.save(
        FormulaWeights.SPLIT_MIX.params(description),
        description,
        file,
        new WeightsFile.Header(0, 1, 3, 2_000_000_000L));
    return file;
  }

  private Cli convert(Path from, String to, String... more) {
    String[] call = new String[4 + more.length];
    call[0] = "convert";
    call[1] = "model=" + cfg();
    call[2] = "weights=" + from;
    call[3] = "to=" + folder.resolve(to);
    System.arraycopy(more, 0, call, 4, more.length);
    return Cli.run(call);
  }

  /** Numbers whose file says how their heads were taught, given to a network named besides. */
  @Test
  void headsAreWhatTheirNumbersWereTaughtToMean() {
    DetectionModel named = Models.named("yolov4-tiny@0.05", 3);
    DetectionModel taught = ScaledHeads.of(named);
    Path file = folder.resolve("taught.safetensors");
    Models.Trained trained =
        new Models.Trained(taught, Models.initialize(taught, 1), List.of("a", "b", "c"));
    WeightFiles.save(trained, Map.of(), FloatFormat.F32, file);
    Path again = folder.resolve("again.safetensors");
    String model = "model=yolov4-tiny@0.05";
    Cli.run("convert", model, "weights=" + file, "imgsz=32", "to=" + again).ok();
    assertThat(Models.model(again).heads()).isEqualTo(taught.heads());
    Path other = folder.resolve("other.cfg");
    String anchors = "anchors=1,1,2,2,3,3,4,4,5,5,6,6";
    Cli.run("convert", model, "imgsz=32", anchors, "to=" + other).ok();
    Cli.run("convert", "model=" + other, "weights=" + file, "to=" + again)
        .refuses("was trained with the anchors 10.0,14.0", "says which network it is");
  }

  @Test
  void thereAndBackIsTheSameFile() {
    String between = "x.safetensors";
    Path original = weights();
    assertThat(convert(original, between).ok().out())
        .contains("largest difference 0 between the outputs of both sides");
    convert(folder.resolve(between), "back.weights").ok();
    assertThat(folder.resolve("back.weights")).hasSameBinaryContentAs(original);
    Cli.run(
            "convert",
            "model=" + folder.resolve(between),
            "to=" + folder.resolve("without.weights"))
        .ok();
    assertThat(folder.resolve("without.weights")).hasSameBinaryContentAs(original);
  }

  /** PyTorch's form has no place for darknet's header; the numbers are the same. */
  @ParameterizedTest
  @ValueSource(strings = {"x.pt", "x.pth"})
  void throughPyTorchTheNumbersStay(String between) throws IOException {
    Path original = weights();
    assertThat(convert(original, between).ok().out()).contains("largest difference 0 between");
    assertThat(convert(folder.resolve(between), "back.weights").ok().out())
        .contains("largest difference 0 between");
    byte[] there = Files.readAllBytes(original);
    byte[] back = Files.readAllBytes(folder.resolve("back.weights"));
    // headers of 16 and of 20 bytes
    assertThat(Arrays.copyOfRange(back, 20, back.length))
        .isEqualTo(Arrays.copyOfRange(there, 16, there.length));
  }

  @ParameterizedTest
  @CsvSource({"x.pth, f16, FLOAT16", "x.pth, bf16, BFLOAT16", "x.pt, f32, FLOAT32"})
  void numbersMayTakeLess(String to, String format, TorchType type) {
    String out = convert(weights(), to, "format=" + format).ok().out();
    assertThat(out.contains("largest difference 0 ")).as(out).isEqualTo(format.equals("f32"));
    Map<String, TorchTensor> tensors = TorchFile.read(folder.resolve(to)).tensors();
    assertThat(tensors.keySet())
        .containsExactly(
            "module_list.0.Conv2d.weight",
            "module_list.0.BatchNorm2d.weight",
            "module_list.0.BatchNorm2d.bias",
            "module_list.0.BatchNorm2d.running_mean",
            "module_list.0.BatchNorm2d.running_var",
            "module_list.0.BatchNorm2d.num_batches_tracked",
            "module_list.1.Conv2d.weight",
            "module_list.1.BatchNorm2d.weight",
            "module_list.1.BatchNorm2d.bias",
            "module_list.1.BatchNorm2d.running_mean",
            "module_list.1.BatchNorm2d.running_var",
            "module_list.1.BatchNorm2d.num_batches_tracked",
            "module_list.2.Conv2d.weight",
            "module_list.2.Conv2d.bias");
    assertThat(tensors.get("module_list.0.Conv2d.weight").type()).isEqualTo(type);
    assertThat(tensors.get("module_list.1.Conv2d.weight").shape()).containsExactly(12, 8, 3, 3);
  }

  @Test
  void halvesInSafetensorsLoadLikeTheOthers() {
    convert(weights(), "x.safetensors", "format=f16").ok();
    Safetensors read = Safetensors.read(folder.resolve("x.safetensors"));
    assertThat(read.metadata()).containsEntry("darknet.version", "0.1.3").containsKey("cfg");
    CfgModel model = new CfgModel(CfgFile.read(cfg()));
    assertThat(Detector.load(folder.resolve("x.safetensors")).model().heads())
        .isEqualTo(model.heads());
  }

  @Test
  void writesWhatOtherEnginesRead() {
    assertThat(convert(weights(), "x.onnx").ok().out())
        .contains("x.onnx: ", "largest difference ", " between the outputs of both sides");
    assertThat(folder.resolve("x.onnx")).isNotEmptyFile();
    Cli.run("convert", "model=yolov4-tiny", "to=" + folder.resolve("tiny.cfg")).ok();
    assertThat(CfgFile.read(folder.resolve("tiny.cfg")).parameters()).isEqualTo(6_056_606);
  }

  /** Two heads' worth of anchors and classes, so 2 * (5 + 7) filters before the head. */
  @Test
  void aCfgIsAdaptedToAnotherDataSet() {
    Path to = folder.resolve("seven.cfg");
    String call = "to=" + to;
    Cli.run("convert", "model=" + cfg(), call, "classes=7", "imgsz=64", "anchors=1,2 3,4, 5,6.5")
        .ok();
    CfgFile adapted = CfgFile.read(to);
    HeadSpec head = adapted.heads().getFirst().head();
    assertThat(head.classes()).isEqualTo(7);
    assertThat(head.anchors().getLast()).isEqualTo(new HeadSpec.Anchor(5, 6.5));
    assertThat(adapted.net().input().toString()).startsWith("64 x 64");
    assertThat(adapted.layers().get(2).output().channels()).isEqualTo(24);
    Cli.run("convert", "model=" + cfg(), call, "anchors=1,2").refuses("takes 6");
    Cli.run("convert", "model=" + cfg(), call, "anchors=1,2,3,4,5,x").refuses("x");
    convert(weights(), "x.pt", "classes=7").refuses("classes= and anchors= adapt a .cfg");
  }

  @Test
  void anOnnxMayEndInBoxes() {
    assertThat(convert(weights(), "x.onnx", "decode=true").ok().out())
        .contains("x.onnx: ", "largest difference ");
    Path to = folder.resolve("y.onnx");
    Cli.run("export", "model=" + cfg(), "weights=" + weights(), "to=" + to, "decode=yes").ok();
    assertThat(to).hasSameBinaryContentAs(folder.resolve("x.onnx"));
    convert(weights(), "x.pt", "decode=true").refuses("decode= is for an .onnx");
  }

  /** The variance takes up what the epsilon leaves: the same numbers, either way. */
  @Test
  void anotherEpsilonGivesTheSameOutputs() {
    Path original = weights();
    assertThat(convert(original, "x.pth", "to_eps=1e-4").ok().out()).contains("largest difference");
    float[] moved = variances("x.pth");
    convert(original, "same.pth").ok();
    float[] own = variances("same.pth");
    for (int i = 0; i < own.length; i++) {
      assertThat(moved[i]).isCloseTo(own[i] - 9e-5f, within(2e-7f));
    }
    // Whoever reads it with that epsilon has the same network, but for the last bits.
    convert(folder.resolve("x.pth"), "back.safetensors", "eps=1e-4").ok();
    Image picture = new Image(40, 30, new float[3 * 40 * 30]);
    List<Detection> expected = Detector.load(cfg(), original).confidence(0.1).detect(picture);
    List<Detection> found =
        Detector.load(folder.resolve("back.safetensors")).confidence(0.1).detect(picture);
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-5f));
    }
    convert(original, "x.safetensors", "to_eps=1e-4").refuses("to_eps= is for .pt and .pth");
  }

  private float[] variances(String file) {
    return (float[])
        TorchFile.read(folder.resolve(file))
            .arrays()
            .get("module_list.0.BatchNorm2d.running_var")
            .values();
  }

  /** Darknet's form and PyTorch's have other blocks, and no epsilon bridges that. */
  @Test
  void theTwoFamiliesAreNotInterchangeable() {
    String small = "yolov4-p5-yaml@0.25x0.33";
    Path numbers = folder.resolve("p5.pt");
    Models.Trained yaml =
        new Models.Trained(
            Models.named(small, 80),
            Models.initialize(Models.named(small, 80), 1),
            ClassNames.defaults(80));
    WeightFiles.save(yaml, Map.of(), FloatFormat.F32, numbers);
    convert(numbers, "y.weights")
        .refuses("p5.pt: its names are those of a yaml's network", "epsilon 1e-3", "1e-5");
    convert(weights(), "x.pt").ok();
    Cli.run(
            "convert",
            "model=" + small,
            "weights=" + folder.resolve("x.pt"),
            "to=" + folder.resolve("y.pt"))
        .refuses("x.pt: its names are those of a cfg's network", "epsilon 1e-4 or 1e-5", "1e-3");
    Cli.run("convert", "model=" + small, "weights=" + numbers, "to=" + folder.resolve("y.weights"))
        .refuses("epsilon");
    Cli.run("convert", "model=" + small, "to=" + folder.resolve("y.cfg")).refuses("epsilon");
  }

  @Test
  void exportIsAnotherNameForIt() {
    Path weights = weights();
    Path to = folder.resolve("x.onnx");
    assertThat(Cli.run("export", "model=" + cfg(), "weights=" + weights, "to=" + to).ok().out())
        .contains("x.onnx: ");
    assertThat(to).isNotEmptyFile();
    Cli.run("export", "format=pth", "model=" + cfg(), "weights=" + weights, "to=" + to)
        .refuses("with format=pth it must end in .pth");
  }

  /** A library's user may give PyTorch's files too. */
  @Test
  void aDetectorTakesNumbersOfEveryFormat() throws IOException {
    Path weights = weights();
    convert(weights, "x.pt").ok();
    convert(weights, "x.safetensors").ok();
    Image picture = new Image(40, 30, new float[3 * 40 * 30]);
    List<Detection> found = Detector.load(cfg(), weights).confidence(0.1).detect(picture);
    assertThat(found).isNotEmpty();
    for (String file : List.of("x.pt", "x.safetensors")) {
      assertThat(Detector.load(cfg(), folder.resolve(file)).confidence(0.1).detect(picture))
          .isEqualTo(found);
    }
  }

  @Test
  void refusesWhatItCannotDo() throws IOException {
    Path weights = weights();
    convert(weights, "x.bin").refuses("to=", "must end in one of .weights, .safetensors");
    convert(weights, "x.weights", "format=f16").refuses("holds f32 alone");
    convert(weights, "x.onnx", "format=f16").refuses("an .onnx holds f32");
    convert(folder.resolve("none.pt"), "y.weights").refuses("none.pt: there is no such file");
    Cli.run("convert", "model=" + folder.resolve("x.pth"), "to=" + folder.resolve("y.weights"))
        .refuses("holds numbers only; write model=FILE.cfg weights=");
    convert(weights, "x.pth").ok();
    Path other =
        Cli.text(folder.resolve("other.cfg"), Cli.SMALL_CFG.replace("filters=12", "filters=13"));
    Cli.run(
            "convert",
            "model=" + other,
            "weights=" + folder.resolve("x.pth"),
            "to=" + folder.resolve("y.weights"))
        .refuses("module_list.1.Conv2d.weight", "[12, 8, 3, 3] but the layer takes [13, 8, 3, 3]");
    Safetensors wrong =
        new Safetensors(
            TorchFile.read(folder.resolve("x.pth")).arrays(),
            Map.of("darknet.version", "new", "darknet.seen", "9"));
    wrong.write(folder.resolve("wrong.safetensors"));
    convert(folder.resolve("wrong.safetensors"), "y.weights").refuses("version 'new'");
    assertThat(folder.resolve("y.weights")).doesNotExist();
    assertThatThrownBy(() -> WeightFiles.texts(folder.resolve("none.weights")))
        .isInstanceOf(FormatException.class);
  }

  /** PyTorch's file of this network was made of the weights file, and is met byte for byte. */
  @Test
  void aRealNetworkGivesTheBytesThatPyTorchWrote() {
    String base = "weights/yolo-fastest-1.0-coco/yolo-fastest";
    Path cfg = Reference.require(base + ".cfg");
    Path weights = Reference.require(base + ".weights");
    Path to = folder.resolve("yolo-fastest.f16.state_dict.pth");
    Cli.run("convert", "model=" + cfg, "weights=" + weights, "to=" + to, "format=f16").ok();
    assertThat(to)
        .hasSameBinaryContentAs(
            Reference.require("weights/formats/yolo-fastest.f16.state_dict.pth"));
    Path tensors = folder.resolve("x.safetensors");
    Cli.run("convert", "model=" + cfg, "weights=" + weights, "to=" + tensors).ok();
    Path back = folder.resolve("back.weights");
    Cli.run("convert", "model=" + tensors, "to=" + back).ok();
    assertThat(back).hasSameBinaryContentAs(weights);
  }

  /** Every file of the same network finds the same. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "yolo-fastest-1.0-coco/yolo-fastest.pt",
        "formats/yolo-fastest.legacy.pt",
        "formats/yolo-fastest.f32.safetensors"
      })
  void aCfgTakesItsNumbersFromEveryFormat(String file) {
    String base = "weights/yolo-fastest-1.0-coco/yolo-fastest";
    Path cfg = Reference.require(base + ".cfg");
    Path to = folder.resolve("x.weights");
    Cli.run(
            "convert",
            "model=" + cfg,
            "weights=" + Reference.require("weights/" + file),
            "to=" + to)
        .ok();
    CfgFile description = CfgFile.read(cfg);
    Path seen = folder.resolve("seen.weights");
    DarknetWeights.save(
        DarknetWeights.read(description, Reference.require(base + ".weights")),
        description,
        seen,
        WeightsFile.Header.current(0));
    assertThat(to).hasSameBinaryContentAs(seen);
  }
}
