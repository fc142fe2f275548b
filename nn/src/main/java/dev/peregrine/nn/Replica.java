package dev.peregrine.nn;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.device.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One of several copies of a network that share a batch: same numbers, each on its own examples and
 * its own thread, in step with the others where they exchange numbers.
 *
 * <p>What is exchanged arrives in the order of the replicas at all of them, so that sums have the
 * same bits whoever comes first.
 */
public final class Replica {
  private static final ScopedValue<Replica> CURRENT = ScopedValue.newInstance();

  /** What the replicas of one run share. */
  private record Group(int count, Phaser meeting, AtomicReferenceArray<Object> table) {}

  private final Group group;
  private final int index;

  private Replica(Group group, int index) {
    this.group = group;
    this.index = index;
  }

  /**
   * Runs code as several replicas at once, and waits for all.
   *
   * <p><b>Errors</b> what a replica throws; the others are then stopped at their next exchange.
   *
   * @param count how many replicas
   * @param code what each does; all must exchange as often
   * @param <T> what it returns
   * @return what the replicas returned, in their order
   */
  public static <T> List<T> run(int count, Function<Replica, T> code) {
    return run(Collections.nCopies(Math.max(0, count), Ops.device()), code);
  }

  /**
   * Runs code as several replicas at once, each with a current device of its own, and waits for
   * all.
   *
   * <p><b>Errors</b> as {@link #run(int, Function)}.
   *
   * @param devices the devices of the replicas, at least one
   * @param code what each does; all must exchange as often
   * @param <T> what it returns
   * @return what the replicas returned, in their order
   */
  public static <T> List<T> run(List<Device> devices, Function<Replica, T> code) {
    int count = devices.size();
    if (count < 1) {
      throw new IllegalArgumentException("replicas: there are none, but at least 1 is due");
    }
    Group group = new Group(count, new Phaser(count), new AtomicReferenceArray<>(count));
    AtomicReferenceArray<T> results = new AtomicReferenceArray<>(count);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Replica replica = new Replica(group, i);
      int index = i;
      Device device = devices.get(i);
      Runnable task =
          () -> {
            try {
              T result =
                  ScopedValue.where(CURRENT, replica)
                      .call(() -> Ops.on(device, () -> code.apply(replica)));
              results.set(index, result);
            } catch (RuntimeException | Error thrown) {
              failure.compareAndSet(null, thrown);
              group.meeting().forceTermination();
            }
          };
      threads.add(Thread.ofPlatform().name("replica-" + i).start(task));
    }
    join(threads);
    switch (failure.get()) {
      case RuntimeException exception -> throw exception;
      case Error error -> throw error;
      case null, default -> {}
    }
    List<T> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(results.get(i));
    }
    return all;
  }

  private static void join(List<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException _) {
          interrupted = true; // told on once the replicas are done, whose tapes others close
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The replica that this code runs as, or null when there is one network alone. */
  static @Nullable Replica current() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  static boolean isFirst() {
    return number() == 0;
  }

  /** The number of the present replica, 0 when there is one network alone. */
  static int number() {
    return CURRENT.isBound() ? CURRENT.get().index : 0;
  }

  /**
   * Returns which replica this is.
   *
   * @return its number, from 0
   */
  public int index() {
    return index;
  }

  /**
   * Returns how many there are.
   *
   * @return the count
   */
  public int count() {
    return group.count();
  }

  /**
   * Gives numbers to all replicas and takes theirs.
   *
   * <p><b>Errors</b> {@link IllegalStateException} if another replica has failed.
   *
   * @param own the numbers of this one
   * @return those of all, in the order of the replicas
   */
  public List<double[]> exchange(double[] own) {
    group.table().set(index, own.clone());
    meet();
    List<double[]> all = new ArrayList<>();
    for (int i = 0; i < group.count(); i++) {
      all.add(((double[]) group.table().get(i)).clone());
    }
    meet(); // nobody writes the next numbers before all have read these
    return all;
  }

  private void meet() {
    if (group.meeting().arriveAndAwaitAdvance() < 0) {
      throw new IllegalStateException(
          "replica " + index + ": another replica failed, so there is nothing to exchange");
    }
  }
}
