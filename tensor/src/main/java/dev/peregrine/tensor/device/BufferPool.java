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
 * costs. Sizes that no step asks for any more, such as those of pictures of another size, go after
 * {@value #PATIENCE} steps.
 */
public final class BufferPool {
  /** Steps that a size may go without use. */
  static final int PATIENCE = 8;

  private record Size(DType dtype, int elements) {
    static Size of(Spec spec) {
      return new Size(spec.dtype(), spec.shape().size());
    }
  }

  /** The free buffers of one size. */
  private static final class Shelf {
    private final ArrayDeque<Buffer> buffers = new ArrayDeque<>();

    /** The newest lease when it was last used. */
    private long used;
  }

  private final AbstractDevice device;
  private final Map<Size, Shelf> free = new HashMap<>();
  private final ArrayDeque<Buffer> scratch = new ArrayDeque<>();
  private long pooledBytes;
  private long leases;

  BufferPool(AbstractDevice device) {
    this.device = device;
  }

  /**
   * Opens a lease, the lifetime of one step.
   *
   * @return the lease, to be closed
   */
  public synchronized Lease lease() {
    leases++;
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
    Shelf shelf = shelf(spec);
    Buffer buffer = shelf.buffers.poll();
    if (buffer == null) {
      return device.allocate(spec);
    }
    pooledBytes -= spec.bytes();
    return device.recycle(buffer, spec);
  }

  private synchronized void giveBack(Buffer buffer) {
    device.release(buffer);
    pooledBytes += buffer.spec().bytes();
    shelf(buffer.spec()).buffers.push(buffer);
  }

  private Shelf shelf(Spec spec) {
    Shelf shelf = free.computeIfAbsent(Size.of(spec), _ -> new Shelf());
    shelf.used = leases;
    return shelf;
  }

  private synchronized void forgetUnused() {
    free.values().removeIf(shelf -> leases - shelf.used >= PATIENCE && drop(shelf));
  }

  private boolean drop(Shelf shelf) {
    shelf.buffers.forEach(buffer -> pooledBytes -= buffer.spec().bytes());
    return true;
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
      forgetUnused();
    }
  }
}
