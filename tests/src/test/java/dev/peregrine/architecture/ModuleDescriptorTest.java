package dev.peregrine.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The module descriptors, which the tests themselves do not run under: they are on the class path.
 *
 * <p>What is exported must be all that exists but the kernels and the verbs, and a service must be
 * declared for both paths, in the descriptor and under {@code META-INF/services}: one alone is
 * invisible on the other.
 */
final class ModuleDescriptorTest {
  private static final Map<String, Set<String>> MAY_REQUIRE =
      Map.of(
          "tensor", Set.of(),
          "kernels-opencl", Set.of("dev.peregrine.tensor"),
          "autograd", Set.of("dev.peregrine.tensor"),
          "nn", Set.of("dev.peregrine.tensor", "dev.peregrine.autograd"),
          "yolov4",
              Set.of(
                  "dev.peregrine.tensor",
                  "dev.peregrine.autograd",
                  "dev.peregrine.nn",
                  "dev.peregrine.opencl"));

  static List<String> modules() {
    return Sources.MODULES;
  }

  @ParameterizedTest
  @MethodSource("modules")
  void requiresOnlyWhatLiesBelow(String module) {
    assertThat(directives(module, "requires(?: static)?(?: transitive)?"))
        .filteredOn(name -> name.startsWith("dev.peregrine."))
        .isSubsetOf(MAY_REQUIRE.get(module));
  }

  @ParameterizedTest
  @MethodSource("modules")
  void passesOnNothingThatUsersLack(String module) {
    assertThat(directives(module, "requires (?:static transitive|transitive static)"))
        .as("needed to compile this module only, so whoever requires it must not need it")
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void exportsAllButKernelsAndVerbs(String module) {
    Set<String> packages =
        Sources.mainOf(module).stream()
            .filter(s -> !s.isDescriptor() && !s.isPackageInfo())
            .map(Source::packageName)
            .filter(name -> !name.startsWith("dev.peregrine.tensor.cpu"))
            .filter(name -> !name.startsWith("dev.peregrine.opencl.kernel"))
            .filter(name -> !name.startsWith("dev.peregrine.yolo.cli."))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(directives(module, "exports")).containsExactlyInAnyOrderElementsOf(packages);
  }

  @ParameterizedTest
  @MethodSource("modules")
  void declaresItsServicesTwice(String module) throws IOException {
    Map<String, Set<String>> inDescriptor = new TreeMap<>();
    for (String provision : directives(module, "provides")) {
      String[] sides = provision.split("\\s+with\\s+", 2);
      inDescriptor.put(
          sides[0],
          Arrays.stream(sides[1].split(",", -1)).map(String::strip).collect(Collectors.toSet()));
    }
    assertThat(inDescriptor).isEqualTo(inFolder(module));
  }

  private static Map<String, Set<String>> inFolder(String module) throws IOException {
    Path folder = Sources.root().resolve(module).resolve("src/main/resources/META-INF/services");
    Map<String, Set<String>> services = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Set<String> providers =
              Files.readAllLines(file).stream()
                  .map(line -> line.replaceFirst("#.*", "").strip())
                  .filter(line -> !line.isEmpty())
                  .collect(Collectors.toSet());
          services.put(file.getFileName().toString(), providers);
        }
      }
    }
    return services;
  }

  /** What follows a keyword in the descriptor of a module, once for each time it stands there. */
  private static List<String> directives(String module, String keyword) {
    Source descriptor =
        Sources.mainOf(module).stream().filter(Source::isDescriptor).findFirst().orElseThrow();
    return Pattern.compile("^\\s+" + keyword + "\\s+([^;]+);", Pattern.MULTILINE)
        .matcher(descriptor.text())
        .results()
        .map(match -> match.group(1).strip())
        .toList();
  }
}
