package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.testkit.CfgTokens;
import dev.peregrine.yolo.cli.kit.Console;
import dev.peregrine.yolo.darknet.CfgFile;
import dev.peregrine.yolo.darknet.DarknetWeights;
import dev.peregrine.yolo.darknet.WeightsFile;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One call of the command line inside the test's own process, and small files to call it with.
 *
 * @param status its exit status
 * @param out what it printed
 * @param err what it complained of
 */
public record Cli(int status, String out, String err) {
  /** Two convolutions to stride 4 and a head of two anchors and two classes, for 64 x 32 pixels. */
  public static final String SMALL_CFG =
      CfgTokens.cfg(
          32,
          64,
          "anchors=8,8, 16,12, 24,30\nnum=3\nclasses=2\n",
          List.of("C 8 3/2 leaky", "C 12 3/2 leaky", "C 14 1 linear!", "Y 0,1"));

  public static Cli run(String... arguments) {
    return runOn("", arguments);
  }

  public static Cli runOn(String input, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    int status = Main.run(List.of(arguments), console);
    return new Cli(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Requires success without a complaint; a warning is none. */
  public Cli ok() {
    assertThat(err.lines().filter(line -> !line.startsWith("warning: "))).isEmpty();
    assertThat(status).isZero();
    return this;
  }

  /** Requires status 2 and one sentence that has all parts; warnings may stand before it. */
  public void refuses(String... parts) {
    List<String> lines = err.lines().filter(line -> !line.startsWith("warning: ")).toList();
    assertThat(lines).as(err).hasSize(1);
    assertThat(lines.getFirst()).startsWith("yolo: ").contains(parts).doesNotContain("Exception");
    assertThat(status).as(err).isEqualTo(2);
  }

  public static Path text(Path file, String content) {
    try {
      Files.createDirectories(file.getParent());
      return Files.writeString(file, content);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  public static Path smallCfg(Path folder) {
    return text(folder.resolve("small.cfg"), SMALL_CFG);
  }

  /** Random numbers for the small cfg. */
  public static Path smallWeights(Path folder) {
    CfgFile cfg = CfgFile.parse(SMALL_CFG, "small.cfg");
    Path file = folder.resolve("small.weights");
    DarknetWeights.save(DarknetWeights.create(cfg, 7), cfg, file, WeightsFile.Header.current(64));
    return file;
  }

  /** A picture of colour ramps. */
  public static Path picture(Path file, int width, int height) {
    Image image = new Image(width, height);
    for (int i = 0; i < image.rgb().length; i++) {
      image.rgb()[i] = i % 3 == 0 ? i % (3 * width) / (3f * width) : i % 97 / 97f;
    }
    Images.write(file, image);
    return file;
  }
}
