package dev.peregrine.yolo.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.Schedule;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.train.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rates, momentum and steps of runs as the official PyTorch loop makes them. */
class TorchScheduleTest {
  @ParameterizedTest
  @CsvSource({"300, 100, 16", "50, 500, 12"})
  void ratesAndStepsAreThoseOfTheLoop(int epochs, int batches, int batch) {
    ScaledRecipe recipe = ScaledRecipe.usual();
    Course course = new Course(InputSize.square(640), 32, epochs, batches, batch, 0);
    Schedule schedule = recipe.schedule(course);
    Accumulation.Sum accumulation = recipe.accumulation(course);
    Map<Long, Table.Row> rows = new HashMap<>();
    List<Table.Row> table =
        Table.read(
            Reference.require(
                "oracles/training/pytorch/schedule/epochs%d_nb%d_bs%d.tsv"
                    .formatted(epochs, batches, batch)));
    table.forEach(row -> rows.put((long) row.number("iteration"), row));
    long steps = 0;
    for (long n = 0; n < course.iterations(); n++) {
      boolean step = accumulation.steps(n, batch, false);
      steps += step ? 1 : 0;
      Table.Row row = rows.remove(n);
      if (row != null) {
        StepSize size = schedule.at(n);
        String what = "iteration " + n;
        assertThat(size.rate()).as(what).isCloseTo(row.number("lr_pg0"), within(1e-15));
        assertThat(size.biasRate()).as(what).isCloseTo(row.number("lr_pg2"), within(1e-15));
        assertThat(size.momentum()).as(what).isCloseTo(row.number("momentum"), within(1e-14));
        assertThat(accumulation.batches(n)).as(what).isEqualTo((long) row.number("accumulate"));
        assertThat(step).as(what).isEqualTo(row.number("optimizer_step_here") == 1);
        assertThat(steps).as(what).isEqualTo((long) row.number("steps_so_far"));
      }
    }
    assertThat(rows).isEmpty();
  }
}
