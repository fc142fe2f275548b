package dev.peregrine.yolo.cli.train;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.check.DataHash;
import dev.peregrine.yolo.train.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A run that is to go on.
 *
 * @param folder the run's folder
 * @param checkpoint where the run stands
 * @param settings those that the run was started with, from its {@code args.yaml}
 */
record ResumedRun(Path folder, Path checkpoint, Call settings) {
  /** Settings that do not change what is computed, so that they may be new. */
  private static final Set<String> FREE =
      Set.of("resume", "replay", "device", "threads", "verbose", "memory");

  /** What {@code args.yaml} knows the data by, wherever they lie. */
  static final String DATA_HASH = "data_hash";

  /**
   * Finds a run.
   *
   * <p><b>Errors</b> {@link FormatException} if there is no run; {@link UsageException} if the call
   * gives settings that the run has already.
   *
   * @param call the present call
   * @param where the run's folder or its checkpoint
   */
  static ResumedRun of(Call call, Path where) {
    Path checkpoint = Files.isDirectory(where) ? TrainingRun.checkpoint(where) : where;
    Path weights = checkpoint.toAbsolutePath().getParent();
    Path folder = weights == null ? null : weights.getParent();
    if (folder == null || !Files.isRegularFile(checkpoint)) {
      throw new FormatException(
          "resume="
              + where
              + ": there is no run to go on with; "
              + (Files.exists(where)
                  ? checkpoint
                      + " was looked for, which a run writes after its first epoch or"
                      + " save_seconds="
                  : "give the folder of one, such as runs/train/run"));
    }
    return new ResumedRun(folder, checkpoint, settings(call, folder));
  }

  /**
   * The settings that a run was started with.
   *
   * <p><b>Errors</b> as {@link #of}.
   *
   * @param call the present call
   * @param folder the run's folder
   */
  static Call settings(Call call, Path folder) {
    Map<String, String> texts = read(folder.resolve("args.yaml"));
    for (Key<?> key : Call.keys(call.verb())) {
      String now = call.text(key).orElse("");
      boolean given = !now.equals(key.fallback());
      boolean free =
          FREE.contains(key.name())
              || key.name().equals(DataInput.DATA.name()) && texts.containsKey(DATA_HASH);
      if (!free && given && !now.equals(texts.get(key.name()))) {
        throw new UsageException(
            "resume= goes on with the run's own settings: "
                + key.name()
                + "= cannot be changed to "
                + now
                + "; to change it, begin a new run with weights= of this one");
      }
      if (free && given) {
        texts.put(key.name(), now);
      }
    }
    return new Call(call.verb(), texts, call.console());
  }

  /**
   * Loads the data of a run that goes on.
   *
   * <p><b>Errors</b> as {@link #requireSameData}.
   *
   * @param settings of the run
   * @param folder the run's folder
   */
  static DataInput data(Call settings, Path folder) {
    DataInput data = DataInput.forTraining(settings);
    requireSameData(settings, folder, data.train());
    return data;
  }

  /**
   * Requires the data that a run began with, since its bits would be others, and its epochs would
   * not even end where they did.
   *
   * <p><b>Errors</b> {@link FormatException} if they are not.
   *
   * @param settings of the run
   * @param folder the run's folder
   * @param train what it would learn from now
   */
  static void requireSameData(Call settings, Path folder, DataSet train) {
    String known = read(folder.resolve("args.yaml")).getOrDefault(DATA_HASH, "");
    String now = DataHash.of(train);
    if (!known.isEmpty() && !known.equals(now)) {
      throw new FormatException(
          settings.get(DataInput.DATA)
              + ": pictures or labels are not those that the run began with (data_hash is "
              + now
              + " and was "
              + known
              + "), so it cannot go on; bring the old ones back, or begin a new run with weights="
              + " of this one");
    }
  }

  private static Map<String, String> read(Path file) {
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
      Object content = new Load(settings).loadFromString(Files.readString(file));
      Map<String, String> texts = new HashMap<>();
      if (content instanceof Map<?, ?> entries) {
        entries.forEach((key, value) -> texts.put(String.valueOf(key), String.valueOf(value)));
      }
      if (!texts.getOrDefault("verb", "").equals("train")) {
        throw new FormatException(file + ": is not the description of a training run");
      }
      return texts;
    } catch (NoSuchFileException missing) {
      throw new FormatException(
          file + ": the settings of the run are missing, so it cannot go on", missing);
    } catch (IOException | YamlEngineException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }
}
