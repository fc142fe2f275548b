package dev.peregrine.opencl.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.testkit.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sessions come and go in many threads. */
class SessionTest {
  private static final int THREADS = 4;
  private static final int SESSIONS = 150;

  /** Skipped on a machine without OpenCL, unless one is demanded. */
  @BeforeAll
  static void requireOpenCl() {
    assertThat(TestDevices.openCl()).isNotNull();
  }

  /** Without a lock around contexts the process dies here, in native code. */
  @Test
  void opensAndClosesInManyThreads() throws Exception {
    Callable<Integer> opening =
        () -> {
          int opened = 0;
          for (int i = 0; i < SESSIONS; i++) {
            opened += Session.open("opencl", 0, UnaryOperator.identity()).name().isEmpty() ? 0 : 1;
            if (i % 10 == 0) {
              // Whoever forgets a session lets the collector close it, in a thread of its own.
              System.gc();
            }
          }
          return opened;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        counts.add(threads.submit(opening));
      }
      for (Future<Integer> count : counts) {
        assertThat(count.get()).isEqualTo(SESSIONS);
      }
    }
  }
}
