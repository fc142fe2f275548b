package dev.peregrine.nn.train;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A run in a safetensors file: the model's numbers under their paths, the average under {@code
 * ema/}, the optimiser under {@code optimizer/}, what layers keep between mini-batches under {@code
 * memory/}, the position as texts.
 *
 * <p>Written beside and renamed, so that a crash leaves the last one whole. Sums are kept bit for
 * bit, as hexadecimal texts.
 */
public final class Checkpoint {
  private static final String EMA = "ema/";
  private static final String OPTIMIZER = "optimizer/";
  private static final String MEMORY = "memory/";
  private static final String POSITION = "position.";
  private static final String RATE_SHARE = "rate_share";
  private static final String SUM = "sum.";

  private Checkpoint() {}

  /**
   * Saves a run.
   *
   * <p><b>Errors</b> {@link FormatException} if the place cannot be written; a file that was there
   * stays whole.
   *
   * @param state the run
   * @param metadata further texts, such as the model's name
   * @param file where to
   */
  public static void save(TrainingState state, Map<String, String> metadata, Path file) {
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
    for (Params.Entry entry : state.params()) {
      arrays.put(entry.path(), ParamsFile.encode(entry.value()));
    }
    state.average().forEach((path, value) -> arrays.put(EMA + path, ParamsFile.encode(value)));
    state
        .optimizer()
        .forEach((path, value) -> arrays.put(OPTIMIZER + path, ParamsFile.encode(value)));
    state.memory().forEach((path, value) -> arrays.put(MEMORY + path, ParamsFile.encode(value)));
    TrainingState.Position position = state.position();
    Map<String, String> texts = new LinkedHashMap<>(metadata);
    texts.put(POSITION + "epoch", String.valueOf(position.epoch()));
    texts.put(POSITION + "batch", String.valueOf(position.batch()));
    texts.put(POSITION + "iteration", String.valueOf(position.iteration()));
    texts.put(POSITION + "seed", String.valueOf(position.seed()));
    texts.put(POSITION + "examples", String.valueOf(position.examples()));
    texts.put(POSITION + "waiting", String.valueOf(position.waiting()));
    texts.put(POSITION + "updates", String.valueOf(state.updates()));
    texts.put(POSITION + RATE_SHARE, Double.toHexString(position.rateShare()));
    position.sums().forEach((name, sum) -> texts.put(SUM + name, Double.toHexString(sum)));
    new Safetensors(arrays, texts).write(file);
  }

  /**
   * Reads a run back.
   *
   * <p><b>Errors</b> {@link FormatException} if the file is cut, is no checkpoint, or belongs to
   * another model.
   *
   * @param file the checkpoint
   * @param params the model whose run it is
   * @return the run's state
   */
  public static TrainingState load(Path file, Params params) {
    Safetensors content = Safetensors.read(file);
    Map<String, String> texts = content.metadata();
    if (!texts.containsKey(POSITION + "epoch")) {
      throw new FormatException(
          file
              + ": holds weights but no training state; start a new run with weights= instead of"
              + " resuming");
    }
    requireSameModel(file, content, params);
    List<Params.Entry> entries = new ArrayList<>();
    Map<String, Tensor> average = new LinkedHashMap<>();
    Map<String, Tensor> optimizer = new LinkedHashMap<>();
    for (Params.Entry entry : params.entries()) {
      Tensor value = ParamsFile.decode(file, content, entry.path(), entry);
      entries.add(new Params.Entry(entry.path(), entry.kind(), value, entry.frozen()));
      if (content.arrays().containsKey(EMA + entry.path())) {
        average.put(entry.path(), ParamsFile.decode(file, content, EMA + entry.path(), entry));
      }
    }
    for (String name : content.arrays().keySet()) {
      if (name.startsWith(OPTIMIZER)) {
        String kept = name.substring(OPTIMIZER.length());
        // The optimiser keeps several arrays a path, in rooms of their own, and numbers of its own.
        String path = kept.substring(kept.lastIndexOf('/') + 1);
        optimizer.put(
            kept,
            path.isEmpty()
                ? ParamsFile.decode(
                    file, name, content.arrays().get(name), params.entries().getFirst().value())
                : ParamsFile.decode(file, content, name, params.entry(path)));
      }
    }
    Map<String, Tensor> memory = new LinkedHashMap<>();
    content
        .arrays()
        .forEach((name, array) -> {
          if (name.startsWith(MEMORY)) {
            Tensor like = params.entries().getFirst().value();
            String path = name.substring(MEMORY.length());
            memory.put(path, ParamsFile.decode(file, name, array, like));
          }
        });
    Map<String, Double> sums = new LinkedHashMap<>();
    texts.forEach((key, value) -> {
      if (key.startsWith(SUM)) {
        sums.put(key.substring(SUM.length()), sum(file, key, value));
      }
    });
    return new TrainingState(
        entries,
        average,
        number(file, texts, "updates"),
        optimizer,
        memory,
        new TrainingState.Position(
            (int) number(file, texts, "epoch"),
            (int) number(file, texts, "batch"),
            number(file, texts, "iteration"),
            number(file, texts, "seed"),
            (int) number(file, texts, "examples"),
            (int) number(file, texts, "waiting"),
            sum(file, POSITION + RATE_SHARE, texts.getOrDefault(POSITION + RATE_SHARE, "1")),
            sums));
  }

