package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Frames in, numbered frames with boxes out. */
final class PredictVideoTest {
  @TempDir Path folder;
  private List<String> call = List.of();

  @BeforeEach
  void makeModel() {
    call =
        List.of(
            "predict",
            "model=" + Cli.smallCfg(folder),
            "weights=" + Cli.smallWeights(folder),
            "conf=0.2",
            "json=" + folder.resolve("found.json"),
            "out=" + folder.resolve("run"));
  }

  private Cli predict(String... more) {
    List<String> all = new ArrayList<>(call);
    all.addAll(List.of(more));
    return Cli.run(all.toArray(String[]::new));
  }

  private JsonNode json() {
    return JsonMapper.shared().readTree(folder.resolve("found.json").toFile());
  }

  @Test
  void aFolderOfFramesBecomesNumberedFrames() throws IOException {
    Path in = Files.createDirectory(folder.resolve("in"));
    Cli.picture(in.resolve("f10.png"), 100, 50);
    Cli.picture(in.resolve("f9.png"), 90, 50);
    Cli.picture(in.resolve("f1.png"), 80, 50);
    Cli done = predict("source=" + in, "video=true", "batch=2").ok();
    assertThat(done.out().lines().filter(line -> line.startsWith("frame_")))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("frame_000001.jpg 80x50: "),
            line -> assertThat(line).startsWith("frame_000002.jpg 90x50: "),
            line -> assertThat(line).startsWith("frame_000003.jpg 100x50: "));
    assertThat(json().valueStream().map(n -> n.get("image").asString()))
        .containsExactly("frame_000001.jpg", "frame_000002.jpg", "frame_000003.jpg");
    assertThat(json().get(2).get("width").asInt()).isEqualTo(100);
    assertThat(json().get(0).get("detections").size()).isPositive();
    assertThat(Images.read(folder.resolve("run/frame_000003.jpg")).width()).isEqualTo(100);
  }

  @Test
  void theSameFolderIsPicturesByDefault() throws IOException {
    Path in = Files.createDirectory(folder.resolve("in"));
    Cli.picture(in.resolve("f10.png"), 100, 50);
    Cli.picture(in.resolve("f9.png"), 90, 50);
    predict("source=" + in).ok();
    assertThat(json().valueStream().map(n -> n.get("image").asString()))
        .containsExactly("f10.png", "f9.png");
    JsonNode still = json().get(1).get("detections");
    call = call.stream().map(word -> word.startsWith("out=") ? word + "2" : word).toList();
    predict("source=" + in, "video=true").ok();
    assertThat(json().get(0).get("detections")).as("f9 is first").isEqualTo(still);
  }

  @Test
  void aProviderReadsWhatIsNoFolder() {
    Cli done = predict("source=ramp://4");
    assertThat(done.status()).isEqualTo(2);
    assertThat(done.err().lines()).containsExactly("yolo: the third frame is damaged");
    assertThat(json().valueStream().map(n -> n.get("image").asString()))
        .containsExactly("frame_000001.jpg", "frame_000002.jpg", "frame_000004.jpg");
    Image last = Images.read(folder.resolve("run/frame_000004.jpg"));
    assertThat(last.height()).isEqualTo(24);
  }

  @Test
  void withoutAProviderOneSentenceSaysWhatToAdd() {
    predict("source=clip.mp4")
        .refuses("source=clip.mp4", "docs/video", "PEREGRINE_CLASSPATH", "video=true");
    predict("source=camera:0").refuses("source=camera:0", "PEREGRINE_CLASSPATH");
    assertThat(folder.resolve("run")).doesNotExist();
  }
}
