package dev.peregrine.yolo.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where frames come from, in which order, and what is written on them. */
final class FrameSourcesTest {
  @TempDir Path folder;

  @Test
  void numbersInNamesCountByTheirValue() {
    List<String> ordered =
        List.of(
            "a",
            "a01",
            "a1",
            "a2",
            "a2b",
            "a10",
            "a010b",
            "a99999999999999999999",
            "b1c2",
            "b1c10");
    List<String> names = new ArrayList<>(ordered.reversed());
    names.sort(new NaturalOrder());
    assertThat(names).containsExactlyElementsOf(ordered);
  }

  @Test
  void aFolderIsReadInNaturalOrderWithTimes() throws IOException {
    List<String> names = List.of("10.png", "9.png", "100.png", "1.png");
    for (String name : names) {
      int width = Integer.parseInt(name.replace(".png", ""));
      Images.write(folder.resolve(name), new Image(width, 2));
    }
    Files.writeString(folder.resolve("2.txt"), "no frame");
    List<Frame> frames = new ArrayList<>();
    try (FrameSource source = FrameSources.open(folder.toString())) {
      source.forEachRemaining(frames::add);
      assertThatThrownBy(source::next).isInstanceOf(NoSuchElementException.class);
    }
    assertThat(frames.stream().map(frame -> frame.image().width())).containsExactly(1, 9, 10, 100);
    assertThat(frames.stream().map(Frame::index)).containsExactly(0L, 1L, 2L, 3L);
    assertThat(frames.stream().map(Frame::seconds)).containsExactly(0.0, 0.04, 0.08, 0.12);
    assertThat(frames.get(3).name()).isEqualTo("frame_000004.jpg");
  }

  @Test
  void aDamagedFrameIsPassed() throws IOException {
    Files.writeString(folder.resolve("1.png"), "no picture");
    Images.write(folder.resolve("2.png"), new Image(3, 2));
    try (FrameSource source = FrameSources.open(folder.toString())) {
      assertThatThrownBy(source::next)
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("1.png");
      assertThat(source.next().index()).isEqualTo(1);
      assertThat(source.hasNext()).isFalse();
    }
  }

  @Test
  void anEmptyFolderIsRefused() {
    assertThatThrownBy(() -> FrameSources.open(folder.toString()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no frame was found");
  }

  @Test
  void providersAreServices() {
    try (FrameSource source = FrameSources.open("ramp://2")) {
      assertThat(source.next().seconds()).isZero();
      assertThat(source.next().seconds()).isEqualTo(0.1);
      assertThat(source.hasNext()).isFalse();
    }
  }

  @Test
  void whatNobodyReadsNamesTheRemedy() {
    assertThatThrownBy(() -> FrameSources.open("clip.mp4"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("source=clip.mp4")
        .hasMessageContaining("PEREGRINE_CLASSPATH")
        .hasMessageContaining("docs/video.md");
  }

  @ParameterizedTest
  @CsvSource({
    "clip.mp4, true", "a/B.MOV, true", "rtsp://door/1, true", "camera:0, true", "camera, true",
    "dog.jpg, false", "pictures, false", "mp4, false", "camera.png, false", "-, false"
  })
  void videosAreKnownByTheirNames(String source, boolean video) {
    assertThat(FrameSources.looksLikeVideo(source)).isEqualTo(video);
  }

  @Test
  void aFolderNamedLikeAVideoIsAFolder() throws IOException {
    Path named = Files.createDirectory(folder.resolve("clip.mp4"));
    assertThat(FrameSources.looksLikeVideo(named.toString())).isFalse();
  }

  @Test
  void theOverlayTellsNumberTimeAndSpeed() {
    byte[] grey = new byte[200 * 100 * 3];
    Arrays.fill(grey, (byte) 128);
    Frame frame = Frame.numbered(11, 0.44, new ByteImage(200, 100, grey));
    assertThat(FrameOverlay.text(frame, 8.46)).isEqualTo("frame 12  0.44 s  8.5 frames/s");
    BufferedImage painted = FrameOverlay.paint(frame, List.of(), 8.46);
    assertThat(painted.getWidth()).isEqualTo(200);
    assertThat(painted.getHeight()).isEqualTo(100);
    assertThat(painted.getRGB(199, 99)).isEqualTo(0xff808080);
    List<Integer> corner =
        Stream.iterate(0, x -> x + 1).limit(60).map(x -> painted.getRGB(x, 7) & 0xff).toList();
    assertThat(corner).as("dark ground").anyMatch(value -> value < 80);
    assertThat(corner).as("light letters").anyMatch(value -> value > 180);
  }
}
