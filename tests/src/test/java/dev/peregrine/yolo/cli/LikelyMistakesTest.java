package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.kit.TextFiles;
import dev.peregrine.yolo.demo.ShapesDataSet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The mistakes that a stranger makes first: each gets one sentence that says what is wrong, where,
 * what the law is, and what to do.
 */
class LikelyMistakesTest {
  @TempDir static Path shared;

  /**
   * A mistake.
   *
   * @param what for people
   * @param call what was typed; {@code DIR} stands for a folder
   * @param parts of the sentence, in any order
   */
  record Mistake(String what, String call, List<String> parts) {
    static Mistake of(String what, String call, String... parts) {
      return new Mistake(what, call, List.of(parts));
    }

    @Override
    public String toString() {
      return what;
    }
  }

  static List<Mistake> mistakes() {
    return List.of(
        Mistake.of(
            "a misspelt verb",
            "predcit source=DIR/dog.jpg",
            "there is no verb 'predcit' (did you mean 'predict'?)",
            "'./yolo help' lists the verbs"),
        Mistake.of(
            "a misspelt key",
            "predict sorce=DIR/dog.jpg",
            "predict: there is no key 'sorce' (did you mean 'source'?)",
            "'./yolo predict --help' lists the keys"),
        Mistake.of(
            "a picture without its key",
            "predict DIR/dog.jpg",
            "dog.jpg' is no setting; write source=",
            "/dog.jpg"),
        Mistake.of(
            "a picture that is not there",
            "predict source=DIR/cat.jpg",
            "cat.jpg does not exist; a picture file was expected there"),
        Mistake.of(
            "a page under a picture's name",
            "predict source=DIR/page.jpg",
            "page.jpg is not a picture (6 bytes): JPEG, PNG, WebP, BMP, GIF and TIFF files can be"
                + " read"),
        Mistake.of(
            "a folder without pictures",
            "predict source=DIR/empty",
            "empty: no picture was found there",
            "give a picture, a folder of pictures, or a pattern in quotes such as"
                + " 'pictures/*.jpg'"),
        Mistake.of(
            "a video without frames",
            "predict source=DIR/empty video=true",
            "empty: no frame was found there",
            "the frames of a video are pictures, one after the other by name"),
        Mistake.of(
            "a misspelt network",
            "summary model=yolov4-tinny",
            "model=yolov4-tinny is wrong (did you mean 'yolov4-tiny'?)",
            "or a .cfg, .yaml or .safetensors file"),
        Mistake.of(
            "a network without weights",
            "predict model=DIR/small.cfg source=DIR/dog.jpg",
            "weights= is missing: model=",
            "small.cfg says which layers there are, not their numbers",
            "give the .weights, .safetensors, .pt or .pth file that belongs to it"),
        Mistake.of(
            "weights of another network",
            "predict model=DIR/other.cfg weights=DIR/small.weights source=DIR/dog.jpg",
            "small.weights: ends in layer 1 (",
            "other.cfg:15)",
            "2880 bytes too short in all",
            "the weights of another cfg or number of classes; fetch it again, or give the cfg"),
        Mistake.of(
            "a threshold in percent",
            "predict source=DIR/dog.jpg conf=25",
            "conf=25 is wrong: it must be between 0 and 1"),
        Mistake.of(
            "a device of another program",
            "predict source=DIR/dog.jpg device=cuda",
            "device=cuda is wrong: it must be one of auto, cpu, opencl, reference",
            "a graphics card of any maker is opencl"),
        Mistake.of(
            "a size between the strides",
            "predict source=DIR/dog.jpg imgsz=100",
            "imgsz=100x100 is wrong: both sides must be multiples of 32",
            "the largest stride of yolov4-tiny@0.5, such as 96x96"),
        Mistake.of(
            "no size",
            "predict source=DIR/dog.jpg imgsz=big",
            "imgsz=big is wrong: it must be one number or HEIGHTxWIDTH, such as 416 or 224x320"),
        Mistake.of(
            "results where nothing can be written",
            "predict source=DIR/dog.jpg out=DIR/dog.jpg/run",
            "args.yaml cannot be written: ",
            "dog.jpg is no folder that may be written to; take another place"),
        Mistake.of(
            "a run to go on with that is not there",
            "train resume=DIR/none",
            "none: there is no run to go on with",
            "give the folder of one, such as runs/train/run"),
        Mistake.of(
            "data that are not there",
            "train model=yolov4-tiny data=DIR/none.yaml",
            "none.yaml does not exist; a .yaml, .yml or .data file, a COCO .json file or a folder"
                + " with pictures and labels was expected"),
        Mistake.of(
            "other classes than the data's",
            "train model=DIR/small.cfg data=DIR/shapes",
            "small.cfg tells 2 classes apart, but data=",
            "shapes names 4",
            "'./yolo convert model=FILE.cfg to=NEW.cfg classes=4' makes a cfg for them"),
        Mistake.of(
            "measuring on other classes",
            "val data=DIR/shapes imgsz=64",
            "model=blood-cells tells 3 classes apart, but data=",
            "shapes names 4",
            "measure a model on the classes that it was made for"),
        Mistake.of(
            "a bracket that is not closed",
            "train model=yolov4-tiny data=DIR/bad.yaml",
            "bad.yaml:3: not valid YAML: expected ',' or ']'"),
        Mistake.of(
            "data without names",
            "train model=yolov4-tiny data=DIR/nameless.yaml",
            "nameless.yaml names no classes: a key 'names' with a list or a map was expected,"
                + " such as names: [cat, dog]"),
        Mistake.of(
            "labels in pixels",
            "train model=yolov4-tiny data=DIR/pixels/data.yaml",
            "a.txt:1: box from (22.0000, 22.0000) to (42.0000, 42.0000) lies outside the picture",
            "are these numbers pixels? divide them by the picture's size"),
        Mistake.of(
            "classes counted from 1",
            "train model=yolov4-tiny data=DIR/counted/data.yaml",
            "a.txt:1: class 1 is out of range: the data set has 1 class, counted 0 to 0",
            "the data's names must list every class"),
        Mistake.of(
            "labels that are elsewhere",
            "train model=yolov4-tiny data=DIR/unlabelled/data.yaml",
            "no picture of the data set has a label file; for this one it was looked for at",
            "labels/a.txt",
            "lie in a folder 'labels' in the place of 'images', or beside the picture"));
  }

