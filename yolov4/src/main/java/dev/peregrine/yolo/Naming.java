package dev.peregrine.yolo;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.darknet.CfgOfModel;
import dev.peregrine.yolo.darknet.DarknetWeights;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.yaml.StateDict;
import dev.peregrine.yolo.yaml.YamlModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Whose names a file gives to the arrays of a network. */
enum Naming {
  /** Ours, by path; those of a training run are beside their averages, which are better. */
  PATHS {
    @Override
    Map<String, Safetensors.Array> arrays(DetectionModel model, Params params) {
      Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
      params.entries().forEach(entry -> arrays.put(entry.path(), ParamsFile.encode(entry.value())));
      return arrays;
    }

    @Override
    void load(
        DetectionModel model, Params params, String where, Map<String, Safetensors.Array> arrays) {
      Checkpoint.loadAveraged(Path.of(where), new Safetensors(arrays, Map.of()), params);
    }

    @Override
    Map<String, Safetensors.Array> plain(Map<String, Safetensors.Array> arrays) {
      Map<String, Safetensors.Array> plain = new LinkedHashMap<>(arrays);
      arrays.forEach((name, array) -> {
        if (name.startsWith(AVERAGE)) {
          plain.put(name.substring(AVERAGE.length()), array);
        }
      });
      return plain;
    }
  },
  /** PyTorch's for a network that a cfg describes. */
  MODULE_LIST {
    @Override
    Map<String, Safetensors.Array> arrays(DetectionModel model, Params params) {
      return DarknetWeights.named(params, CfgOfModel.of(model));
    }

    @Override
    void load(
        DetectionModel model, Params params, String where, Map<String, Safetensors.Array> arrays) {
      DarknetWeights.load(params, CfgOfModel.of(model), where, arrays);
    }
  },
  /** PyTorch's for a network that a yaml describes. */
  STATE_DICT {
    @Override
    Map<String, Safetensors.Array> arrays(DetectionModel model, Params params) {
      return new StateDict(yaml(model)).arrays(params);
    }

    @Override
    void load(
        DetectionModel model, Params params, String where, Map<String, Safetensors.Array> arrays) {
      new StateDict(yaml(model)).load(params, arrays, where);
    }

    private static YamlModel yaml(DetectionModel model) {
      if (model instanceof YamlModel yaml) {
        return yaml;
      }
      throw new IllegalArgumentException(model.name() + " is no network of a yaml");
    }
  };

  private static final String AVERAGE = "ema/";

  /**
   * Tells whose names a file has.
   *
   * <p><b>Errors</b> {@link FormatException} where they are those of the other of the two forms in
   * which these networks exist.
   */
  static Naming of(DetectionModel model, Set<String> names, String where) {
    boolean yaml = model instanceof YamlModel;
    if (DarknetWeights.areNamed(names)) {
      if (yaml) {
        throw new FormatException(
            where
                + ": its names are those of a cfg's network (module_list...), whose blocks are in"
                + " darknet's form with the epsilon 1e-4 or 1e-5, but "
                + model.name()
                + " is in PyTorch's form with 1e-3: the numbers do not serve it; name the cfg with"
                + " model=");
      }
      return MODULE_LIST;
    }
    if (!StateDict.areNamed(names)) {
      return PATHS;
    }
    if (!yaml) {
      throw new FormatException(
          where
              + ": its names are those of a yaml's network (model.0.conv...), whose blocks are in"
              + " PyTorch's form with the epsilon 1e-3, but "
              + model.name()
              + " is in darknet's form with 1e-5: the numbers do not serve it; name the yaml, or"
              + " its network such as yolov4-p5-yaml, with model=");
    }
    return STATE_DICT;
  }

  /** A network's numbers under these names, in the order of such files. */
  abstract Map<String, Safetensors.Array> arrays(DetectionModel model, Params params);

  /** Puts numbers with these names into a network; all of them must be there. */
  abstract void load(
      DetectionModel model, Params params, String where, Map<String, Safetensors.Array> arrays);

  /** The numbers of a file under the names of {@link #arrays}. */
  Map<String, Safetensors.Array> plain(Map<String, Safetensors.Array> arrays) {
    return arrays;
  }
}
