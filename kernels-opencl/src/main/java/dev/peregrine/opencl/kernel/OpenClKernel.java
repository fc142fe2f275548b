package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Launch;
import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Kernel;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * An operation as launches that follow each other on the device's queue.
 *
 * <p>A bound run has launches of its own, whose arguments are set once; single runs take turns with
 * launches that are kept for them.
 */
final class OpenClKernel implements Kernel {
  private final Session session;
  private final String what;
  private final String algorithm;
  private final int workspace;
  private final List<Pass> passes;
  private final Runnable before;
  private final ConcurrentLinkedDeque<Launch[]> idle = new ConcurrentLinkedDeque<>();

  /**
   * Makes a kernel.
   *
   * @param session the device
   * @param what the operation, for errors
   * @param algorithm how it is computed, for people
   * @param workspace scratch memory, in elements of type f32
   * @param passes the launches, in order
   * @param before called before each run
   */
  OpenClKernel(
      Session session,
      String what,
      String algorithm,
      int workspace,
      List<Pass> passes,
      Runnable before) {
    this.session = session;
    this.what = what;
    this.algorithm = algorithm;
    this.workspace = workspace;
    this.before = before;
    this.passes = passes.stream().filter(pass -> !pass.isEmpty()).toList();
    // Compiles the programs now, so that their errors come where kernels are prepared.
    idle.push(launches());
  }

  private Launch[] launches() {
    return passes.stream().map(pass -> pass.launch(session, what)).toArray(Launch[]::new);
  }

  @Override
  public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer scratch) {
    Launch[] launches = idle.poll();
    if (launches == null) {
      launches = launches();
    }
    try {
      bind(launches, inputs, outputs, scratch);
      before.run();
      for (Launch launch : launches) {
        launch.run();
      }
    } finally {
      // Idle launches must not keep the memory of this run.
      for (Launch launch : launches) {
        launch.rewind();
      }
      idle.push(launches);
    }
  }

  @Override
  public Runnable bind(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer scratch) {
    Launch[] launches = launches();
    bind(launches, inputs, outputs, scratch);
    return () -> {
      before.run();
      for (Launch launch : launches) {
        launch.run();
      }
    };
  }

  private void bind(
      Launch[] launches, Buffer[] inputs, Buffer[] outputs, @Nullable Buffer scratch) {
    OpenClBuffer[] in = Arrays.copyOf(inputs, inputs.length, OpenClBuffer[].class);
    OpenClBuffer[] out = Arrays.copyOf(outputs, outputs.length, OpenClBuffer[].class);
    for (int i = 0; i < launches.length; i++) {
      passes.get(i).bind(launches[i], in, out, workspace == 0 ? null : (OpenClBuffer) scratch);
    }
  }

  @Override
  public int workspace() {
    return workspace;
  }

  @Override
  public String algorithm() {
    return algorithm;
  }
}
