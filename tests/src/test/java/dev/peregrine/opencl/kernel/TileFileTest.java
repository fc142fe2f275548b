package dev.peregrine.opencl.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of measured tiles; what devices do with it is the matter of {@code TuningTest}. */
class TileFileTest {
  private static final int THREADS = 4;
  private static final int ROWS = 25;

  @TempDir private Path folder;

  /** Several devices of one process may be searched at once, each with a file object of its own. */
  @Test
  void rowsOfSeveralSearchesAreAllKept() throws Exception {
    Path path = folder.resolve("tiles.tsv");
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> searches = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        String device = "card " + thread;
        searches.add(
            threads.submit(() -> {
              TileFile own = new TileFile(path);
              for (int row = 0; row < ROWS; row++) {
                own.add(TileFile.key(device, "1.0", "kernels", "shape " + row), "rule");
              }
            }));
      }
      for (Future<?> search : searches) {
        search.get();
      }
    }
    assertThat(new TileFile(path).read()).hasSize(THREADS * ROWS);
    assertThat(folder.toFile().list()).as("nothing is left beside").hasSize(1);
  }
}
