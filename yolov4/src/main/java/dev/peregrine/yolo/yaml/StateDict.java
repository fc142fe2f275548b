package dev.peregrine.yolo.yaml;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.Params.Kind;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a {@link YamlModel} under the names, in the shapes and in the order that PyTorch
 * has them.
 *
 * <p>Filters are {@code [out, in, height, width]} there, and are re-ordered on the way.
 */
public final class StateDict {
  private static final String BATCHES = "num_batches_tracked";
  private static final double HALF_PRECISION = 1e-3;

  private final YamlModel model;
  private final List<Entry> entries;

  /**
   * One tensor of the state dict.
   *
   * @param name PyTorch's name
   * @param shape its extents there, outermost first; none for a single number
   * @param path the path in {@link Params}, or empty where it is no parameter: counters of batches
   *     and anchors
   */
  public record Entry(String name, List<Integer> shape, String path) {
    /** Copies the extents. */
    public Entry {
      shape = List.copyOf(shape);
    }

    private int[] extents() {
      return shape.stream().mapToInt(i -> i).toArray();
    }
  }

  /**
   * Lists the tensors of a network.
   *
   * @param model the network
   */
  public StateDict(YamlModel model) {
    this.model = model;
    this.entries = entries(model);
  }

  /**
   * Returns all tensors.
   *
   * @return in PyTorch's order
   */
  public List<Entry> entries() {
    return entries;
  }

  private static List<Entry> entries(YamlModel model) {
    Params params = Params.symbolic();
    int side = model.maxStride();
    Tracer.trace(
        List.of(Spec.f32(1, side, side, 3)), inputs -> model.raw(params, inputs.getFirst()));
    List<Params.Entry> sorted = new ArrayList<>(params.entries());
    sorted.sort((a, b) -> ModuleOrder.compare(a.path(), b.path()));
    String detect = "model." + model.file().detect().index() + ".";
    int heads = model.heads().size();
    int anchors = model.heads().getFirst().mask().size();
    List<Entry> entries = new ArrayList<>();
    for (Params.Entry entry : sorted) {
      if (entry.path().equals(detect + "m.0.weight")) {
        entries.add(new Entry(detect + "anchors", List.of(heads, anchors, 2), ""));
        entries.add(new Entry(detect + "anchor_grid", List.of(heads, 1, anchors, 1, 1, 2), ""));
      }
      entries.add(new Entry(name(entry.path()), shape(entry), entry.path()));
      if (entry.path().endsWith(".variance")) {
        String room = entry.path().substring(0, entry.path().lastIndexOf('.') + 1);
        entries.add(new Entry(room + BATCHES, List.of(), ""));
      }
    }
    return List.copyOf(entries);
  }

  private static String name(String path) {
    int at = path.lastIndexOf('.') + 1;
    return path.substring(0, at)
        + switch (path.substring(at)) {
          case "gamma" -> "weight";
          case "beta" -> "bias";
          case "mean" -> "running_mean";
          case "variance" -> "running_var";
          default -> path.substring(at);
        };
  }

  private static List<Integer> shape(Params.Entry entry) {
    Shape own = entry.value().shape();
    return entry.kind() == Kind.WEIGHT
        ? List.of(own.dim(3), own.dim(2), own.dim(0), own.dim(1))
        : List.of(own.dim(0));
  }

  /**
   * Tells whether names are those of a state dict, and not those of {@link Params}.
   *
   * @param names of arrays
   * @return whether one of them is a running mean, which has another name in our own files
   */
  public static boolean areNamed(Set<String> names) {
    return names.stream().anyMatch(name -> name.endsWith(".running_mean"));
  }

  /**
   * Puts the numbers of one tensor into parameters that exist.
   *
   * @param params the parameters of the network, run or traced once before
   * @param entry the tensor, with a path
   * @param values its numbers in PyTorch's order
   */
  public void put(Params params, Entry entry, float[] values) {
    Tensor old = params.entry(entry.path()).value();
    Device device = old.isSymbolic() ? Ops.device() : old.device();
    Tensor next =
        Ops.on(
            device,
            () -> {
              Tensor given = Tensor.of(Shape.of(entry.extents()), values);
              boolean filters = entry.shape().size() == 4;
              return (filters ? Arrays.permute(given, 2, 3, 1, 0) : given).to(old.dtype());
            });
    params.set(entry.path(), next);
  }

