package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher {@code ./yolo} in a folder of its own, whose "last build" is the class path of the
 * tests, so that nothing is built.
 */
class LauncherTest {
  private static final String PROVIDER =
      """
      package clips;

      import dev.peregrine.yolo.image.ByteImage;
      import dev.peregrine.yolo.video.Frame;
      import dev.peregrine.yolo.video.FrameSource;
      import dev.peregrine.yolo.video.FrameSourceProvider;
      import java.util.Optional;

      public final class Clips implements FrameSourceProvider {
        @Override
        public Optional<FrameSource> open(String source) {
          return source.endsWith(".mp4") ? Optional.of(new Clip()) : Optional.empty();
        }

        private static final class Clip implements FrameSource {
          private int next;

          @Override
          public boolean hasNext() {
            return next < 2;
          }

          @Override
          public Frame next() {
            return Frame.numbered(next, next++ / 25.0, new ByteImage(40, 24, new byte[40 * 24 * 3]));
          }

          @Override
          public void close() {}
        }
      }
      """;

  @TempDir Path home;

  @BeforeEach
  void install() throws IOException {
    Path launcher = home.resolve("yolo");
    Files.copy(Sources.root().resolve("yolo"), launcher);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Files.createFile(home.resolve("pom.xml"));
    for (String module : List.of("tensor", "kernels-opencl", "autograd", "nn", "yolov4")) {
      Files.createDirectories(home.resolve(module).resolve("src/main"));
      Files.createFile(home.resolve(module).resolve("pom.xml"));
    }
    // A manifest holds folders too, which the launcher does not take for jars of a build.
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().toUri().toString())
                .collect(Collectors.joining(" ")));
    Path build = Files.createDirectories(home.resolve("target/yolo/build.1"));
    Path jar = build.resolve("program.jar");
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    Files.writeString(home.resolve("target/yolo/current"), jar + "\n");
  }

  private record Done(int status, String printed) {}

  private Done yolo(String jars, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of(home.resolve("yolo").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).directory(home.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("PEREGRINE_CLASSPATH");
    if (!jars.isEmpty()) {
      builder.environment().put("PEREGRINE_CLASSPATH", jars);
    }
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Done(process.waitFor(), printed);
  }

  /** A provider of videos in a jar of its own, as docs/video makes one. */
  private String provider() throws IOException {
    Path sources = Files.createDirectories(home.resolve("provider"));
    Path source = Files.writeString(sources.resolve("Clips.java"), PROVIDER);
    Path classes = Files.createDirectories(sources.resolve("classes"));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                OutputStream.nullOutputStream(),
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                source.toString());
    assertThat(status).isZero();
    Path jars = Files.createDirectories(home.resolve("jars"));
    try (JarOutputStream jar =
        new JarOutputStream(
            Files.newOutputStream(jars.resolve("clips.jar"), StandardOpenOption.CREATE))) {
      jar.putNextEntry(
          new JarEntry("META-INF/services/dev.peregrine.yolo.video.FrameSourceProvider"));
      jar.write("clips.Clips\n".getBytes(StandardCharsets.UTF_8));
      for (String name : List.of("clips/Clips.class", "clips/Clips$Clip.class")) {
        jar.putNextEntry(new JarEntry(name));
        jar.write(Files.readAllBytes(classes.resolve(name)));
      }
    }
    return jars + "/*";
  }

  @Test
  void jarsOfTheEnvironmentAddToTheProgram() throws Exception {
    String[] call = {
      "predict",
      "model=" + Cli.smallCfg(home),
      "weights=" + Cli.smallWeights(home),
      "source=a.mp4",
      "out=found"
    };
    Done without = yolo("", call);
    assertThat(without.printed()).contains("source=a.mp4").contains("docs/video.md");
    assertThat(without.status()).isEqualTo(2);
    Done with = yolo(provider(), call);
    assertThat(with.printed()).contains("frame_000001.jpg 40x24", "frame_000002.jpg 40x24");
    assertThat(with.status()).isZero();
    assertThat(home.resolve("found/frame_000002.jpg")).isNotEmptyFile();
  }
}
