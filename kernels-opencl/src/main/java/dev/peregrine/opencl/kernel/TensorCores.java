package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.DeviceDescription;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether a device has the tensor cores that a precision needs, and whether they compute right. */
public final class TensorCores {
  private static final int ROWS = 48;
  private static final int DEPTH = 72;
  private static final int COLUMNS = 40;

  /** Small integers, whose products every precision knows exactly. */
  private static final int RANGE = 17;

  private TensorCores() {}

  /**
   * Refuses a device whose driver is not NVIDIA's.
   *
   * <p><b>Errors</b> {@link DeviceException} in one sentence.
   *
   * @param precision what was asked for
   * @param device the device
   */
  public static void require(Precision precision, DeviceDescription device) {
    if (precision.isOfTensorCores() && !device.platform().contains("NVIDIA")) {
      throw refusal(precision, device.name(), "is not one of them", null);
    }
  }

  /**
   * Tries the instruction on a small product: a driver that does not know it fails here, and so
   * would one that lays fragments out in another way.
   *
   * <p><b>Errors</b> {@link DeviceException} in one sentence.
   *
   * @param precision what was asked for
   * @param device the device, with tiles of that precision
   */
  public static void prove(Precision precision, Device device) {
    boolean exact;
    try {
      exact = multipliesExactly(device);
    } catch (DeviceException failure) {
      throw refusal(precision, device.name(), "cannot: " + failure.getMessage(), failure);
    }
    if (!exact) {
      throw refusal(precision, device.name(), "multiplied matrices wrongly in a trial", null);
    }
  }

  /**
   * Multiplies two small matrices of integers and compares every element with the exact product,
   * which every precision finds; in the type that the device stores.
   *
   * <p><b>Errors</b> {@link DeviceException} if the driver cannot compile or run the product.
   *
   * @param device the device
   * @return whether all elements are right
   */
  public static boolean multipliesExactly(Device device) {
    float[] a = integers(ROWS * DEPTH, 5);
    float[] b = integers(DEPTH * COLUMNS, 7);
    DType stored = device.storage();
    boolean halves = stored == DType.F16;
    Object product = halves ? new short[ROWS * COLUMNS] : new float[ROWS * COLUMNS];
    // A convolution of one tap is a product of matrices that is known in all types.
    Op op = new Conv2d(Window.of(1), 1, Epilogue.NONE);
    Signature signature =
        Signature.of(
            op,
            List.of(
                new Spec(stored, Shape.of(1, 1, ROWS, DEPTH)),
                new Spec(stored, Shape.of(1, 1, DEPTH, COLUMNS))));
    Kernel kernel = device.prepare(op, signature);
    Buffer left = device.allocate(signature.input(0));
    Buffer right = device.allocate(signature.input(1));
    Buffer result = device.allocate(signature.output());
    device.write(halves ? halves(a) : a, left);
    device.write(halves ? halves(b) : b, right);
    kernel.run(new Buffer[] {left, right}, new Buffer[] {result}, null);
    device.read(result, product);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
      float sum = 0;
      for (int k = 0; k < DEPTH; k++) {
        sum += a[i / COLUMNS * DEPTH + k] * b[k * COLUMNS + i % COLUMNS];
      }
      boolean exact =
          product instanceof short[] bits
              ? bits[i] == Float.floatToFloat16(sum)
              : ((float[]) product)[i] == sum;
      if (!exact) {
        return false;
      }
    }
    return true;
  }

  private static float[] integers(int count, int step) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = i * step % RANGE - RANGE / 2;
    }
    return numbers;
  }

  private static short[] halves(float[] numbers) {
    short[] halves = new short[numbers.length];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = Float.floatToFloat16(numbers[i]);
    }
    return halves;
  }

  private static DeviceException refusal(
      Precision precision, String device, String why, @Nullable DeviceException cause) {
    String sentence =
        "device: precision "
            + precision.name().toLowerCase(Locale.ROOT)
            + " is computed by the tensor cores of NVIDIA's cards from compute capability 8.0 on;"
            + " '"
            + device
            + "' "
            + why
            + "; use precision=fp32";
    return cause == null ? new DeviceException(sentence) : new DeviceException(sentence, cause);
  }
}
