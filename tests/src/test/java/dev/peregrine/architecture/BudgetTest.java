package dev.peregrine.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources.Source;
import dev.peregrine.tensor.Tensor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What may be spent: lines of a file and of a module, public types of a package. A budget is raised
 * only with a record of the decision under {@code docs/adr}.
 */
final class BudgetTest {
  private static final Pattern PUBLIC_TYPE =
      Pattern.compile(
          "^public\\s+(?:(?:abstract|final|sealed|non-sealed|static|strictfp)\\s+)*"
              + "(?:class|interface|record|enum|@interface)\\s",
          Pattern.MULTILINE);
  private static final String REFERENCE = "dev.peregrine.tensor.cpu.reference";
  private static final String SIMD = "dev.peregrine.tensor.cpu.simd";

  @Test
  void filesAreShort() {
    List<String> tooLong =
        Sources.all().stream()
            .filter(s -> s.text().lines().count() > longestFile(s))
            .map(s -> s + ": " + s.text().lines().count() + " lines of " + longestFile(s))
            .toList();
    assertThat(tooLong).as("files over their budget").isEmpty();
  }

  private static int longestFile(Source source) {
    boolean kernel =
        source.module().equals("kernels-opencl")
            || source.packageName().startsWith(REFERENCE)
            || source.packageName().startsWith(SIMD);
    return kernel ? 600 : 400;
  }

  @Test
  void packagesShowFewTypes() {
    Map<String, Long> types =
        Sources.main().stream()
            .filter(s -> PUBLIC_TYPE.matcher(s.text()).find())
            .collect(
                Collectors.groupingBy(Source::packageName, TreeMap::new, Collectors.counting()));
    assertThat(types).as("public types").isNotEmpty();
    types.forEach((name, count) ->
        assertThat(count)
            .as("public types in %s", name)
            .isLessThanOrEqualTo(name.equals("dev.peregrine.tensor.op") ? 40 : 15));
  }

  @Test
  void tensorHasFewMethods() {
    List<String> methods =
        Arrays.stream(Tensor.class.getDeclaredMethods())
            .filter(m -> Modifier.isPublic(m.getModifiers()) && !m.isSynthetic())
            .map(Method::toGenericString)
            .toList();
    assertThat(methods).hasSizeLessThanOrEqualTo(30);
  }

  @ParameterizedTest(name = "{0}: {1} lines of code")
  @CsvSource({
    "tensor without kernels, 5100",
    "tensor.cpu.reference, 1500",
    "tensor.cpu.simd, 9500",
    "kernels-opencl, 4000",
    "autograd, 900",
    "nn, 6000",
    "yolov4, 40000"
  })
  void modulesAreSmall(String part, int budget) {
    Predicate<Source> kernels =
        s -> s.packageName().startsWith(REFERENCE) || s.packageName().startsWith(SIMD);
    int lines =
        switch (part) {
          case "tensor without kernels" -> codeLines("tensor", kernels.negate());
          case "tensor.cpu.reference", "tensor.cpu.simd" ->
              codeLines("tensor", s -> s.packageName().startsWith("dev.peregrine." + part));
          default -> codeLines(part, s -> true);
        };
    assertThat(lines).as("lines of code of %s", part).isLessThanOrEqualTo(budget);
  }

  @Test
  void roomsOfTheYoloModuleAreSmall() {
    Map<String, Integer> lines =
        Sources.mainOf("yolov4").stream()
            .collect(
                Collectors.groupingBy(
                    Source::packageName, TreeMap::new, Collectors.summingInt(Source::codeLines)));
    assertThat(lines).as("packages").isNotEmpty();
    lines.forEach(
        (name, sum) -> assertThat(sum).as("lines of code of %s", name).isLessThanOrEqualTo(3000));
  }

  private static int codeLines(String module, Predicate<Source> which) {
    return Sources.mainOf(module).stream().filter(which).mapToInt(Source::codeLines).sum();
  }

  @Test
  void codeLinesLeaveOutCommentsAndBlanks() {
    String text =
        """
        /** One
         * comment. */
        int a = 1; // code

        // none
        String b = "/* code */ //"; /* and
        */ char c = '"'; /* a comment */
        String d = \"""
            // code
            \""";
        """;
    assertThat(CodeLines.count(text)).isEqualTo(6);
  }
}
