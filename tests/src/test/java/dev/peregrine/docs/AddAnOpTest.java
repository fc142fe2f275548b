package dev.peregrine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files that {@code docs/add-an-op.md} lists are those that answer for every operation. */
class AddAnOpTest {
  /** Operations that only a switch over all of them names beside each other. */
  private static final List<String> RARE = List.of("AdamStep", "UpsampleGrad", "ScatterAdd");

  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| [^|]*\\]\\(\\.\\./([^)]+\\.java)\\)");

  @Test
  void theTableHasEverySwitchOverOperations() throws IOException {
    String page = Files.readString(Sources.root().resolve("docs/add-an-op.md"));
    Set<String> listed =
        ROW.matcher(page)
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> found = new TreeSet<>();
    for (String module : List.of("tensor", "kernels-opencl", "autograd", "nn", "yolov4")) {
      try (Stream<Path> files = Files.walk(Sources.root().resolve(module).resolve("src/main"))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          String code = Files.readString(file);
          if (RARE.stream().allMatch(name -> hasCase(code, name))) {
            found.add(Sources.root().relativize(file).toString().replace('\\', '/'));
          }
        }
      }
    }
    assertThat(listed).isEqualTo(found).hasSizeGreaterThan(5);
  }

  /** Tells whether a case of a switch is about an operation, as {@code case A _, B b ->}. */
  private static boolean hasCase(String code, String name) {
    return Pattern.compile("case (?:\\w+ \\w+, )*" + name + "(?: \\w+|\\()").matcher(code).find();
  }
}
