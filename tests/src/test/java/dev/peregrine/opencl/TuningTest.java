package dev.peregrine.opencl;

import static dev.peregrine.opencl.OpenClConvolutionTest.random;
import static dev.peregrine.opencl.OpenClConvolutionTest.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.opencl.kernel.Precision;
import dev.peregrine.opencl.kernel.TileFile;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.testkit.TestDevices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tiles that were measured. */
class TuningTest {
  private static final Op CONV = new Conv2d(Window.same(3, 1), 1, Epilogue.NONE);
  private static final Signature SHAPES =
      Signature.of(CONV, List.of(Spec.f32(1, 9, 11, 16), Spec.f32(3, 3, 16, 40)));

  /** What the rule never chooses for a processor. */
  private static final String OTHER = "128x32x16 by 8x4 FP32";

  @TempDir Path folder;
  private Path path;

  /** Skipped on a machine without OpenCL, unless one is demanded. */
  @BeforeAll
  static void requireOpenCl() {
    assertThat(TestDevices.openCl().description()).startsWith("opencl: ");
  }

  @BeforeEach
  void name() {
    path = folder.resolve("cache").resolve("tiles.tsv");
  }

  private OpenClDevice open() {
    return OpenClDevice.open("opencl", 0, Precision.FP32, new TileFile(path));
  }

  private static String algorithm(OpenClDevice device) {
    return device.prepare(CONV, SHAPES).algorithm();
  }

  /** Searches, and lets the file say that another tile won than the rule's. */
  private List<String> tuned() throws IOException {
    OpenClDevice device = open();
    Tuning.begin(device);
    device.prepare(CONV, SHAPES);
    List<String> lines = Files.readAllLines(path);
    assertThat(lines).hasSize(2);
    String row = lines.get(1);
    write(lines.getFirst(), row.substring(0, row.lastIndexOf('\t') + 1) + OTHER);
    return Files.readAllLines(path);
  }

  private void write(String... lines) throws IOException {
    Files.createDirectories(path.getParent());
    Files.write(path, List.of(lines));
  }

  @Test
  void nothingIsMeasuredUnasked() {
    assertThat(algorithm(open())).startsWith("implicit");
    assertThat(path).doesNotExist();
  }

  @Test
  void laterSessionsUseWhatWasMeasuredAndComputeTheSame() throws IOException {
    float[][] numbers = {random(SHAPES.input(0), 1), random(SHAPES.input(1), 2)};
    OpenClDevice usual = open();
    double[] expected = run(usual, CONV, SHAPES, numbers);
    List<String> lines = tuned();
    assertThat(lines.get(1)).contains("Conv2d", "FP32", "[1, 9, 11, 16]");
    OpenClDevice later = open();
    assertThat(algorithm(later)).isEqualTo("implicit 128x32").isNotEqualTo(algorithm(usual));
    assertThat(run(later, CONV, SHAPES, numbers)).isEqualTo(expected);
    Tuning.begin(later);
    later.prepare(CONV, SHAPES);
    assertThat(Files.readAllLines(path)).as("what is known is not measured again").isEqualTo(lines);
    Op product = new MatMul(false, false);
    later.prepare(product, Signature.of(product, List.of(Spec.f32(40, 24), Spec.f32(24, 33))));
    assertThat(Files.readAllLines(path)).hasSize(3).containsAll(lines);
    assertThat(folder.resolve("cache")).isDirectoryContaining(path::equals);
    assertThat(path.getParent().toFile().list()).as("nothing is left beside").hasSize(1);
  }

  @Test
  void everyCandidateGivesTheSameBits() throws IOException {
    Spec x = SHAPES.input(0);
    Spec y = SHAPES.output();
    Op weights = new Conv2dWeightGrad(Window.same(3, 1), 1, SHAPES.input(1).shape());
    Op product = new MatMul(false, true);
    Map<Op, Signature> cases =
        Map.of(
            CONV,
            SHAPES,
            weights,
            Signature.of(weights, List.of(x, y)),
            product,
            Signature.of(product, List.of(Spec.f32(40, 24), Spec.f32(70, 24))));
    cases.forEach(this::requireSameBits);
  }

  /** Winograd's products are cut as well. */
  @Test
  void everyCandidateGivesTheSameBitsToWinograd() {
    requireSameBits(
        CONV, Signature.of(CONV, List.of(Spec.f32(1, 9, 11, 32), Spec.f32(3, 3, 32, 40))));
  }

