package dev.peregrine.tensor.device;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Memory of a device that is used again: a step leases buffers and gives all of them back at its
 * end.
 *
 * <p>A training step asks for the same sizes each time, so free buffers are kept by their exact
 * number of elements. Refilling memory that was used before costs half of what fresh, zeroed memory
 * costs.
 */
public final class BufferPool {
  private record Size(DType dtype, int elements) {}

  private final AbstractDevice device;
  private final Map<Size, ArrayDeque<Buffer>> free = new HashMap<>();
  private final ArrayDeque<Buffer> scratch = new ArrayDeque<>();
  private long pooledBytes;

  BufferPool(AbstractDevice device) {
    this.device = device;
  }

  /**
   * Opens a lease, the lifetime of one step.
   *
   * @return the lease, to be closed
   */
  public Lease lease() {
    return new Lease();
  }

  /**
   * Returns how much memory lies free in the pool.
   *
   * @return bytes
   */
  public synchronized long pooledBytes() {
    return pooledBytes;
  }

  /** Lets the free memory go, for instance after a step of an unusual size. */
  public synchronized void clear() {
    free.clear();
    scratch.clear();
    pooledBytes = 0;
  }

  /**
   * Takes scratch memory for one kernel.
   *
   * <p>Kernels run one after another and ask for many sizes, so all share one buffer, as large as
   * the largest; as many as there are threads that run kernels.
   *
   * @param elements how many elements of f32 it needs
   * @return a buffer of so many or more, content undefined, for {@link #giveBackScratch}
   */
  public synchronized Buffer takeScratch(int elements) {
    Buffer last = scratch.poll();
    if (last != null) {
      pooledBytes -= last.spec().bytes();
      if (last.spec().shape().size() >= elements) {
        return last;
      }
    }
    return device.allocate(Spec.f32(elements));
  }

  /**
   * Gives scratch memory back.
   *
   * @param buffer what {@link #takeScratch} returned
   */
  public synchronized void giveBackScratch(Buffer buffer) {
    pooledBytes += buffer.spec().bytes();
    scratch.push(buffer);
  }

  private synchronized Buffer take(Spec spec) {
    ArrayDeque<Buffer> buffers = free.get(new Size(spec.dtype(), spec.shape().size()));
    if (buffers == null || buffers.isEmpty()) {
      return device.allocate(spec);
    }
    pooledBytes -= spec.bytes();
    return device.recycle(buffers.pop(), spec);
  }

  private synchronized void giveBack(Buffer buffer) {
    device.release(buffer);
    Spec spec = buffer.spec();
    pooledBytes += spec.bytes();
    free.computeIfAbsent(new Size(spec.dtype(), spec.shape().size()), size -> new ArrayDeque<>())
        .push(buffer);
  }

  /** Buffers that live until the lease is closed; for one thread. */
  public final class Lease implements Allocator, AutoCloseable {
    // Buffers are equal only to themselves.
    private final Set<Buffer> leased = new LinkedHashSet<>();

    private Lease() {}

    @Override
    public Buffer allocate(Spec spec) {
      Buffer buffer = take(spec);
      leased.add(buffer);
      return buffer;
    }

    /**
     * Gives one buffer back before the end of the lease; reading it fails from now on.
     *
     * @param buffer a buffer of this lease; any other is left alone
     */
    public void release(Buffer buffer) {
      if (leased.remove(buffer)) {
        giveBack(buffer);
      }
    }

    /** Gives all buffers of the lease back; reading them fails from now on. */
    @Override
    public void close() {
      leased.forEach(BufferPool.this::giveBack);
      leased.clear();
    }
  }
}
