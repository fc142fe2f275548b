package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The measured tiles of one device: those in the file, and while it searches those of every product
 * that is prepared.
 */
final class TunedTiles {
  private static final System.Logger LOGGER = System.getLogger(TunedTiles.class.getName());

  /** Stands in the file where no tile is faster than the rule's. */
  private static final String RULE = "rule";

  /** A tile must need less than this share of the rule's time, or it may be noise. */
  private static final double CLEARLY_FASTER = 0.97;

  private static final int ROUNDS = 3;
  private static final double ROUND_SECONDS = 0.002;
  private static final int MOST_RUNS = 16;

  private final Session session;
  private final TileFile file;
  private final Map<String, String> rows;
  private final String kernels;
  private volatile boolean searching;

  TunedTiles(Session session, TileFile file) {
    this.session = session;
    this.file = file;
    this.rows = new ConcurrentHashMap<>(file.read());
    this.kernels = Sources.fingerprint();
  }

  /** From now on products whose shapes are not known are measured. */
  void search() {
    searching = true;
  }

  /**
   * Chooses how an operation is cut.
   *
   * @param rule how it is cut where nothing faster is known
   * @param op the operation
   * @param signature its specs
   * @param preparation makes the kernel that is cut in a given way, to be timed
   */
  Tiling tiling(Tiling rule, Op op, Signature signature, Function<Tiling, Kernel> preparation) {
    boolean product =
        op instanceof MatMul
            || op instanceof Conv2d
            || op instanceof Conv2dInputGrad
            || op instanceof Conv2dWeightGrad;
    if (!product || signature.input(0).dtype() == DType.F64) {
      return rule;
    }
    String key =
        TileFile.key(
            session.facts().description().name(),
            session.facts().driver(),
            kernels,
            rule.tiles().getLast().precision() + " " + op + " " + signature);
    if (searching && !rows.containsKey(key)) {
      measure(key, rule, signature, preparation);
    }
    String wanted = rows.getOrDefault(key, RULE);
    // What is no candidate, as in a file that somebody edited, is never run.
    return rule.candidates().stream()
        .filter(tile -> fits(tile) && tile.code().equals(wanted))
        .findFirst()
        .map(rule::alone)
        .orElse(rule);
  }

  private boolean fits(Tile tile) {
    return tile.threads() <= session.facts().largestGroup();
  }

  private synchronized void measure(
      String key, Tiling rule, Signature signature, Function<Tiling, Kernel> preparation) {
    Kernel usual = preparation.apply(rule);
    if (usual.algorithm().startsWith("grouped") || rows.containsKey(key)) {
      return;
    }
    double least = CLEARLY_FASTER * seconds(usual, signature);
    String best = RULE;
    for (Tile tile : rule.candidates()) {
      if (fits(tile)) {
        try {
          double seconds = seconds(preparation.apply(rule.alone(tile)), signature);
          if (seconds < least) {
            least = seconds;
            best = tile.code();
          }
        } catch (DeviceException refused) {
          LOGGER.log(System.Logger.Level.DEBUG, "opencl: no tile " + tile.code(), refused);
        }
      }
    }
    rows.put(key, best);
    file.add(key, best);
  }

  /** The least time of one run, after one that is not timed. */
  private double seconds(Kernel kernel, Signature signature) {
    Buffer[] in = signature.inputs().stream().map(this::zeros).toArray(Buffer[]::new);
    Buffer[] out = signature.outputs().stream().map(session::allocate).toArray(Buffer[]::new);
    Buffer workspace = session.allocate(Spec.f32(kernel.workspace()));
    Runnable run = kernel.bind(in, out, workspace);
    time(run, 1);
    double once = time(run, 1);
    int runs = (int) Math.clamp(ROUND_SECONDS / once, 1, MOST_RUNS);
    double least = once;
    for (int i = 0; i < ROUNDS; i++) {
      least = Math.min(least, time(run, runs));
    }
    return least;
  }

  private Buffer zeros(Spec spec) {
    OpenClBuffer buffer = session.allocate(spec);
    int size = spec.shape().size();
    session.write(spec.dtype() == DType.F16 ? new short[size] : new float[size], buffer);
    return buffer;
  }

  private double time(Runnable run, int runs) {
    session.finish();
    long start = System.nanoTime();
    for (int i = 0; i < runs; i++) {
      run.run();
    }
    session.finish();
    return Math.max(1, System.nanoTime() - start) / 1e9 / runs;
  }
}
