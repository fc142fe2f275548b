package dev.peregrine.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.testkit.Cases;
import dev.peregrine.testkit.HostArrays;
import dev.peregrine.testkit.OpCase;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EveryOpTest {
  @Test
  void everyOperationOfTheVocabularyHasACase() {
    Set<Class<?>> covered =
        Cases.all().stream().map(c -> c.op().getClass()).collect(Collectors.toSet());
    assertThat(covered).isEqualTo(Set.of(Op.class.getPermittedSubclasses()));
  }

  @Test
  void namesOfCasesAreUnique() {
    Set<String> seen = new HashSet<>();
    assertThat(
            Stream.concat(Cases.all().stream(), Cases.yoloV4Tiny(416).stream()).map(OpCase::name))
        .allMatch(seen::add, "occurs once");
  }

  @Test
  void theLayersOfTinyAddUpToThePublishedCost() {
    // 6.9 billion operations of YOLOv4-tiny at 416, with the three stages' repeated layers counted.
    double once = Cases.yoloV4Tiny(416).stream().mapToLong(OpCase::flops).sum() / 1e9;
    assertThat(once).isBetween(5.0, 6.92);
  }

  @Test
  void aCaseKeepsItsNumbersInDoublePrecision() {
    for (OpCase c : Cases.all()) {
      OpCase wide = c.in(DType.F64);
      assertThat(wide.in(DType.F32)).as(c.name()).isEqualTo(c);
      for (int i = 0; i < c.inputs().size(); i++) {
        assertThat(HostArrays.doubles(wide.numbers(i)))
            .as("%s input %d", c, i)
            .isEqualTo(HostArrays.doubles(c.numbers(i)));
      }
    }
  }
}
