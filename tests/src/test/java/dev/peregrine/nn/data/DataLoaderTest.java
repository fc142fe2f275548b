package dev.peregrine.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class DataLoaderTest {
  /** Examples that name themselves and take longer or shorter. */
  private static class Named implements Source<String> {
    final AtomicInteger begun = new AtomicInteger();
    final AtomicInteger running = new AtomicInteger();

    @Override
    public int size() {
      return 23;
    }

    @Override
    public String get(int index, long epoch) {
      begun.incrementAndGet();
      running.incrementAndGet();
      try {
        LockSupport.parkNanos(index * 7919L % 5 * 200_000);
        return made(index, epoch);
      } finally {
        running.decrementAndGet();
      }
    }

    String made(int index, long epoch) {
      return index + " of " + epoch;
    }
  }

  private static List<List<String>> batches(int threads, boolean shuffled, long epoch, int first) {
    try (DataLoader<String> loader = new DataLoader<>(new Named(), 4, shuffled, 9, threads)) {
      List<List<String>> batches = new ArrayList<>();
      loader.epoch(epoch, first).forEach(batches::add);
      return batches;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5})
  void anyNumberOfThreadsGivesTheSameBatches(int threads) {
    assertThat(batches(threads, true, 3, 0)).isEqualTo(batches(1, true, 3, 0));
  }

  @Test
  void anEpochHasEachExampleOnce() {
    List<List<String>> batches = batches(2, true, 3, 0);
    assertThat(batches).hasSize(6);
    assertThat(batches.get(5)).hasSize(3);
    List<String> all = batches.stream().flatMap(List::stream).toList();
    assertThat(all).hasSize(23).doesNotHaveDuplicates().allMatch(name -> name.endsWith(" of 3"));
    assertThat(batches(2, true, 4, 0)).isNotEqualTo(batches);
    List<String> inOrder = batches(2, false, 0, 0).stream().flatMap(List::stream).toList();
    assertThat(inOrder).startsWith("0 of 0", "1 of 0", "2 of 0").endsWith("22 of 0");
  }

  /** Batches 1 and 2 of six are larger; what they have more is not taken from the others. */
  @Test
  void batchesMayGrowWithoutChangingTheEpoch() {
    List<List<String>> plain = batches(2, true, 3, 0);
    for (int threads : new int[] {1, 3}) {
      for (int first : new int[] {0, 2}) {
        try (DataLoader<String> loader = growing(threads)) {
          List<List<String>> batches = new ArrayList<>();
          loader.epoch(3, first).forEach(batches::add);
          assertThat(batches).hasSize(6 - first);
          for (int b = first; b < 6; b++) {
            List<String> batch = batches.get(b - first);
            assertThat(batch).startsWith(plain.get(b).toArray(String[]::new));
            assertThat(batch).hasSize(b == 1 ? 40 : b == 2 ? 6 : plain.get(b).size());
            assertThat(batch.subList(plain.get(b).size(), batch.size()))
                .allMatch(name -> name.endsWith(" again"));
          }
          List<String> further = plain.stream().flatMap(List::stream).toList().subList(11, 23);
          List<String> more = batches.get(2 - first).subList(4, 6);
          assertThat(more).containsExactly(further.get(8) + " again", further.get(9) + " again");
        }
      }
    }
  }

  private static DataLoader<String> growing(int threads) {
    Named source =
        new Named() {
          @Override
          public String again(int index, long epoch, int batch) {
            return get(index, epoch) + " again";
          }
        };
    return new DataLoader<>(source, 4, true, 9, threads)
        .growing((_, batch) -> batch == 1 ? 40 : batch == 2 ? 6 : 1);
  }

  @Test
  void beginsInTheMiddleOfAnEpoch() {
    assertThat(batches(2, true, 3, 4)).isEqualTo(batches(2, true, 3, 0).subList(4, 6));
    assertThat(batches(2, true, 3, 6)).isEmpty();
    assertThatThrownBy(() -> batches(1, true, 3, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loader: an epoch cannot begin at batch 7, it has 6");
  }

  @Test
  void looksAheadWithinABound() {
    Named source = new Named();
    try (DataLoader<String> loader = new DataLoader<>(source, 2, true, 9, 1)) {
      Iterator<List<String>> batches = loader.epoch(0, 0).iterator();
      for (int taken = 1; taken <= 3; taken++) {
        batches.next();
        LockSupport.parkNanos(30_000_000);
        assertThat(source.begun.get()).isLessThanOrEqualTo(taken * 2 + 2 + 4);
      }
      assertThat(source.begun.get()).as("it does look ahead").isGreaterThan(6);
      assertThat(loader.waited()).as("the first batch was waited for").isPositive();
    }
  }

  @Test
  void exceptionsOfTheSourceNameTheirBatch() {
    FormatException fault = new FormatException("7.jpg: is cut");
    Named source =
        new Named() {
          @Override
          String made(int index, long epoch) {
            if (index == 7) {
              throw fault;
            }
            return super.made(index, epoch);
          }
        };
    try (DataLoader<String> loader = new DataLoader<>(source, 3, false, 0, 2)) {
      Iterator<List<String>> batches = loader.epoch(5, 0).iterator();
      batches.next();
      batches.next();
      assertThatThrownBy(batches::next)
          .isSameAs(fault)
          .hasSuppressedException(
              new IllegalStateException("loader: while making example 7 for batch 2 of epoch 5"));
      assertThatThrownBy(batches::next)
          .as("a failed epoch does not go on with the wrong examples")
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("epoch 5 ended before batch 2");
      assertThat(loader.epoch(5, 0).iterator().next()).hasSize(3);
    }
  }

  @Test
  void errorsOfTheSourceNameTheirBatch() {
    Named source =
        new Named() {
          @Override
          String made(int index, long epoch) {
            throw new OutOfMemoryError("as a test");
          }
        };
    try (DataLoader<String> loader = new DataLoader<>(source, 3, false, 0, 2)) {
      assertThatThrownBy(() -> loader.epoch(1, 2).iterator().next())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("example 6 for batch 2 of epoch 1 could not be made")
          .hasMessageContaining("as a test");
    }
  }

  @Test
  void anAbandonedEpochLeavesNoWorkBehind() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<Long> made = java.util.Collections.synchronizedList(new ArrayList<>());
    Named source =
        new Named() {
          @Override
          String made(int index, long epoch) {
            made.add(epoch);
            if (epoch == 0) {
              inside.countDown();
              awaitQuietly(release);
            }
            return super.made(index, epoch);
          }
        };
    DataLoader<String> loader = new DataLoader<>(source, 4, false, 0, 1);
    Iterator<List<String>> abandoned = loader.epoch(0, 0).iterator();
    inside.await();
    Iterator<List<String>> next = loader.epoch(1, 0).iterator();
    release.countDown();
    assertThat(next.next()).startsWith("0 of 1");
    assertThat(made.stream().filter(epoch -> epoch == 0)).as("only the one begun").hasSize(1);
    assertThatThrownBy(abandoned::next).hasMessageContaining("another one began");
    loader.close();
    assertThat(source.running.get()).isZero();
    int begun = source.begun.get();
    LockSupport.parkNanos(20_000_000);
    assertThat(source.begun.get()).isEqualTo(begun);
    assertThatThrownBy(next::next).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> loader.epoch(2, 0).iterator())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("loader: it was closed");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interruption) {
      throw new IllegalStateException(interruption);
    }
  }

  @Test
  void anInterruptedCallerHearsOfIt() {
    try (DataLoader<String> loader = new DataLoader<>(new Named(), 4, true, 0, 1)) {
      Iterator<List<String>> batches = loader.epoch(0, 0).iterator();
      Thread.currentThread().interrupt();
      assertThatThrownBy(batches::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("interrupted while waiting for batch 0 of epoch 0");
      assertThat(Thread.interrupted()).as("the interrupt is passed on").isTrue();
    }
  }

  @Test
  void refusesEmptyDataAndSizes() {
    Source<String> empty =
        new Named() {
          @Override
          public int size() {
            return 0;
          }
        };
    assertThatThrownBy(() -> new DataLoader<>(empty, 4, true, 0, 1))
        .hasMessage("loader: the data set has no examples; check its path");
    assertThatThrownBy(() -> new DataLoader<>(new Named(), 0, true, 0, 1))
        .hasMessageContaining("batch size 0");
    assertThatThrownBy(() -> new DataLoader<>(new Named(), 4, true, 0, 0))
        .hasMessageContaining("threads 0");
  }
}
