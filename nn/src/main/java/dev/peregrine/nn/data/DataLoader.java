package dev.peregrine.nn.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Batches of examples in an order shuffled anew each epoch, made ahead by threads.
 *
 * <p>The order is a function of seed and epoch, an example of its index and the epoch, so that any
 * number of threads gives the same batches and a run may begin in the middle of an epoch. A loader
 * serves one epoch at a time, to one thread: beginning another ends the one before.
 *
 * <p>So that memory has a bound, only some examples are made ahead of the batch that is in use: one
 * batch, and another one of at most {@value #SECOND_BATCH} examples, or four for each thread where
 * that is more. {@link #waited} tells whether that is enough.
 *
 * @param <T> one example
 */
public final class DataLoader<T> implements AutoCloseable {
  private static final int SECOND_BATCH = 32;
  private static final int AHEAD_OF_A_THREAD = 4;
  private static final int PATIENCE_SECONDS = 60;
  private static final System.Logger LOGGER = System.getLogger(DataLoader.class.getName());

  private final Source<T> source;
  private final int batchSize;
  private final Order order;
  private final ExecutorService threads;
  private final int threadCount;
  private Sizes sizes;
  private long waited;
  private @Nullable Batches current;

  /** How many examples each batch has. */
  @FunctionalInterface
  public interface Sizes {
    /**
     * Returns the size of a batch.
     *
     * @param epoch which epoch
     * @param batch which batch of it, from 0
     * @return the examples; never fewer than the loader's batch size are taken
     */
    int of(long epoch, int batch);
  }

  /**
   * Makes a loader.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} if the source is empty, or batch size or
   * threads are not positive.
   *
   * @param source the examples
   * @param batchSize examples in a batch; the last one of an epoch may have fewer
   * @param shuffled whether each epoch has an order of its own
   * @param seed of the orders
   * @param threads how many make examples
   */
  public DataLoader(Source<T> source, int batchSize, boolean shuffled, long seed, int threads) {
    this(source, batchSize, shuffled ? Order.shuffled(seed) : Order.asTheyCome(), threads);
  }

  /**
   * Makes a loader of any order.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} if the source is empty, or batch size or
   * threads are not positive.
   *
   * @param source the examples
   * @param batchSize examples in a batch; the last one of an epoch may have fewer
   * @param order of the examples; asked when an epoch begins
   * @param threads how many make examples
   */
  public DataLoader(Source<T> source, int batchSize, Order order, int threads) {
    if (source.size() == 0) {
      throw new IllegalArgumentException("loader: the data set has no examples; check its path");
    }
    if (batchSize < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "loader: batch size " + batchSize + " and threads " + threads + " must be at least 1");
    }
    this.source = source;
    this.batchSize = batchSize;
    this.order = order;
    this.threadCount = threads;
    this.sizes = (_, _) -> batchSize;
    this.threads =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("loader-", 0).factory());
  }

  /**
   * Lets batches have more examples than the batch size. An epoch has as many batches as before;
   * what is more comes from half an epoch further on, made by {@link Source#again}.
   *
   * @param other of each batch
   * @return this loader
   */
  public DataLoader<T> growing(Sizes other) {
    sizes = other;
    return this;
  }

  /**
   * Returns how many examples there are at most besides the batch that is in use.
   *
   * @param batchSize examples in a batch
   * @param threads how many make examples
   * @return the count
   */
  public static int ahead(int batchSize, int threads) {
    return batchSize + Math.max(Math.min(batchSize, SECOND_BATCH), AHEAD_OF_A_THREAD * threads);
  }

  /**
   * Returns how many batches an epoch has.
   *
   * @return the count
   */
  public int batches() {
    return (source.size() + batchSize - 1) / batchSize;
  }

  /**
   * Returns the batches of an epoch.
   *
   * <p><b>Errors</b> an exception of the source reaches the caller with the batch it belongs to,
   * and ends the epoch.
   *
   * @param epoch which epoch
   * @param first the first batch to return, 0 for the whole epoch
   * @return the batches; each iterator over them begins the epoch anew
   */
  public Iterable<List<T>> epoch(long epoch, int first) {
    if (first < 0 || first > batches()) {
      throw new IllegalArgumentException(
          "loader: an epoch cannot begin at batch " + first + ", it has " + batches());
    }
    return () -> {
      if (current != null) {
        current.end();
      }
      current = new Batches(order.of(source.size(), epoch), epoch, first);
      return current;
    };
  }

  /**
   * Returns how long batches were waited for, all epochs together: time in which a training stood
   * still for want of examples. The first batch of an epoch always takes a while.
   *
   * @return nanoseconds
   */
  public long waited() {
    return waited;
  }

  /**
   * Looks at the batch that comes next, without waiting for it.
   *
   * @return its examples, the same objects that it will have; none where one is not made yet, and
   *     after the last batch of an epoch
   */
  public List<T> coming() {
    Batches present = current;
    return present == null ? List.of() : present.coming();
  }

  /** Stops the threads and waits until they have left their examples. */
  @Override
  public void close() {
    if (current != null) {
      current.end();
    }
    threads.shutdownNow();
    threads.close();
  }

  /** An example that a thread makes or will make. */
  private record Making<T>(int index, Future<T> future) {}

  private final class Batches implements Iterator<List<T>> {
    private final int[] order;
    private final long epoch;
    private final ArrayDeque<Making<T>> made = new ArrayDeque<>();
    private int making;
    private int within;
    private int batch;
    private boolean ended;

    Batches(int[] order, long epoch, int first) {
      this.order = order;
      this.epoch = epoch;
      this.batch = first;
      this.making = first;
      submit();
    }

    /** Examples of a batch in the order of the epoch. */
    private int own(int number) {
      return Math.min(batchSize, order.length - number * batchSize);
    }

    private int count(int number) {
      return own(number) + Math.max(0, sizes.of(epoch, number) - batchSize);
    }

    private void submit() {
      if (!hasNext()) {
        return;
      }
      int most = ahead(Math.max(batchSize, count(batch)), threadCount);
      try {
        while (making < batches() && made.size() < most) {
          int number = making;
          int more = within - own(number);
          int place = number * batchSize + (more < 0 ? within : order.length / 2 + more);
          int index = order[place % order.length];
          made.add(
              new Making<>(
                  index,
                  threads.submit(() ->
                      more < 0
                          ? source.get(index, epoch, number)
                          : source.again(index, epoch, number))));
          within++;
          if (within == count(number)) {
            making++;
            within = 0;
          }
        }
      } catch (RejectedExecutionException closed) {
        throw new IllegalStateException(
            "loader: it was closed, so epoch " + epoch + " cannot be loaded", closed);
      }
    }

    /** Drops what was made ahead; examples that are being made are finished and forgotten. */
    void end() {
      ended = true;
      made.forEach(making -> making.future().cancel(false));
      made.clear();
    }

    List<T> coming() {
      int count = hasNext() && !ended ? count(batch) : 0;
      List<T> examples = new ArrayList<>();
      for (Making<T> one : made) {
        if (examples.size() == count || one.future().state() != Future.State.SUCCESS) {
          break;
        }
        examples.add(one.future().resultNow());
      }
      return examples.size() == count ? examples : List.of();
    }

    @Override
    public boolean hasNext() {
      return batch < batches();
    }

    @Override
    public List<T> next() {
      if (!hasNext()) {
        throw new NoSuchElementException("loader: the epoch has no further batch");
      }
      if (ended) {
        throw new IllegalStateException(
            "loader: epoch "
                + epoch
                + " ended before batch "
                + batch
                + ": it failed, another one began, or the loader was closed");
      }
      int count = count(batch);
      List<T> examples = new ArrayList<>(count);
      long begun = System.nanoTime();
      for (int i = 0; i < count; i++) {
        examples.add(await(made.remove()));
      }
      waited += System.nanoTime() - begun;
      batch++;
      submit();
      return examples;
    }

    private T await(Making<T> making) {
      try {
        while (true) {
          try {
            return making.future().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
          } catch (TimeoutException _) {
            LOGGER.log(
                System.Logger.Level.WARNING,
                "loader: batch {0} of epoch {1} still waits for {2} after {3} seconds",
                batch,
                epoch,
                source.name(making.index()),
                PATIENCE_SECONDS);
          }
        }
      } catch (InterruptedException interruption) {
        end();
        Thread.currentThread().interrupt();
        throw new IllegalStateException(
            "loader: interrupted while waiting for batch " + batch + " of epoch " + epoch,
            interruption);
      } catch (ExecutionException failure) {
        end();
        Throwable cause = failure.getCause();
        String place = source.name(making.index()) + " for batch " + batch + " of epoch " + epoch;
        if (cause instanceof RuntimeException runtime) {
          runtime.addSuppressed(new IllegalStateException("loader: while making " + place));
          throw runtime;
        }
        throw new IllegalStateException("loader: " + place + " could not be made: " + cause, cause);
      }
    }
  }
}
