package dev.peregrine.opencl.runtime;

import java.lang.ref.Cleaner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_mem;

/**
 * Gives out memory of the device and takes it back when the garbage collector finds it unused.
 *
 * <p>Steps and plans keep their memory and give it back themselves; what is left are single results
 * that nobody pooled. The collector does not feel the weight of device memory, so it is called by
 * hand whenever so much was given out since the last call, and again when the device is full: the
 * same as Java does for direct buffers.
 */
final class DeviceMemory {
  private static final long MOST_BETWEEN_COLLECTIONS = 1L << 29;
  private static final int ATTEMPTS = 6;

  private final DriverCalls calls;
  private final Cleaner cleaner;
  private final String device;
  private final long collectAfter;
  private final AtomicLong live = new AtomicLong();
  private final AtomicLong sinceCollection = new AtomicLong();

  DeviceMemory(DriverCalls calls, Cleaner cleaner, String device, long capacity) {
    this.calls = calls;
    this.cleaner = cleaner;
    this.device = device;
    this.collectAfter = Math.min(MOST_BETWEEN_COLLECTIONS, capacity / 4);
  }

  /** Returns how many bytes are in use. */
  long liveBytes() {
    return live.get();
  }

  /**
   * Allocates.
   *
   * @param bytes how much
   * @param what for, for the error
   */
  Block allocate(long bytes, String what) {
    long size = Math.max(1, bytes);
    if (sinceCollection.addAndGet(size) > collectAfter) {
      collect();
    }
    for (int attempt = 1; ; attempt++) {
      try {
        return register(calls.allocate(size), size);
      } catch (CLException failure) {
        if (attempt == ATTEMPTS || !Failures.isExhaustion(failure)) {
          throw Failures.of(
              String.format(
                  java.util.Locale.ROOT,
                  "%s: allocating %.1f MiB for %s beside %.1f MiB in use",
                  device,
                  size / 1048576.0,
                  what,
                  live.get() / 1048576.0),
              failure);
        }
        collect();
        pause(attempt);
      }
    }
  }

  private Block register(cl_mem memory, long bytes) {
    Block block = new Block(memory, bytes);
    live.addAndGet(bytes);
    AtomicLong count = live;
    cleaner.register(
        block,
        () -> {
          count.addAndGet(-bytes);
          CL.clReleaseMemObject(memory);
        });
    return block;
  }

  private void collect() {
    sinceCollection.set(0);
    System.gc();
  }

  private static void pause(int attempt) {
    try {
      TimeUnit.MILLISECONDS.sleep(10L << attempt);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
