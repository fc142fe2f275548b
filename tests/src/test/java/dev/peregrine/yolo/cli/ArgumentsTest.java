package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.demo.ShapesDataSet;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be typed, and what is answered to what may not. */
class ArgumentsTest {
  @TempDir Path folder;

  @Test
  void threeWaysToWriteASettingMeanTheSame() {
    String cfg = Cli.smallCfg(folder).toString();
    String expected = Cli.run("summary", "model=" + cfg, "imgsz=64x128").ok().out();
    assertThat(expected).contains("input 64x128");
    assertThat(Cli.run("summary", "--model", cfg, "--imgsz", "64x128").ok().out())
        .isEqualTo(expected);
    assertThat(Cli.run("summary", "--model=" + cfg, "--imgsz=64x128").ok().out())
        .isEqualTo(expected);
    assertThat(Cli.run("summary", "imgsz=64x128", "--model", cfg, "json=").ok().out())
        .isEqualTo(expected);
  }

  @Test
  void aFlagTakesTheNextWordOnlyIfThatIsATruth() {
    List<Key<?>> keys = List.of(Call.VERBOSE, Call.DEVICE);
    assertThat(Arguments.normalize(List.of("--verbose", "--device", "cpu"), keys, ""))
        .containsExactly("--verbose", "--device=cpu");
    assertThat(Arguments.normalize(List.of("--verbose", "no", "device=cpu"), keys, ""))
        .containsExactly("--verbose=no", "--device=cpu");
    assertThat(Arguments.normalize(List.of("--verbose", "device=a=b"), keys, ""))
        .containsExactly("--verbose", "--device=a=b");
  }

  @ParameterizedTest
  @CsvSource({"predct, predict", "sumary, summary", "tarin, train", "layer, layers", "vla, val"})
  void aMisspeltVerbGetsTheNearestOne(String typed, String meant) {
    Cli.run(typed).refuses("there is no verb '" + typed + "'", "did you mean '" + meant + "'");
  }

  @ParameterizedTest
  @CsvSource({"modle, model", "wieghts, weights", "cnof, conf", "imgz, imgsz", "savetxt, save_txt"})
  void aMisspeltKeyGetsTheNearestOne(String typed, String meant) {
    Cli.run("predict", typed + "=1")
        .refuses("there is no key '" + typed + "'", "did you mean '" + meant + "'");
    Cli.run("predict", "--" + typed, "1").refuses("did you mean '" + meant + "'");
  }

  @Test
  void wordsThatAreNearToNothingGetNoSuggestion() {
    Cli.run("xylophone").refuses("there is no verb 'xylophone'; the verbs are ");
    Cli.run("accordion").refuses("there is no verb 'accordion'; the verbs are ");
  }

  @ParameterizedTest
  @CsvSource({
    "conf=high, conf=high is wrong: it must be a number",
    "conf=1.5, conf=1.5 is wrong: it must be between 0 and 1",
    "batch=0, batch=0 is wrong: it must be between 1 and 4096",
    "nms=none, 'nms=none is wrong: it must be one of greedy, plain, diou, soft, merge'",
    "save=perhaps, save=perhaps is wrong: it must be true or false",
    "imgsz=4O8, it must be one number or HEIGHTxWIDTH",
    "device=cuda, 'device=cuda is wrong: it must be one of auto, cpu, opencl, reference'",
    "device=auto:1, 'device=auto:1 is wrong: it must be one of auto, cpu, opencl, reference'",
    "device=opencl:99, 'device: ''opencl:99'' does not exist'",
    "threads=-1, threads=-1 is wrong"
  })
  void aWrongValueIsNamedWithItsLaw(String setting, String sentence) {
    String picture = Cli.picture(folder.resolve("a.png"), 20, 10).toString();
    Cli.run("predict", "model=yolov4-tiny", "source=" + picture, setting).refuses(sentence);
  }

  @Test
  void aDeviceThatIsNamedTwiceIsRefused() {
    Path data = new ShapesDataSet(2, 1, 64, 3).write(folder.resolve("data"));
    Cli.run("train", "model=yolov4-tiny@0.125", "data=" + data, "device=cpu,cpu")
        .refuses("device=cpu,cpu names a device twice");
  }

  @Test
  void whatIsMissingOrTwiceOrNoSettingIsSaid() {
    Cli.run("predict").refuses("predict: source= is missing");
    Cli.run("predict", "model=yolov4-tiny").refuses("predict: source= is missing");
    Cli.run("predict", "conf=0.1", "conf=0.2").refuses("conf= is given twice");
    Cli.run("predict", "dog.jpg").refuses("'dog.jpg' is no setting; write key=value");
    Cli.run("predict", "save_txt").refuses("write save_txt=true");
    Cli.run("predict", "-save_txt").refuses("write save_txt=true");
    Cli.run("predict", "conf", "0.3").refuses("write conf=VALUE without blanks, or --conf VALUE");
    Cli.run("train", "-resume", "run").refuses("write resume=VALUE");
    Cli.run("predict", "--model").refuses("model= needs a value");
    Cli.run("train").refuses("train: data= is missing");
    Cli.run("data").refuses("'data' needs a second word: data check, data stats");
    Cli.run("anchors").refuses("data= is missing (", "'./yolo anchors --help' has an example");
  }

  @Test
  void aCallThatNamesNoNetworkTakesTheOneOfTheProgram() {
    assertThat(Cli.run("summary").ok().out()).startsWith("model: blood-cells, which comes with");
    Cli.run("benchmark", "weights=random").refuses("model= must say of which one");
    Cli.run("layers", "source=none.png").refuses("none.png");
    assertThat(Cli.run("export", "imgsz=64", "to=" + folder.resolve("a.onnx")).ok().out())
        .startsWith("model: blood-cells, which comes with")
        .contains("blood-cells -> ");
    for (String ending : List.of("safetensors", "weights")) {
      Path to = folder.resolve("a." + ending);
      Cli.run("export", "format=" + ending, "imgsz=64", "to=" + to).ok();
      assertThat(to).isNotEmptyFile();
    }
    assertThat(Cli.run("convert", "to=" + folder.resolve("a.cfg")).ok().out())
        .startsWith("model: blood-cells, which comes with");
    Cli.run("val").refuses("val: data= is missing");
    Path data =
        Cli.text(folder.resolve("data.yaml"), "val: list.txt\nnames: [RBC, WBC, Platelets]\n");
    Cli.text(folder.resolve("list.txt"), "a.png\n");
    Cli.text(folder.resolve("a.txt"), "0 .5 .5 .5 .5\n");
    Cli.picture(folder.resolve("a.png"), 64, 64);
    String out = "out=" + folder.resolve("val");
    assertThat(Cli.run("val", "data=" + data, "imgsz=64", out).out())
        .contains("model: blood-cells, which comes with", "1 pictures");
  }

  @Test
  void verboseAddsTheStackTrace() {
    Cli plain = Cli.run("summary", "model=none.cfg");
    plain.refuses("none.cfg: there is no such cfg file");
    Cli verbose = Cli.run("summary", "model=none.cfg", "--verbose");
    assertThat(verbose.err())
        .startsWith(plain.err())
        .contains("FormatException", "at dev.peregrine");
    assertThat(verbose.status()).isEqualTo(2);
  }
}
