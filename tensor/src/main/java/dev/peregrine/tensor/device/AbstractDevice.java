package dev.peregrine.tensor.device;

import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Spec;
import java.util.concurrent.ConcurrentHashMap;

/** What every device shares: remembered kernels and a pool of buffers. */
public abstract class AbstractDevice implements Device {
  private record Key(Op op, Signature signature) {}

  private final ConcurrentHashMap<Key, Kernel> kernels = new ConcurrentHashMap<>();
  private final BufferPool pool = new BufferPool(this);

  /** For subclasses. */
  protected AbstractDevice() {}

  @Override
  public final Kernel kernel(Op op, Signature signature) {
    if (signature.inputs().isEmpty()) {
      // A generator carries its number or seed: a training run would remember one for every step.
      return prepare(op, signature);
    }
    return kernels.computeIfAbsent(
        new Key(op, signature), key -> prepare(key.op(), key.signature()));
  }

  @Override
  public final BufferPool pool() {
    return pool;
  }

  /**
   * Makes a fresh buffer over the memory of a released one.
   *
   * @param released a buffer of this device that went back to the pool
   * @param spec what it will hold, of the same type and number of elements
   * @return the buffer
   */
  protected abstract Buffer recycle(Buffer released, Spec spec);

  /**
   * Marks a buffer as released, so that reading it fails.
   *
   * @param buffer a buffer of this device
   */
  protected abstract void release(Buffer buffer);

  @Override
  public String toString() {
    return name();
  }
}
