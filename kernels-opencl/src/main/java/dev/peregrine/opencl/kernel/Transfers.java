package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Copies between Java arrays and device memory.
 *
 * <p>The bus carries dense values alone; a channel slice is made dense on the device first, or
 * spread there afterwards.
 */
public final class Transfers {
  private final Session session;
  private final Device device;

  /**
   * Makes the copies of a device.
   *
   * @param session its driver
   * @param device the device, which knows the kernel that spreads and gathers rows
   */
  public Transfers(Session session, Device device) {
    this.session = session;
    this.device = device;
  }

  /**
   * Copies to the device.
   *
   * @param from a Java array
   * @param to where to
   */
  public void write(Object from, OpenClBuffer to) {
    if (to.spec().shape().size() == 0) {
      return;
    }
    if (to.isDense()) {
      session.write(from, to);
      return;
    }
    OpenClBuffer dense = session.allocate(to.spec());
    session.write(from, dense);
    copy(dense, to);
  }

  /**
   * Copies from the device, after everything that was asked for before.
   *
   * @param from where from
   * @param to a Java array
   */
  public void read(OpenClBuffer from, Object to) {
    if (from.spec().shape().size() == 0) {
      return;
    }
    if (from.isDense()) {
      session.read(from, to);
      return;
    }
    OpenClBuffer dense = session.allocate(from.spec());
    copy(from, dense);
    session.read(dense, to);
  }

  private void copy(OpenClBuffer from, OpenClBuffer to) {
    Spec spec = from.spec();
    Kernel kernel =
        device.kernel(new Reshape(spec.shape()), new Signature(List.of(spec), List.of(spec)));
    kernel.run(new Buffer[] {from}, new Buffer[] {to}, null);
  }
}
