package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Wrong indices that kernels met: they cannot throw, so they note the first one in device memory,
 * which is looked at when a result is read.
 */
final class Faults {
  private static final int NUMBERS = 3;

  private final Session session;
  private final OpenClBuffer noted;
  private final AtomicBoolean possible = new AtomicBoolean();

  Faults(Session session) {
    this.session = session;
    this.noted = session.allocate(new Spec(DType.I32, Shape.of(NUMBERS)));
    session.write(new int[NUMBERS], noted);
  }

  /** Where kernels note: the number of rows (0 for no fault), the index, its position. */
  OpenClBuffer buffer() {
    return noted;
  }

  /** Says that a kernel was run that may note a fault. */
  void expect() {
    possible.set(true);
  }

  /** Fails if a fault was noted since the last call. */
  void requireNone() {
    if (!possible.getAndSet(false)) {
      return;
    }
    int[] fault = new int[NUMBERS];
    session.read(noted, fault);
    if (fault[0] == 0) {
      return;
    }
    session.write(new int[NUMBERS], noted);
    throw new DeviceException(
        session.name()
            + ": a gather or scatter_add was given index "
            + fault[1]
            + " at position "
            + fault[2]
            + ", which does not name a row; there are rows 0 to "
            + (fault[0] - 1));
  }
}
