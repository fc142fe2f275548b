package dev.peregrine.tensor;

import dev.peregrine.tensor.device.Allocator;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.BufferPool;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one training step, which goes back to the pool piece by piece while the tape goes
 * backward; for tapes.
 *
 * <p>What forward made is needed until its operation was differentiated. What backward makes is
 * needed while an adjoint lies in it, whole or as a view; the rest is scratch of one operation.
 */
public final class StepMemory implements Allocator, AutoCloseable {
  private final BufferPool.Lease lease;

  /** Forward results that stay readable until the end. */
  private final Set<Buffer> kept = Collections.newSetFromMap(new IdentityHashMap<>());

  /** What backward made, with the number of adjoints in it. */
  private final Map<Buffer, Integer> adjoints = new IdentityHashMap<>();

  /** What backward made for the present operation. */
  private final List<Buffer> fresh = new ArrayList<>();

  /** What forward made since {@link #beginPassage}; null outside. */
  private @Nullable List<Buffer> passage;

  private boolean backward;
  private @Nullable Buffer offered;

  /**
   * Begins a step.
   *
   * @param pool where the memory comes from
   */
  public StepMemory(BufferPool pool) {
    this.lease = pool.lease();
  }

  @Override
  public Buffer allocate(Spec spec) {
    Buffer again = offered;
    if (again != null && again.spec().equals(spec)) {
      offered = null;
      return again;
    }
    Buffer buffer = lease.allocate(spec);
    if (backward) {
      adjoints.put(buffer, 0);
      fresh.add(buffer);
    } else if (passage != null) {
      passage.add(buffer);
    }
    return buffer;
  }

  /**
   * Keeps a tensor readable until the end.
   *
   * @param tensor a tensor of the step, or a view of one
   */
  public void keep(Tensor tensor) {
    if (!tensor.isSymbolic()) {
      kept.add(tensor.buffer().owner());
    }
  }

  /** Ends forward: what is allocated from now on is adjoints and scratch. */
  public void goBackward() {
    backward = true;
  }

  /** Goes forward again in the midst of backward, to compute once more what was not kept. */
  public void goForwardAgain() {
    backward = false;
  }

  /** Begins a passage of forward of which only the results will be kept. */
  public void beginPassage() {
    passage = new ArrayList<>();
  }

  /**
   * Ends a passage: what was made in it goes, except for the memory that its results lie in.
   *
   * @param results the tensors that stay
   */
  public void endPassage(List<Tensor> results) {
    List<Buffer> made = passage == null ? List.of() : passage;
    passage = null;
    Set<Buffer> stay = Collections.newSetFromMap(new IdentityHashMap<>());
    results.forEach(result -> stay.add(result.buffer().owner()));
    for (Buffer buffer : made) {
      if (!stay.contains(buffer)) {
        lease.release(buffer);
      }
    }
  }

  /**
   * Counts a tensor among the adjoints.
   *
   * @param adjoint the tensor
   */
  public void hold(Tensor adjoint) {
    adjoints.computeIfPresent(adjoint.buffer().owner(), (owner, count) -> count + 1);
  }

  /**
   * Counts a tensor among the adjoints no longer; its memory goes when no other lies in it.
   *
   * @param adjoint the tensor
   */
  public void drop(Tensor adjoint) {
    Buffer owner = adjoint.buffer().owner();
    Integer count = adjoints.computeIfPresent(owner, (_, before) -> before - 1);
    if (count != null && count == 0) {
      release(owner);
    }
  }

  /** Ends an operation: what it made and no adjoint lies in goes. */
  public void endOperation() {
    offered = null;
    for (Buffer buffer : fresh) {
      Integer count = adjoints.get(buffer);
      if (count != null && count == 0) {
        release(buffer);
      }
    }
    fresh.clear();
  }

  private void release(Buffer owner) {
    adjoints.remove(owner);
    lease.release(owner);
  }

  /**
   * Lets go of results of forward, unless they are kept or views of others.
   *
   * @param outputs the results of an operation
   */
  public void releaseForward(List<Tensor> outputs) {
    for (Tensor output : outputs) {
      Buffer buffer = output.buffer();
      if (buffer.owner() == buffer && !kept.contains(buffer)) {
        lease.release(buffer);
      }
    }
  }

  /**
   * Tells whether backward made the memory of an adjoint.
   *
   * @param adjoint the adjoint
   * @return false for a seed that came from elsewhere
   */
  public boolean isMade(Tensor adjoint) {
    return adjoints.containsKey(adjoint.buffer().owner());
  }

  /**
   * Counts those adjoints that writing over one may change.
   *
   * @param adjoint the one
   * @param adjoints the adjoints to look at; it counts if it is among them
   * @return how many
   */
  public static int overlapping(Tensor adjoint, Collection<? extends @Nullable Tensor> adjoints) {
    int count = 0;
    for (Tensor other : adjoints) {
      if (other != null && other.buffer().overlaps(adjoint.buffer())) {
        count++;
      }
    }
    return count;
  }

  /**
   * Offers the memory of an adjoint, unless it has gaps, to the next result of its spec, until the
   * operation ends.
   *
   * @param adjoint an adjoint that is not needed beyond that
   */
  public void offer(Tensor adjoint) {
    if (adjoint.buffer().isDense()) {
      offered = adjoint.buffer();
    }
  }

  /**
   * Tells whether two tensors lie in the same memory, one a view of the other or both of a third.
   *
   * @param first a tensor
   * @param second another
   * @return true if their owner is the same
   */
  public static boolean share(Tensor first, Tensor second) {
    return first.buffer().owner() == second.buffer().owner();
  }

  /**
   * Writes the sum of two tensors over the first, which need not be dense.
   *
   * @param sum an adjoint of the step
   * @param summand what to add
   */
  public static void addInto(Tensor sum, Tensor summand) {
    Ops.with(new Eager(_ -> sum.buffer()), () -> sum.plus(summand));
  }

  @Override
  public void close() {
    lease.close();
  }
}
