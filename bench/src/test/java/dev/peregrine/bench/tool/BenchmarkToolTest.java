package dev.peregrine.bench.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tool is found by name, lists what there is, and refuses the rest before it runs anything. */
class BenchmarkToolTest {
  private static String run(String... arguments) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    int status = ToolProvider.findFirst("peregrine-bench").orElseThrow().run(out, out, arguments);
    assertThat(status).isZero();
    return text.toString();
  }

  @Test
  void benchmarksAreListedWithTheirParameters() {
    assertThat(run("verbose=false").lines())
        .contains(
            "LayerBenchmark.run",
            "    net=tiny",
            "    layer=3x3p1 64-64 @104 leaky_relu",
            "PeakBenchmark.fusedMultiplyAdd",
            "OptimizerBenchmark.step");
  }

  @ParameterizedTest
  @CsvSource({
    "pattern=Pek, there are LayerBenchmark.run",
    "pattern=(, is no regular expression",
    "pattern=Peak compare=none.json, compare=none.json cannot be read",
    "pattern=Peak params=net, it must be name=value"
  })
  void whatCannotBeRunIsRefused(String arguments, String sentence) {
    assertThatThrownBy(() -> run(arguments.split(" ", -1)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(sentence);
  }
}
