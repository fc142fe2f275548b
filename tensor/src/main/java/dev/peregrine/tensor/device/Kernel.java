package dev.peregrine.tensor.device;

import org.jspecify.annotations.Nullable;

/**
 * An operation made ready for given specs on one device.
 *
 * <p>A kernel holds no state of a run: several threads may run it at once on different buffers and
 * workspaces. Elementwise kernels allow the output to be the very buffer of an input of the same
 * shape; all others need outputs that overlap no input.
 */
public interface Kernel {
  /**
   * Runs the operation.
   *
   * @param inputs buffers of the signature's input specs; unchanged
   * @param outputs buffers of the signature's output specs; wholly written
   * @param workspace scratch memory of at least {@link #workspace()} elements of type f32, its
   *     content undefined; may be any buffer when none is needed
   */
  void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace);

  /**
   * Makes one run ready, to be repeated on the same buffers: what depends on where they lie is
   * computed now, so that a repetition allocates nothing.
   *
   * @param inputs as for {@link #run}
   * @param outputs as for {@link #run}
   * @param workspace as for {@link #run}; shared with other bound runs, so undefined in each
   * @return runs the operation; for one thread at a time
   */
  default Runnable bind(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    return () -> run(inputs, outputs, workspace);
  }

  /**
   * Returns how much scratch memory a run needs.
   *
   * @return elements of type f32, 0 for none
   */
  default int workspace() {
    return 0;
  }

  /**
   * Takes inputs that will never change, such as the filters of a network that is only run, and
   * packs or transforms them now rather than in each run.
   *
   * @param constants the constant inputs by position, null where an input varies
   * @return a kernel for the same signature; its runs still receive all inputs, or anything in the
   *     place of those that it no longer {@link #reads}
   */
  default Kernel withConstants(@Nullable Buffer[] constants) {
    return this;
  }

  /**
   * Tells whether runs read an input. One that {@link #withConstants} packed is no longer read, and
   * any buffer may stand in its place.
   *
   * @param input its position
   * @return false if the caller may let it go
   */
  default boolean reads(int input) {
    return true;
  }

  /**
   * The memory that a kernel takes once {@link #withConstants} has packed its constants.
   *
   * @param packed numbers of type f32 that it keeps instead of its constants, 0 if it reads them
   *     where they lie
   * @param workspace scratch memory of a run, in elements of type f32
   */
  record Needs(long packed, int workspace) {}

  /**
   * Tells what packing would take, without doing it.
   *
   * @param constants for each input whether it will never change
   * @return the memory of {@code withConstants} of such inputs
   */
  default Needs needs(boolean[] constants) {
    return new Needs(0, workspace());
  }

  /**
   * Names the algorithm for people, such as {@code direct 13x32}.
   *
   * @return a few words
   */
  String algorithm();
}
