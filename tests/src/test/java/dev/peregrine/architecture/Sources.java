package dev.peregrine.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The project's source files, found from the folder in which the tests run. */
public final class Sources {
  /** The folders of the modules with a descriptor, lowest first. */
  static final List<String> MODULES =
      List.of("tensor", "kernels-opencl", "autograd", "nn", "yolov4");

  private static final List<String> ALL_MODULES =
      Stream.concat(MODULES.stream(), Stream.of("tests", "tests/libtorch", "bench", "bench/peers"))
          .toList();

  /**
   * One Java source file.
   *
   * @param module the folder of its module
   * @param path where it is
   * @param packageName the package in which it lies, empty for a module descriptor
   * @param text its content
   */
  record Source(String module, Path path, String packageName, String text) {
    String name() {
      return path.getFileName().toString().replace(".java", "");
    }

    /** The full name of the class that the file is named after. */
    String className() {
      return packageName + "." + name();
    }

    boolean isDescriptor() {
      return name().equals("module-info");
    }

    boolean isPackageInfo() {
      return name().equals("package-info");
    }

    /** Lines that hold more than blanks and comments. */
    int codeLines() {
      return CodeLines.count(text);
    }

    @Override
    public String toString() {
      return root().relativize(path).toString();
    }
  }

  private Sources() {}

  /** The top folder of the project. */
  public static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("tensor/src"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new AssertionError("the tests must run inside the project's folder");
      }
    }
    return folder;
  }

  /** Every source file of a module's main code. */
  static List<Source> mainOf(String module) {
    return read(module, root().resolve(module).resolve("src/main/java"));
  }

  /** The main code of all modules that the library consists of. */
  static List<Source> main() {
    return MODULES.stream().flatMap(m -> mainOf(m).stream()).toList();
  }

  /** Everything: also the tests and the benchmarks. */
  static List<Source> all() {
    return ALL_MODULES.stream()
        .flatMap(m -> read(m, root().resolve(m).resolve("src")).stream())
        .toList();
  }

  private static List<Source> read(String module, Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(f -> f.toString().endsWith(".java"))
          .sorted()
          .map(f -> new Source(module, f, packageOf(f), text(f)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String packageOf(Path file) {
    String path = file.getParent().toString().replace('\\', '/');
    int start = path.indexOf("/java/dev/");
    return start < 0 ? "" : path.substring(start + "/java/".length()).replace('/', '.');
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
