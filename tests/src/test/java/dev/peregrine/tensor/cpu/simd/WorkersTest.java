package dev.peregrine.tensor.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.device.DeviceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("simd")
@Timeout(30)
class WorkersTest {
  @Test
  void runsEachTaskOnce() {
    Workers workers = new Workers(3);
    for (int tasks : new int[] {0, 1, 2, 3, 17, 1000}) {
      AtomicIntegerArray runs = new AtomicIntegerArray(1000);
      workers.run(tasks, runs::incrementAndGet);
      for (int i = 0; i < 1000; i++) {
        assertThat(runs.get(i)).isEqualTo(i < tasks ? 1 : 0);
      }
    }
    workers.close();
  }

  @Test
  void sharesTasksAmongThreads() throws InterruptedException {
    Workers workers = new Workers(2);
    CountDownLatch both = new CountDownLatch(2);
    // Each task waits for the other, so they end only when two threads run them.
    workers.run(
        2,
        i -> {
          both.countDown();
          try {
            assertThat(both.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    workers.close();
  }

  @Test
  void wakesThreadsThatSleep() throws InterruptedException {
    Workers workers = new Workers(2);
    for (int round = 0; round < 3; round++) {
      sharesTasks(workers);
      Thread.sleep(60);
    }
    workers.close();
  }

  private static void sharesTasks(Workers workers) {
    ConcurrentHashMap<String, Boolean> names = new ConcurrentHashMap<>();
    CountDownLatch both = new CountDownLatch(2);
    workers.run(
        2,
        i -> {
          names.put(Thread.currentThread().getName(), true);
          both.countDown();
          try {
            both.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(names).hasSize(2).containsKey("peregrine-cpu-1");
  }

  @Test
  void givesTheExceptionToTheCallerAndGoesOn() {
    Workers workers = new Workers(2);
    for (int round = 0; round < 50; round++) {
      int bad = round % 8;
      assertThatThrownBy(() ->
              workers.run(
                  8,
                  i -> {
                    if (i == bad) {
                      throw new IllegalStateException("task " + i);
                    }
                  }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("task " + bad);
      AtomicInteger count = new AtomicInteger();
      workers.run(8, i -> count.incrementAndGet());
      assertThat(count).hasValue(8);
    }
    assertThatThrownBy(() ->
            workers.run(
                4,
                i -> {
                  throw new AssertionError("hard");
                }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("hard");
    workers.close();
  }

  @Test
  void anInterruptedCallerRunsAllTasksAndStaysInterrupted() {
    Workers workers = new Workers(2);
    AtomicInteger done = new AtomicInteger();
    Thread.currentThread().interrupt();
    try {
      // So long that the caller parks while it waits for the other thread.
      workers.run(
          8,
          i -> {
            LockSupport.parkNanos(2_000_000);
            done.incrementAndGet();
          });
    } finally {
      assertThat(Thread.interrupted()).isTrue();
      workers.close();
    }
    assertThat(done.get()).isEqualTo(8);
  }

  @Test
  void tasksMayRunJobsOfTheirOwn() {
    Workers workers = new Workers(2);
    AtomicInteger count = new AtomicInteger();
    workers.run(8, i -> workers.run(8, j -> workers.run(2, k -> count.incrementAndGet())));
    assertThat(count).hasValue(128);
    workers.close();
  }

  @Test
  void manyCallersAtOnce() throws InterruptedException {
    Workers workers = new Workers(3);
    AtomicInteger count = new AtomicInteger();
    List<Throwable> failures = new ArrayList<>();
    List<Thread> callers = new ArrayList<>();
    for (int c = 0; c < 6; c++) {
      callers.add(
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, e) -> {
                synchronized (failures) {
                  failures.add(e);
                }
              })
              .start(() -> {
                for (int round = 0; round < 300; round++) {
                  int[] seen = new int[16];
                  workers.run(
                      16,
                      i -> {
                        seen[i]++;
                        count.incrementAndGet();
                      });
                  for (int s : seen) {
                    assertThat(s).isEqualTo(1);
                  }
                }
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(failures).isEmpty();
    assertThat(count).hasValue(6 * 300 * 16);
    workers.close();
  }

  @Test
  void rangesDoNotDependOnTheThreads() {
    for (int threads : new int[] {1, 2, 5}) {
      Workers workers = new Workers(threads);
      ConcurrentHashMap<Integer, Integer> ranges = new ConcurrentHashMap<>();
      workers.ranges(10, 4, ranges::put);
      assertThat(ranges).containsOnly(entry(0, 4), entry(4, 8), entry(8, 10));
      workers.ranges(0, 4, (from, to) -> ranges.put(-1, -1));
      assertThat(ranges).doesNotContainKey(-1);
      workers.close();
    }
  }

  @Test
  void threadsEndWhenTheirOwnerIsForgotten() throws InterruptedException {
    Thread member = memberOfForgottenWorkers();
    for (int i = 0; i < 200 && member.isAlive(); i++) {
      System.gc();
      member.join(50);
    }
    assertThat(member.isAlive()).isFalse();
  }

  private static Thread memberOfForgottenWorkers() {
    Workers workers = new Workers(2);
    ConcurrentHashMap<Thread, Boolean> seen = new ConcurrentHashMap<>();
    CountDownLatch both = new CountDownLatch(2);
    workers.run(
        2,
        i -> {
          seen.put(Thread.currentThread(), true);
          both.countDown();
          try {
            both.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    seen.remove(Thread.currentThread());
    assertThat(seen).hasSize(1);
    return seen.keys().nextElement();
  }

  @Test
  void runsOnTheCallerAloneAfterClose() {
    Workers workers = new Workers(2);
    workers.close();
    AtomicInteger count = new AtomicInteger();
    workers.run(8, i -> count.incrementAndGet());
    assertThat(count).hasValue(8);
  }

  @Test
  void noThreadsIsAnError() {
    assertThatThrownBy(() -> new Workers(0))
        .isInstanceOf(DeviceException.class)
        .hasMessage("cpu: 0 threads cannot compute; use 1 or more");
  }

  private static java.util.Map.Entry<Integer, Integer> entry(int from, int to) {
    return java.util.Map.entry(from, to);
  }
}
