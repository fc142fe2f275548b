package dev.peregrine.opencl;

import dev.peregrine.opencl.kernel.KernelTable;
import dev.peregrine.opencl.kernel.PeakSpeed;
import dev.peregrine.opencl.kernel.Precision;
import dev.peregrine.opencl.kernel.TensorCores;
import dev.peregrine.opencl.kernel.TileFile;
import dev.peregrine.opencl.kernel.Tiling;
import dev.peregrine.opencl.kernel.Transfers;
import dev.peregrine.opencl.runtime.DriverCalls;
import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.tensor.device.AbstractDevice;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.device.Slab;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A device that OpenCL offers, such as a graphics card.
 *
 * <p>Kernels are asked for and run later, one after another; {@link #read} waits for what it reads,
 * and errors of the device may show only there.
 */
public final class OpenClDevice extends AbstractDevice {
  private static final System.Logger LOGGER = System.getLogger(OpenClDevice.class.getName());

  private final Session session;
  private final DType storage;
  private final Tiling products;
  private final Transfers transfers;
  private final KernelTable kernels;

  private OpenClDevice(
      Session session, DType storage, Tiling tiling, Tiling halves, @Nullable TileFile tiles) {
    this.session = session;
    this.storage = storage;
    this.products = storage == DType.F16 ? halves : tiling;
    this.transfers = new Transfers(session, this);
    this.kernels = new KernelTable(session, transfers, tiling, halves, tiles);
  }

  /**
   * Opens a device.
   *
   * <p><b>Errors</b> {@link DeviceException} in one sentence if there is none.
   *
   * @param name what it is called
   * @param index its position among the OpenCL devices of this machine
   * @return the device
   */
  static OpenClDevice open(String name, int index) {
    return open(name, index, Precision.FP32);
  }

  /**
   * Opens a device that rounds numbers as wanted.
   *
   * <p><b>Errors</b> {@link DeviceException} in one sentence if there is none, or if it lacks the
   * tensor cores for tf32 or bf16.
   *
   * @param name what it is called
   * @param index its position among the OpenCL devices of this machine
   * @param precision how numbers are rounded
   * @return the device
   */
  static OpenClDevice open(String name, int index, Precision precision) {
    return open(name, index, precision, TileFile.of(System.getenv()));
  }

  /** Opens a device with the measured tiles of a file. */
  static OpenClDevice open(String name, int index, Precision precision, TileFile tiles) {
    Session session = Session.open(name, index, UnaryOperator.identity());
    Tiling plain = session.facts().isCpu() ? Tiling.PROCESSOR : Tiling.CARD;
    return switch (precision) {
      case FP32 -> new OpenClDevice(session, DType.F32, plain, plain, tiles);
      case FP16 -> halves(session, plain, tiles);
      case TF32, BF16 -> {
        TensorCores.require(precision, session.facts().description());
        Tiling cores = Tiling.tensorCores(precision);
        OpenClDevice device = new OpenClDevice(session, DType.F32, cores, plain, tiles);
        TensorCores.prove(precision, device);
        yield device;
      }
    };
  }

  /** Opens a device that stores halves; a card whose tensor cores fail the trial goes without. */
  private static OpenClDevice halves(Session session, Tiling plain, TileFile tiles) {
    try {
      TensorCores.require(Precision.FP16, session.facts().description());
      Tiling cores = Tiling.tensorCores(Precision.FP16);
      OpenClDevice device = new OpenClDevice(session, DType.F16, plain, cores, tiles);
      TensorCores.prove(Precision.FP16, device);
      return device;
    } catch (DeviceException none) {
      LOGGER.log(System.Logger.Level.DEBUG, "opencl: halves without tensor cores", none);
      return new OpenClDevice(session, DType.F16, plain, plain, tiles);
    }
  }

  /** Opens a device for tests: with tiles of their choice, and something before the driver. */
  static OpenClDevice open(
      String name, int index, Tiling tiling, UnaryOperator<DriverCalls> wrapping) {
    return open(name, index, DType.F32, tiling, wrapping);
  }

  /** Opens a device for tests that stores values in a type. */
  static OpenClDevice open(
      String name, int index, DType storage, Tiling tiling, UnaryOperator<DriverCalls> wrapping) {
    Session session = Session.open(name, index, wrapping);
    return new OpenClDevice(session, storage, tiling, tiling, null);
  }

  /** Measures the tiles of every product that is prepared from now on, see {@link Tuning}. */
  void searchTiles() {
    kernels.search();
  }

  @Override
  public String name() {
    return session.name();
  }

  @Override
  public String description() {
    return name()
        + ": "
        + session.facts().description()
        + (storage == DType.F32 ? "" : ", plans store " + storage);
  }

  @Override
  public DType storage() {
    return storage;
  }

  /**
   * Returns how much device memory is in use.
   *
   * @return bytes
   */
  public long liveBytes() {
    return session.liveBytes();
  }

  @Override
  public double peakGigaflops() {
    return PeakSpeed.gigaflops(session);
  }

  /**
   * Measures for some hundredths of a second how fast tensor cores multiply and add at most, in the
   * precision of this device's plans.
   *
   * @return 10^9 floating-point operations a second, a multiplication and an addition as two; not a
   *     number where plans use no tensor cores
   */
  public double tensorCoreGigaflops() {
    return PeakSpeed.tensorCoreGigaflops(session, products);
  }

  @Override
  public Kernel prepare(Op op, Signature signature) {
    return kernels.prepare(op, signature);
  }

  @Override
  public Buffer allocate(Spec spec) {
    return session.allocate(spec);
  }

  @Override
  public Slab slab(DType dtype, long elements) {
    return session.carver(dtype, elements)::at;
  }

  @Override
  protected Buffer recycle(Buffer released, Spec spec) {
    return ((OpenClBuffer) released).recycle(spec);
  }

  @Override
  protected void release(Buffer buffer) {
    ((OpenClBuffer) buffer).release();
  }

  @Override
  public @Nullable Buffer view(Op op, Buffer input, Spec output) {
    OpenClBuffer buffer = (OpenClBuffer) input;
    if (op instanceof Reshape && buffer.isDense()) {
      return buffer.as(output);
    }
    if (op instanceof Slice slice && slice.isChannelSlice(buffer.spec().shape())) {
      return buffer.channels(slice.starts().getLast(), output.shape().channels());
    }
    return null;
  }

  @Override
  public void finish() {
    session.finish();
  }

  /** No driver tells how much of its memory is free, so nothing is refused before it is tried. */
  @Override
  public long memoryLimit() {
    return Long.MAX_VALUE;
  }

  @Override
  public void write(Object from, Buffer to) {
    transfers.write(from, (OpenClBuffer) to);
  }

  @Override
  public void read(Buffer from, Object to) {
    transfers.read((OpenClBuffer) from, to);
    kernels.requireNoFaults();
  }
}