  /**
   * Reads how far a saved run came, and nothing else.
   *
   * <p><b>Errors</b> {@link FormatException} if the file is damaged or no checkpoint.
   *
   * @param file the checkpoint
   * @return mini-batches done in the run
   */
  public static long iteration(Path file) {
    return number(file, ParamsFile.metadata(file), "iteration");
  }

  /**
   * Reads a model's numbers from a checkpoint, or from a file of numbers alone: the moving average
   * where there is one.
   *
   * <p><b>Errors</b> {@link FormatException} if the file is cut or belongs to another model, which
   * is then as it was.
   *
   * @param file the file
   * @param params the model, whose arrays exist already; they are replaced
   */
  public static void loadAveraged(Path file, Params params) {
    loadAveraged(file, Safetensors.read(file), params);
  }

  /**
   * Takes a model's numbers from a file that is read already, as {@link #loadAveraged(Path,
   * Params)} does.
   *
   * @param file for errors
   * @param content what it holds
   * @param params the model, whose arrays exist already; they are replaced
   */
  public static void loadAveraged(Path file, Safetensors content, Params params) {
    requireSameModel(file, content, params);
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (Params.Entry entry : params.entries()) {
      String averaged = EMA + entry.path();
      String name = content.arrays().containsKey(averaged) ? averaged : entry.path();
      values.put(entry.path(), ParamsFile.decode(file, content, name, entry));
    }
    values.forEach(params::set);
  }

  /** A larger model may have every array of this one, and is another model still. */
  private static void requireSameModel(Path file, Safetensors content, Params params) {
    Set<String> known = new HashSet<>();
    params.entries().forEach(entry -> known.add(entry.path()));
    for (String name : content.arrays().keySet()) {
      String path = name.substring(name.lastIndexOf('/') + 1);
      boolean ofLoop = name.startsWith(MEMORY) || name.startsWith(OPTIMIZER) && path.isEmpty();
      if (!ofLoop && !known.contains(path)) {
        throw new FormatException(
            file
                + ": has the array '"
                + name
                + "', which the model lacks; it belongs to another model");
      }
    }
  }

  private static double sum(Path file, String name, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException _) {
      throw new FormatException(
          file + ": the training state's " + name + " is '" + text + "', not a number");
    }
  }

  private static long number(Path file, Map<String, String> texts, String name) {
    // Runs that were saved between steps only did not tell what waits.
    String text = texts.getOrDefault(POSITION + name, name.equals("waiting") ? "0" : "");
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      throw new FormatException(
          file + ": the training state's " + name + " is '" + text + "', not a number");
    }
  }
}
