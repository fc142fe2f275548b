package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.device.DeviceException;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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
   * Makes {@link #ranges} ready, to be repeated without allocating.
   *
   * @param items how many items there are
   * @param size items in a range; the last one may have fewer
   * @param range computes one range
   * @return runs the tasks
   */
  Runnable ready(int items, int size, Range range) {
    int count = (int) (((long) items + size - 1) / size);
    Task task = (i, _) -> range.run(i * size, (int) Math.min(items, (i + 1L) * size));
    return () -> run(count, task);
  }

  /** One of the numbered tasks of a job. */
  @FunctionalInterface
  interface Task {
    /**
     * Runs a task.
     *
     * @param task its number
     * @param worker the number of the thread that runs it, below {@link #threads}: tasks that run
     *     at the same time have different ones, so it may choose a part of scratch memory
     */
    void run(int task, int worker);
  }

  /**
   * Runs {@code task.accept(i)} for every i below {@code tasks}, as {@link #run(int, Task)}.
   *
   * @param tasks how many tasks
   * @param task runs one of them; called from several threads at once
   */
  void run(int tasks, IntConsumer task) {
    run(tasks, (i, _) -> task.accept(i));
  }

  /**
   * Runs {@code task.run(i, worker)} for every i below {@code tasks}, in any order, and returns
   * when all are done; allocates nothing.
   *
   * <p>When a task throws, tasks not yet begun are left out and the caller receives the first
   * exception.
   *
   * @param tasks how many tasks
   * @param task runs one of them; called from several threads at once
   */
  void run(int tasks, Task task) {
    if (tasks <= 1 || threads == 1 || !team.busy.compareAndSet(false, true)) {
      for (int i = 0; i < tasks; i++) {
        task.run(i, 0);
      }
      return;
    }
    try {
      team.publish(tasks, task);
      team.call(threads - 1);
      team.work(0);
      team.await();
      team.rethrow();
    } finally {
      team.busy.set(false);
    }
  }

  /** Ends the threads; later jobs run on their caller alone. */
  void close() {
    cleanable.clean();
  }

  /**
   * The threads besides the caller, and the job they share; knows nothing of its owner.
   *
   * <p>A job is nothing but the fields below, written anew for each one. The ticket keeps whoever
   * is late from touching the next job: it holds the job's number above the number of its next
   * task, a task is claimed by counting it up, and that fails for a ticket of an older job. While
   * the fields change, the ticket says that no task is left.
   */
  private static final class Team {
    private static final int CLOSED = Integer.MAX_VALUE;

    final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicLong ticket = new AtomicLong();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicInteger parked = new AtomicInteger();
    private volatile int tasks;
    private volatile @Nullable Task task;
    private volatile @Nullable Thread caller;
    private volatile boolean callerParks;
    private volatile Thread[] members = {};
    private volatile boolean dismissed;

    /** Makes a job the current one; only the owner of {@link #busy} may. */
    void publish(int count, Task run) {
      long number = (ticket.get() >>> Integer.SIZE) + 1 << Integer.SIZE;
      ticket.set(number | CLOSED);
      tasks = count;
      task = run;
      caller = Thread.currentThread();
      callerParks = false;
      done.set(0);
      failure.set(null);
      ticket.set(number);
    }

    private boolean hasMore() {
      return (int) ticket.get() < tasks;
    }

    /** Claims and runs tasks until none is left to begin. */
    void work(int worker) {
      while (true) {
        long claimed = ticket.get();
        int count = tasks;
        Task run = task;
        if ((int) claimed >= count || run == null) {
          return;
        }
        if (ticket.compareAndSet(claimed, claimed + 1)) {
          try {
            if (failure.get() == null) {
              run.run((int) claimed, worker);
            }
          } catch (Throwable thrown) {
            // Whatever a task throws is for the caller; rethrow() throws it there.
            failure.compareAndSet(null, thrown);
          } finally {
            if (done.incrementAndGet() == count && callerParks) {
              LockSupport.unpark(caller);
            }
          }
        }
      }
    }

    /** Waits for the tasks that other threads have begun, and forgets the job. */
    void await() {
      int count = tasks;
      for (int i = 0; i < SPINS && done.get() < count; i++) {
        Thread.onSpinWait();
      }
      callerParks = true;
      boolean interrupted = false;
      while (done.get() < count) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      task = null;
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
        int worker = i + 1;
        all[i] =
            Thread.ofPlatform()
                .daemon()
                .name("peregrine-cpu-" + worker)
                .unstarted(() -> live(worker));
      }
      members = all;
      for (Thread member : all) {
        member.start();
      }
      return all;
    }

    private void live(int worker) {
      while (awaitJob()) {
        work(worker);
      }
    }

    /** Spins, then parks, until there is a job with a task to begin; false once dismissed. */
    private boolean awaitJob() {
      for (int i = 0; i < SPINS; i++) {
        if (hasMore()) {
          return true;
        }
        Thread.onSpinWait();
      }
      parked.incrementAndGet();
      try {
        while (!dismissed) {
          if (hasMore()) {
            return true;
          }
          LockSupport.park(this);
        }
        return false;
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