  /** The files that the calls name. */
  static void plant(Path folder) throws IOException {
    if (Files.exists(folder.resolve("empty"))) {
      return;
    }
    Files.createDirectories(folder.resolve("empty"));
    Cli.picture(folder.resolve("dog.jpg"), 64, 48);
    Cli.text(folder.resolve("page.jpg"), "<html>");
    Cli.smallCfg(folder);
    Cli.smallWeights(folder);
    Cli.text(folder.resolve("other.cfg"), Cli.SMALL_CFG.replace("filters=12", "filters=20"));
    new ShapesDataSet(4, 2, 64, 3).write(folder.resolve("shapes"));
    Cli.text(folder.resolve("bad.yaml"), "train: a\nnames: [cat, dog\nval: a\n");
    Cli.text(folder.resolve("nameless.yaml"), "train: a\nval: a\n");
    for (String set : List.of("pixels", "counted", "unlabelled")) {
      Path place = folder.resolve(set);
      Files.createDirectories(place.resolve("images"));
      Cli.picture(place.resolve("images/a.png"), 64, 64);
      Cli.text(place.resolve("data.yaml"), "train: images\nval: images\nnames: [cat]\n");
    }
    Cli.text(folder.resolve("pixels/labels/a.txt"), "0 32 32 20 20\n");
    Cli.text(folder.resolve("counted/labels/a.txt"), "1 .5 .5 .2 .2\n");
  }

  static Cli make(Mistake mistake, Path folder) {
    return Cli.run(
        Stream.of(mistake.call().split(" "))
            .map(word -> word.replace("DIR", folder.toString()))
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aSentenceSaysWhatToDo(Mistake mistake) throws IOException {
    plant(shared);
    make(mistake, shared).refuses(mistake.parts().toArray(String[]::new));
  }

  @Test
  void aPortThatIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      Cli.run("serve", "port=" + port, "imgsz=64", "batch=1")
          .refuses(
              "host=127.0.0.1 port=" + port + " cannot be listened at (Address already in use)",
              "another port may be free, port=0 takes one");
    }
    Cli.run("serve", "port=0", "host=nowhere.invalid", "imgsz=64", "batch=1")
        .refuses("host= must be an address of this machine, such as 127.0.0.1");
  }

  @Test
  void aFullDisk() {
    assertThat(TextFiles.reason(new FileSystemException("a", null, "No space left on device")))
        .isEqualTo("No space left on device");
  }
}