  /**
   * Reads a state dict into parameters.
   *
   * <p><b>Errors</b> {@link FormatException} where a tensor is missing, left over or of another
   * shape, or the anchors are not those of the network; nothing is changed then.
   *
   * @param params the parameters of the network, run or traced once before
   * @param arrays numbers by PyTorch's names, such as {@code TorchFile} reads them
   * @param source what errors call it
   */
  public void load(Params params, Map<String, Safetensors.Array> arrays, String source) {
    Set<String> left = new TreeSet<>(arrays.keySet());
    for (Entry entry : entries) {
      left.remove(entry.name());
      check(entry, arrays.get(entry.name()), source);
    }
    if (!left.isEmpty()) {
      throw new FormatException(
          "%s: has %d tensors that %s does not have, such as %s: another network"
              .formatted(source, left.size(), model.name(), left.iterator().next()));
    }
    for (Entry entry : entries) {
      Safetensors.Array array = arrays.get(entry.name());
      if (array != null && !entry.path().isEmpty()) {
        put(params, entry, array.floats());
      }
    }
  }

  private void check(Entry entry, Safetensors.@Nullable Array array, String source) {
    if (array == null) {
      if (entry.path().isEmpty()) {
        return; // counters and anchors may be left out
      }
      throw new FormatException(
          "%s: lacks %s of %s: another network, another width or depth, or its norms are folded away"
              .formatted(source, entry.name(), model.name()));
    }
    if (entry.name().endsWith(BATCHES)) {
      return;
    }
    if (!java.util.Arrays.equals(array.shape(), entry.extents()) || !array.isFloating()) {
      throw new FormatException(
          "%s: %s has extents %s, but %s needs floats of %s: another class count, width or depth"
              .formatted(
                  source,
                  entry.name(),
                  java.util.Arrays.toString(array.shape()),
                  model.name(),
                  entry.shape()));
    }
    if (entry.name().endsWith(".anchor_grid")) {
      checkAnchors(array.floats(), anchorGrid(), source);
    } else if (entry.name().endsWith(".anchors")) {
      checkAnchors(array.floats(), anchorsInCells(), source);
    }
  }

  private void checkAnchors(float[] found, float[] own, String source) {
    for (int i = 0; i < own.length; i++) {
      if (!(Math.abs(found[i] - own[i]) <= HALF_PRECISION * own[i])) {
        throw new FormatException(
            "%s: was trained with anchors %s, but %s has %s: give it those of the file"
                .formatted(
                    source,
                    java.util.Arrays.toString(found),
                    model.name(),
                    java.util.Arrays.toString(own)));
      }
    }
  }

  private float[] anchorGrid() {
    List<Anchor> anchors = model.heads().getFirst().anchors();
    float[] sides = new float[2 * anchors.size()];
    for (int i = 0; i < anchors.size(); i++) {
      sides[2 * i] = (float) anchors.get(i).width();
      sides[2 * i + 1] = (float) anchors.get(i).height();
    }
    return sides;
  }

  /** The anchors in cells of their heads instead of pixels. */
  private float[] anchorsInCells() {
    float[] sides = anchorGrid();
    List<Integer> strides = model.strides();
    int each = sides.length / strides.size();
    for (int i = 0; i < sides.length; i++) {
      sides[i] /= strides.get(i / each);
    }
    return sides;
  }

  /**
   * Gives parameters as a state dict.
   *
   * @param params the parameters of the network
   * @return numbers by PyTorch's names, in PyTorch's order
   */
  public Map<String, Safetensors.Array> arrays(Params params) {
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
    for (Entry entry : entries) {
      arrays.put(entry.name(), new Safetensors.Array(entry.extents(), values(params, entry)));
    }
    return arrays;
  }

  private Object values(Params params, Entry entry) {
    if (!entry.path().isEmpty()) {
      Tensor own = params.entry(entry.path()).value();
      return Ops.on(
          own.device(),
          () -> {
            Tensor floats = own.to(DType.F32);
            boolean filters = entry.shape().size() == 4;
            return (filters ? Arrays.permute(floats, 3, 2, 0, 1) : floats).floats();
          });
    }
    if (entry.name().endsWith(BATCHES)) {
      return new long[1];
    }
    return entry.name().endsWith(".anchors") ? anchorsInCells() : anchorGrid();
  }
}
