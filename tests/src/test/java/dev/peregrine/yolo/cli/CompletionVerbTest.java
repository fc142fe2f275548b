package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real bash and a real zsh offer after the script that the verb prints. */
class CompletionVerbTest {
  @TempDir Path folder;

  /** The offers for each of some lines, by one bash. */
  private List<List<String>> offers(String... lines) throws IOException, InterruptedException {
    Path script = folder.resolve("completion");
    Files.writeString(script, Cli.run("completion", "bash").ok().out());
    StringBuilder program = new StringBuilder("set -u\n. \"$0\"\n");
    for (String line : lines) {
      program.append("COMP_LINE='").append(line).append("'\nCOMP_POINT=${#COMP_LINE}\n");
      program.append("_yolo\nprintf '%s|' \"${COMPREPLY[@]-}\"\necho\n");
    }
    Process bash =
        new ProcessBuilder("bash", "-c", program.toString(), script.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(printed).isZero();
    List<List<String>> offers =
        printed
            .lines()
            .map(line -> Arrays.stream(line.split("\\|")).filter(word -> !word.isEmpty()).toList())
            .toList();
    assertThat(offers).as(printed).hasSize(lines.length);
    return offers;
  }

  private static void require(String shell) {
    assumeThat(Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)))
        .as("no %s on the PATH", shell)
        .anyMatch(entry -> Files.isExecutable(Path.of(entry, shell)));
  }

  @Test
  void bashOffersVerbsKeysChoicesAndFiles() throws IOException, InterruptedException {
    require("bash");
    Cli.text(folder.resolve("two words.yaml"), "");
    Cli.text(folder.resolve("twins/a.txt"), "");
    List<List<String>> offers =
        offers(
            "./yolo pr",
            "./yolo ",
            "yolo data ",
            "yolo data c",
            "yolo predict co",
            "yolo predict conf=0.5 nm",
            "yolo predict --nm",
            "yolo predict nms=d",
            "yolo predict --nms s",
            "yolo predict --nms=m",
            "yolo predict save=",
            "yolo predict conf=",
            "yolo train data=tw",
            "yolo completion ",
            "yolo data check dat",
            "yolo nonsense x",
            "yolo val device=r",
            "yolo train model=yolov4-p5");
    assertThat(offers.getFirst()).containsExactly("predict", "profile");
    assertThat(offers.get(1)).contains("demo", "data", "completion", "bench").doesNotContain("");
    assertThat(offers.get(2)).containsExactly("check", "stats", "convert", "augment");
    assertThat(offers.get(3)).containsExactly("check", "convert");
    assertThat(offers.get(4)).containsExactly("conf=");
    assertThat(offers.get(5)).containsExactly("nms=");
    assertThat(offers.get(6)).containsExactly("--nms=");
    assertThat(offers.get(7)).containsExactly("diou");
    assertThat(offers.get(8)).containsExactly("soft");
    assertThat(offers.get(9)).containsExactly("merge");
    assertThat(offers.get(10)).containsExactly("true", "false");
    assertThat(offers.get(11)).isEmpty();
    assertThat(offers.get(12)).containsExactlyInAnyOrder("two words.yaml", "twins");
    assertThat(offers.get(13)).contains("shell=", "bash", "zsh");
    assertThat(offers.get(14)).containsExactly("data=");
    assertThat(offers.get(15)).isEmpty();
    assertThat(offers.get(16)).containsExactly("reference");
    assertThat(offers.get(17)).contains("yolov4-p5");
  }

  @Test
  void zshOffersVerbsKeysChoicesAndFiles() throws Exception {
    require("zsh");
    Cli.text(folder.resolve("two words.yaml"), "");
    Cli.text(folder.resolve("twins/a.txt"), "");
    Path script = folder.resolve("completion");
    Files.writeString(script, Cli.run("completion", "zsh").ok().out());
    Path out = folder.resolve("offers");
    Path driver = Path.of(CompletionVerbTest.class.getResource("completion-offers.zsh").toURI());
    List<String> command = new ArrayList<>(List.of("zsh", "-f"));
    Stream.of(driver, script, out).map(Path::toString).forEach(command::add);
    command.addAll(
        List.of(
            "./yolo pr",
            "yolo data c",
            "yolo predict conf=0.5 nm",
            "yolo predict --nm",
            "yolo predict nms=d",
            "yolo predict --nms s",
            "yolo predict --nms=m",
            "yolo predict save=",
            "yolo predict conf=",
            "yolo train data=tw",
            "yolo completion ",
            "yolo train model=yolov4-p5"));
    Process zsh =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String printed = new String(zsh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(zsh.waitFor()).as(printed).isZero();
    assertThat(Files.readAllLines(out))
        .as(printed)
        .containsExactly(
            "predict|profile|",
            "check|convert|",
            "nms=|",
            "nms=|",
            "diou|",
            "soft|",
            "merge|",
            "true|false|",
            "",
            "twins|two\\ words.yaml|",
            "shell=|device=|threads=|seed=|verbose=|bash|zsh|",
            "yolov4-p5|yolov4-p5-yaml|",
            "END");
  }

  @Test
  void anotherShellIsRefused() {
    Cli.run("completion", "fish").refuses("shell=fish is wrong: it must be one of bash, zsh");
    Cli.run("completion").refuses("completion: shell= is missing");
    assertThat(Cli.run("completion", "zsh").ok().out()).contains("compdef _yolo yolo");
  }
}
