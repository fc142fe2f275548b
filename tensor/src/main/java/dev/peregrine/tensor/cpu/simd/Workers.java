package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.device.DeviceException;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one device, made for jobs of a few dozen microseconds.
 *
 * <p>A job's tasks are claimed one by one by whoever is free; the caller works along and never
 * waits for a task that nobody has begun, so a job costs at most what it costs on one thread even
 * when the machine is busy with other work. Idle threads spin for a while before they park, because
 * waking a parked thread takes longer than many jobs last.
 *
 * <p>One job at a time is shared out. Whoever calls {@link #run} meanwhile, another thread or a
 * task of the running job, runs its own tasks itself.
 *
 * <p>The threads are daemons. They start with the first job and end soon after the object becomes
 * unreachable.
 */
final class Workers {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int SPINS = 20_000;

  private final int threads;
  private final Team team = new Team();
  private final Cleaner.Cleanable cleanable;

  /**
   * Makes a team.
   *
   * @param threads how many threads compute, the caller of {@link #run} included
   */
  Workers(int threads) {
    if (threads < 1) {
      throw new DeviceException("cpu: " + threads + " threads cannot compute; use 1 or more");
    }
    this.threads = threads;
    Team dismissed = team;
    this.cleanable = CLEANER.register(this, dismissed::dismiss);
  }

  /** Returns how many threads compute, the caller included. */
  int threads() {
    return threads;
  }

  /** Computes on a part of the items. */
  @FunctionalInterface
  interface Range {
    /**
     * Computes on items {@code from} to {@code to - 1}.
     *
     * @param from the first item
     * @param to one past the last
     */
    void run(int from, int to);
  }

  /**
   * Runs a task for every range of neighbouring items; the ranges depend on the arguments alone,
   * never on the number of threads.
   *
   * @param items how many items there are
   * @param size items in a range; the last one may have fewer
   * @param range computes one range
   */
  void ranges(int items, int size, Range range) {
    int count = (int) (((long) items + size - 1) / size);
    run(count, i -> range.run(i * size, (int) Math.min(items, (i + 1L) * size)));
  }

  /**
   * Runs {@code task.accept(i)} for every i below {@code tasks}, in any order, and returns when all
   * are done.
   *
   * <p>When a task throws, tasks not yet begun are left out and the caller receives the first
   * exception.
   *
   * @param tasks how many tasks
   * @param task runs one of them; called from several threads at once
   */
  void run(int tasks, IntConsumer task) {
    if (tasks <= 1 || threads == 1) {
      for (int i = 0; i < tasks; i++) {
        task.accept(i);
      }
      return;
    }
    Job job = new Job(tasks, task, Thread.currentThread());
    if (!team.current.compareAndSet(null, job)) {
      for (int i = 0; i < tasks; i++) {
        task.accept(i);
      }
      return;
    }
    try {
      team.call(threads - 1);
      job.work();
      job.await();
    } finally {
      team.current.set(null);
    }
    job.rethrow();
  }

  /** Ends the threads; later jobs run on their caller alone. */
  void close() {
    cleanable.clean();
  }

  /** One call of {@link #run}. */
  private static final class Job {
    private final int tasks;
    private final IntConsumer task;
    private final Thread caller;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean callerParks;

    Job(int tasks, IntConsumer task, Thread caller) {
      this.tasks = tasks;
      this.task = task;
      this.caller = caller;
    }

    /** Claims and runs tasks until none is left to begin. */
    void work() {
      int claimed;
      while ((claimed = claim()) >= 0) {
        try {
          if (failure.get() == null) {
            task.accept(claimed);
          }
        } catch (Throwable thrown) {
          // Whatever a task throws is for the caller; rethrow() throws it there.
          failure.compareAndSet(null, thrown);
        } finally {
          if (done.incrementAndGet() == tasks && callerParks) {
            LockSupport.unpark(caller);
          }
        }
      }
    }

    boolean hasMore() {
      return next.get() < tasks;
    }

    private int claim() {
      int claimed = next.get();
      while (claimed < tasks) {
        int seen = next.compareAndExchange(claimed, claimed + 1);
        if (seen == claimed) {
          return claimed;
        }
        claimed = seen;
      }
      return -1;
    }

    /** Waits for the tasks that other threads have begun. */
    void await() {
      for (int i = 0; i < SPINS; i++) {
        if (done.get() == tasks) {
          return;
        }
        Thread.onSpinWait();
      }
      callerParks = true;
      boolean interrupted = false;
      while (done.get() < tasks) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    void rethrow() {
      switch (failure.get()) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new DeviceException("cpu: a task of a kernel failed", e);
      }
    }
  }

  /** The threads besides the caller, and the job they share; knows nothing of its owner. */
  private static final class Team {
    private final AtomicReference<@Nullable Job> current = new AtomicReference<>();
    private final AtomicInteger parked = new AtomicInteger();
    private volatile Thread[] members = {};
    private volatile boolean dismissed;

    /** Starts the threads at the first job, wakes those that sleep. */
    void call(int count) {
      Thread[] all = members;
      if (all.length == 0 && !dismissed) {
        all = start(count);
      }
      if (parked.get() > 0) {
        for (Thread member : all) {
          LockSupport.unpark(member);
        }
      }
    }

    private Thread[] start(int count) {
      // Only the owner of the current job gets here, so never two threads at once.
      Thread[] all = new Thread[count];
      for (int i = 0; i < count; i++) {
        all[i] =
            Thread.ofPlatform().daemon().name("peregrine-cpu-" + (i + 1)).unstarted(this::live);
      }
      members = all;
      for (Thread member : all) {
        member.start();
      }
      return all;
    }

    private void live() {
      while (!dismissed) {
        Job job = awaitJob();
        if (job != null) {
          job.work();
        }
      }
    }

    /** Spins, then parks, until there is a job with a task to begin. */
    private @Nullable Job awaitJob() {
      for (int i = 0; i < SPINS; i++) {
        Job job = current.get();
        if (job != null && job.hasMore()) {
          return job;
        }
        Thread.onSpinWait();
      }
      parked.incrementAndGet();
      try {
        while (!dismissed) {
          Job job = current.get();
          if (job != null && job.hasMore()) {
            return job;
          }
          LockSupport.park(this);
        }
        return null;
      } finally {
        parked.decrementAndGet();
      }
    }

    void dismiss() {
      dismissed = true;
      for (Thread member : members) {
        LockSupport.unpark(member);
      }
    }
  }
}
