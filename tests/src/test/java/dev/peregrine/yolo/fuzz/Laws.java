package dev.peregrine.yolo.fuzz;

import com.sun.management.ThreadMXBean;
import dev.peregrine.tensor.FormatException;
import java.lang.management.ManagementFactory;

/**
 * What every reader of files promises, whatever a file holds: content or a {@link FormatException}
 * of a sentence, at a bounded cost, and no class is loaded by a name that the file gives.
 */
final class Laws {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Longer is no sentence, but a part of the file. */
  private static final int SENTENCE = 10_000;

  /** For all that one file makes a reader do, on a slow machine: a hang is what never ends. */
  private static final long NANOS = 20_000_000_000L;

  /** Set by {@link Trap} when it is loaded. */
  static final String SPRUNG = "dev.peregrine.yolo.fuzz.sprung";

  /** A fuzzer's probes in the byte code allocate too. */
  private static final int PROBED = System.getenv("JAZZER_FUZZ") == null ? 1 : 4;

  private Laws() {}

  /**
   * Reads a file and compares what that took with the law.
   *
   * @param length of the file in bytes
   * @param growth bytes that may be allocated for each byte of the file
   * @param base bytes that may be allocated for a file of any length
   * @param reading reads it, or refuses it
   */
  static void hold(int length, long growth, long base, Runnable reading) {
    long allowed = PROBED * (base + growth * length);
    long spent = Long.MAX_VALUE;
    // The first time anything is done, the Java machine makes things of its own for it.
    for (int time = 0; time < 3 && spent > allowed; time++) {
      long bytes = THREADS.getCurrentThreadAllocatedBytes();
      long nanos = THREADS.getCurrentThreadCpuTime();
      attempt(reading);
      spent = THREADS.getCurrentThreadAllocatedBytes() - bytes;
      if (THREADS.getCurrentThreadCpuTime() - nanos > NANOS) {
        throw new AssertionError("hangs: a file of " + length + " bytes takes more than 20 s");
      }
    }
    if (spent > allowed) {
      throw new AssertionError(
          "allocates %d bytes for a file of %d, where %d are allowed"
              .formatted(spent, length, allowed));
    }
    if (System.getProperty(SPRUNG) != null) {
      throw new AssertionError("loads a class that the file names");
    }
  }

  private static void attempt(Runnable reading) {
    try {
      reading.run();
    } catch (FormatException refusal) {
      String message = String.valueOf(refusal.getMessage());
      if (message.length() > SENTENCE || message.isBlank()) {
        throw new AssertionError(
            "refuses with a message of " + message.length() + " characters", refusal);
      }
    }
  }
}
