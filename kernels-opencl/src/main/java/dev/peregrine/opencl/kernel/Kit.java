package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.DType;
import java.util.List;

/**
 * What families make kernels with: the device, the operation in hand, and where its faults are
 * noted.
 *
 * @param session the device
 * @param op the operation in hand
 * @param signature its specs
 * @param tiling how matrix products are cut
 * @param faults where kernels note wrong indices
 */
record Kit(Session session, Op op, Signature signature, Tiling tiling, Faults faults) {
  /** Makes a kernel without scratch memory. */
  Kernel kernel(String algorithm, Pass... passes) {
    return kernel(algorithm, 0, passes);
  }

  /** Makes a kernel with scratch memory, counted in elements of the operation's own type. */
  Kernel kernel(String algorithm, int scratch, Pass... passes) {
    return new OpenClKernel(
        session, op.toString(), algorithm, floats(scratch), null, List.of(passes), () -> {});
  }

  /** Makes a kernel that packs one of its inputs, once if that never changes. */
  Kernel packing(String algorithm, int scratch, Packing packing, List<Pass> passes) {
    return new OpenClKernel(
        session, op.toString(), algorithm, floats(scratch), packing, passes, () -> {});
  }

  private int floats(int elements) {
    // One more element for a workspace that begins between two doubles.
    return real() == DType.F64 && elements > 0 ? 2 * elements + 1 : elements;
  }

  /** Makes a kernel that may note a fault. */
  Kernel indexing(String algorithm, Pass pass) {
    return new OpenClKernel(
        session, op.toString(), algorithm, 0, null, List.of(pass), faults::expect);
  }

  /** The type that is computed in: that of {@link #stored}, of halves f32. */
  DType real() {
    return stored().computed();
  }

  /** The type of the first input, of the output where there is none. */
  DType stored() {
    return signature.inputs().isEmpty() ? signature.output().dtype() : signature.input(0).dtype();
  }

  /** The complaint about types that an operation cannot be computed in here. */
  DeviceException refusal(String why) {
    return new DeviceException(session.name() + ": " + op + " on " + signature + " " + why);
  }

  /** Chooses the tile of matrix products. */
  Tile tile(long rows, long columns, long products) {
    return tiling.choose(real(), rows, columns, products, manyGroups());
  }

  /** Begins a program of matrix products in tiles. */
  Sources tiled(String file, Tile tile) {
    return tiling.define(tile, Sources.of(file, stored()));
  }

  /** How many groups keep the whole device busy. */
  int manyGroups() {
    return 8 * session.facts().description().computeUnits();
  }
}
