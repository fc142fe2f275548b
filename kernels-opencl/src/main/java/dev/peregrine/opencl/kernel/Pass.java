package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Launch;
import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One launch of an operation: a kernel, its work items, and what its arguments are, in the order of
 * its parameters. Which memory they mean is known when it is bound.
 */
final class Pass {
  /** Work items of a group where a kernel does not ask for a number. */
  static final int GROUP = 128;

  private static final int VECTOR = 8;

  /** Sets one argument for given memory. */
  @FunctionalInterface
  private interface Argument {
    void set(Launch launch, Memory memory);
  }

  /**
   * The memory of a run.
   *
   * @param in the inputs of the operation
   * @param out its outputs
   * @param scratch its workspace, anything where it needs none
   * @param packed what became of an input that is packed, anything where none is
   */
  record Memory(OpenClBuffer[] in, OpenClBuffer[] out, OpenClBuffer scratch, OpenClBuffer packed) {}

  private final Source source;
  private final long[] global;
  private final long[] local;
  private final List<Argument> arguments = new ArrayList<>();

  private Pass(Source source, long[] global, long[] local) {
    this.source = source;
    this.global = global;
    this.local = local;
  }

  /** Makes a pass of one work item for each element; the last argument will be their number. */
  static Pass flat(Source source, int count) {
    long groups = Math.ceilDiv(count, GROUP);
    return new Pass(source, new long[] {groups * GROUP}, new long[] {GROUP});
  }

  /** Makes a pass of so many groups along each axis. */
  static Pass groups(Source source, long[] groups, long... local) {
    int axes = Math.max(groups.length, local.length);
    long[] global = new long[axes];
    long[] items = new long[axes];
    for (int axis = 0; axis < axes; axis++) {
      items[axis] = axis < local.length ? local[axis] : 1;
      global[axis] = (axis < groups.length ? groups[axis] : 1) * items[axis];
    }
    return new Pass(source, global, items);
  }

  /** Whether there is nothing to do. */
  boolean isEmpty() {
    return Arrays.stream(global).anyMatch(items -> items == 0);
  }

  /** The next argument is an input of the operation. */
  Pass in(int index) {
    return then((launch, memory) -> launch.tensor(memory.in[index]));
  }

  /** The next arguments are the inputs from one to another, the latter excluded. */
  Pass in(int from, int to) {
    for (int index = from; index < to; index++) {
      in(index);
    }
    return this;
  }

  /** The next argument is an output of the operation. */
  Pass out(int index) {
    return then((launch, memory) -> launch.tensor(memory.out[index]));
  }

  /** The next argument is a dense value in the workspace, so many of its elements in. */
  Pass scratch(int start, Spec spec) {
    return then((launch, memory) -> launch.tensor(memory.scratch.reinterpret(start, spec)));
  }

  /** The next argument is what became of the input that is packed. */
  Pass packed(Spec spec) {
    return then((launch, memory) -> launch.tensor(memory.packed.reinterpret(0, spec)));
  }

  /** The next argument is memory that belongs to the device, such as its note of faults. */
  Pass fixed(OpenClBuffer buffer) {
    return then((launch, memory) -> launch.tensor(buffer));
  }

  /** The next arguments are an input that is walked through. */
  Pass walkedIn(int index, Walk.Steps steps) {
    return in(index).steps(steps);
  }

  /** The next arguments are an output that is walked through. */
  Pass walkedOut(int index, Walk.Steps steps) {
    return out(index).steps(steps);
  }

  private Pass steps(Walk.Steps steps) {
    return numbers(steps.first()).vector(steps.rows(), 0).vector(steps.channels(), 0);
  }

  /** The next arguments are {@code int}s. */
  Pass ints(int... values) {
    for (int value : values) {
      then((launch, memory) -> launch.number(value));
    }
    return this;
  }

  /** The next argument is a {@code long}. */
  Pass wide(long value) {
    return then((launch, memory) -> launch.number(value));
  }

  /** The next argument is a number of the type that an element type is computed in. */
  Pass number(DType dtype, double value) {
    return switch (dtype) {
      case F32, F16 -> then((launch, memory) -> launch.number((float) value));
      case F64 -> then((launch, memory) -> launch.number(value));
      case I32, U8 -> ints((int) value);
    };
  }

  /** The next argument is a byte. */
  Pass octet(int value) {
    return then((launch, memory) -> launch.octet((byte) value));
  }

  /** The next argument is a vector of {@code int}s, as many as there are. */
  Pass numbers(int... values) {
    int[] copy = values.clone();
    return then((launch, memory) -> launch.numbers(copy));
  }

  /** The next argument is an {@code int8}, filled up with a number. */
  Pass vector(int[] values, int filling) {
    int[] eight = Arrays.copyOf(values, VECTOR);
    Arrays.fill(eight, values.length, VECTOR, filling);
    return numbers(eight);
  }

  private Pass then(Argument argument) {
    arguments.add(argument);
    return this;
  }

  /** Makes the launch, its arguments still to be set. */
  Launch launch(Session session, String what) {
    return session.launch(what, source, global, local);
  }

  /** Sets all arguments of a launch. */
  void bind(Launch launch, Memory memory) {
    launch.rewind();
    for (Argument argument : arguments) {
      argument.set(launch, memory);
    }
  }
}