  private void requireSameBits(Op op, Signature signature) {
    float[][] numbers = {random(signature.input(0), 1), random(signature.input(1), 2)};
    double[] expected = run(open(), op, signature, numbers);
    try {
      Files.deleteIfExists(path);
      OpenClDevice searching = open();
      Tuning.begin(searching);
      searching.prepare(op, signature);
      List<String> lines = Files.readAllLines(path);
      String row = lines.get(1).substring(0, lines.get(1).lastIndexOf('\t') + 1);
      for (String code :
          List.of(
              "128x128x8 by 8x8 FP32",
              "128x64x16 by 8x8 FP32",
              "128x32x16 by 8x4 FP32",
              "64x64x16 by 8x8 FP32",
              "64x64x16 by 4x4 FP32",
              "32x32x16 by 4x4 FP32")) {
        write(lines.getFirst(), row + code);
        OpenClDevice device = open();
        assertThat(device.prepare(op, signature).algorithm())
            .contains(code.replaceAll("x\\d+ by.*", ""));
        assertThat(run(device, op, signature, numbers)).as(op + " " + code).isEqualTo(expected);
      }
      Files.delete(path);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Test
  void rowsOfOtherDriversDevicesAndKernelsAreLeftAside() throws IOException {
    String rule = algorithm(open());
    List<String> lines = tuned();
    String[] columns = lines.get(1).split("\t", -1);
    for (int i = 0; i < 3; i++) {
      String[] other = columns.clone();
      other[i] += "1";
      write(lines.getFirst(), String.join("\t", other));
      assertThat(algorithm(open())).as("column %s", i).isEqualTo(rule);
    }
    write(lines.getFirst(), lines.get(1).replace(OTHER, "4096x4096x16 by 8x8 FP32"));
    assertThat(algorithm(open())).as("a tile that nobody tried").isEqualTo(rule);
    write(lines.toArray(String[]::new));
    assertThat(algorithm(open())).isNotEqualTo(rule);
  }

  @Test
  void filesThatAreNoneAreIgnoredAndWrittenAnew() throws IOException {
    String rule = algorithm(open());
    List<String> lines = tuned();
    write("something else", lines.get(1));
    assertThat(algorithm(open())).as("heading").isEqualTo(rule);
    write(lines.getFirst(), lines.get(1), lines.get(1).substring(0, 20));
    assertThat(algorithm(open())).as("torn").isEqualTo(rule);
    Files.write(path, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertThat(algorithm(open())).as("no text").isEqualTo(rule);
    assertThat(new TileFile(path).report()).startsWith("chosen by a rule");
    assertThat(tuned()).isEqualTo(lines);
  }

  @Test
  void aFolderThatCannotBeWrittenIsToldWhereSearchingWasAskedFor() throws IOException {
    Files.writeString(folder.resolve("cache"), "a file in the way");
    OpenClDevice device = open();
    Tuning.begin(device);
    assertThatThrownBy(() -> device.prepare(CONV, SHAPES))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("cannot be kept in " + path, "PEREGRINE_CACHE");
    assertThatThrownBy(() -> Tuning.begin(Devices.cpu()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("device=opencl");
  }

  @Test
  void theReportTellsFileAndNumberOrTheCommand() throws IOException {
    assertThat(new TileFile(path).report())
        .contains("none measured in " + path, "./yolo benchmark", "tune=true");
    String device = tuned().get(1).split("\t", -1)[0];
    assertThat(new TileFile(path).report())
        .startsWith("1 shape measured on " + device + ", driver ")
        .endsWith("(" + path + ")");
  }

  @Test
  void theEnvironmentMovesTheFile() {
    assertThat(TileFile.of(Map.of("PEREGRINE_CACHE", "/a", "XDG_CACHE_HOME", "/b")).report())
        .contains("/a/opencl-tiles.tsv");
    assertThat(TileFile.of(Map.of("XDG_CACHE_HOME", "/b")).report())
        .contains("/b/peregrine/opencl-tiles.tsv");
    assertThat(TileFile.of(Map.of("XDG_CACHE_HOME", "relative")).report())
        .contains("/.cache/peregrine/opencl-tiles.tsv");
  }
}
