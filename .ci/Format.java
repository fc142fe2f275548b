import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Checks or writes the format of every Java file of the project; the build runs it.
 *
 * <p>Arguments: {@code check}, {@code write} or {@code skip}, and the project's folder. Only files
 * below a {@code src} folder of a module are looked at.
 */
final class Format {
  private static final List<String> MODULES =
      List.of(
          "tensor",
          "kernels-opencl",
          "autograd",
          "nn",
          "yolov4",
          "tests",
          "tests/libtorch",
          "bench",
          "bench/peers");

  private Format() {}

  static void main(String[] args) throws IOException {
    String mode = args[0];
    Path root = Path.of(args[1]);
    if (mode.equals("skip")) {
      return;
    }
    if (!mode.equals("check") && !mode.equals("write")) {
      System.err.println("format=" + mode + " is unknown: use check, write or skip");
      System.exit(2);
    }
    List<String> call = new ArrayList<>();
    if (mode.equals("write")) {
      call.add("--replace");
    } else {
      call.addAll(List.of("--dry-run", "--set-exit-if-changed"));
    }
    call.addAll(sources(root));
    ToolProvider formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    int status = formatter.run(System.out, System.err, call.toArray(String[]::new));
    if (status != 0) {
      System.err.println("Badly formatted files above. Remedy: mvn -N -q validate -Dformat=write");
      System.exit(1);
    }
  }

  private static List<String> sources(Path root) throws IOException {
    List<String> files = new ArrayList<>();
    for (String module : MODULES) {
      Path source = root.resolve(module).resolve("src");
      if (Files.isDirectory(source)) {
        try (Stream<Path> tree = Files.walk(source)) {
          tree.filter(f -> f.toString().endsWith(".java")).map(Path::toString).forEach(files::add);
        }
      }
    }
    files.sort(null);
    return files;
  }
}
