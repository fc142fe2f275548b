package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Launch;
import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.shape.Spec;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;
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
  private final int scratch;
  private final @Nullable Packing packing;
  private final @Nullable OpenClBuffer packed;
  private final List<Pass> passes;
  private final Runnable before;
  private final ConcurrentLinkedDeque<Launch[]> idle = new ConcurrentLinkedDeque<>();

  /**
   * Makes a kernel.
   *
   * @param session the device
   * @param what the operation, for errors
   * @param algorithm how it is computed, for people
   * @param scratch scratch memory of the passes, in elements of type f32
   * @param packing what is made of one of the inputs first, null if nothing
   * @param passes the launches, in order
   * @param before called before each run
   */
  OpenClKernel(
      Session session,
      String what,
      String algorithm,
      int scratch,
      @Nullable Packing packing,
      List<Pass> passes,
      Runnable before) {
    this(session, what, algorithm, scratch, packing, null, passes, before);
  }

  private OpenClKernel(
      Session session,
      String what,
      String algorithm,
      int scratch,
      @Nullable Packing packing,
      @Nullable OpenClBuffer packed,
      List<Pass> passes,
      Runnable before) {
    this.session = session;
    this.what = what;
    this.algorithm = algorithm;
    this.scratch = scratch;
    this.packing = packing;
    this.packed = packed;
    this.before = before;
    this.passes = passes.stream().filter(pass -> !pass.isEmpty()).toList();
    // Compiles the programs now, so that their errors come where kernels are prepared.
    idle.push(launches());
  }

  /** The passes of a run: packing comes first, unless it was done once and for all. */
  private List<Pass> runPasses() {
    return packing == null || packed != null
        ? passes
        : Stream.concat(Stream.of(packing.pass()), passes.stream()).toList();
  }

  private Launch[] launches() {
    return runPasses().stream().map(pass -> pass.launch(session, what)).toArray(Launch[]::new);
  }

  @Override
  public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    Launch[] launches = idle.poll();
    if (launches == null) {
      launches = launches();
    }
    try {
      bind(launches, inputs, outputs, workspace);
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
  public Runnable bind(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    Launch[] launches = launches();
    bind(launches, inputs, outputs, workspace);
    return () -> {
      before.run();
      for (Launch launch : launches) {
        launch.run();
      }
    };
  }

  private void bind(
      Launch[] launches, Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    OpenClBuffer[] in = Arrays.copyOf(inputs, inputs.length, OpenClBuffer[].class);
    OpenClBuffer[] out = Arrays.copyOf(outputs, outputs.length, OpenClBuffer[].class);
    // A kernel without scratch memory has no argument that asks for it.
    OpenClBuffer own = workspace() == 0 || workspace == null ? out[0] : (OpenClBuffer) workspace;
    OpenClBuffer after =
        packed != null ? packed : packing == null ? own : own.reinterpret(scratch, Spec.f32(0));
    Pass.Memory memory = new Pass.Memory(in, out, own, after);
    List<Pass> bound = runPasses();
    for (int i = 0; i < launches.length; i++) {
      bound.get(i).bind(launches[i], memory);
    }
  }

  @Override
  public Kernel withConstants(@Nullable Buffer[] constants) {
    if (packing == null || packed != null) {
      return this;
    }
    @Nullable Buffer constant = constants[packing.input()];
    if (constant == null) {
      return this;
    }
    OpenClBuffer made = session.allocate(packing.packed());
    OpenClBuffer[] in = new OpenClBuffer[constants.length];
    Arrays.fill(in, (OpenClBuffer) constant);
    Launch launch = packing.pass().launch(session, what);
    packing.pass().bind(launch, new Pass.Memory(in, new OpenClBuffer[0], made, made));
    launch.run();
    return new OpenClKernel(session, what, algorithm, scratch, packing, made, passes, before);
  }

  @Override
  public boolean reads(int input) {
    return packing == null || packed == null || packing.input() != input;
  }

  @Override
  public Needs needs(boolean[] constants) {
    return packing == null || packed != null || !constants[packing.input()]
        ? new Needs(0, workspace())
        : new Needs(packedFloats(packing), scratch);
  }

  @Override
  public int workspace() {
    return packing == null || packed != null ? scratch : scratch + packedFloats(packing);
  }

  /** Memory of the packed input in elements of type f32, one more where doubles need it. */
  private static int packedFloats(Packing packing) {
    return Math.toIntExact(Math.ceilDiv(packing.packed().bytes(), Float.BYTES)) + 1;
  }

  @Override
  public String algorithm() {
    return algorithm;
  }
}
