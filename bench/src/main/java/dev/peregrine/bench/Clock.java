package dev.peregrine.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** How time is taken. */
public enum Clock {
  /** What the calling thread computed; holds on a busy machine, for one computing thread only. */
  THREAD,
  /** The clock on the wall. */
  WALL;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /**
   * Reads the clock.
   *
   * @return nanoseconds since some time before
   */
  public long nanos() {
    return this == THREAD ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
  }
}
