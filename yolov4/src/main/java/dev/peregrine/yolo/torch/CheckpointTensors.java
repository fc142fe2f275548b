package dev.peregrine.yolo.torch;

import dev.peregrine.tensor.FormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the named tensors in what a checkpoint holds: a state dict, or a pickled network, whose
 * modules are walked as PyTorch walks them; either bare or as a member of a dict.
 */
final class CheckpointTensors {
  private static final int MAX_DEPTH = 64;
  private static final int NAME_GROWTH = 64;

  /** Members of a checkpoint that hold the weights, the best first. */
  private static final List<String> MEMBERS =
      List.of("ema", "model", "state_dict", "model_state_dict", "net", "weights");

  private final String where;
  private final Map<String, TorchTensor> tensors = new LinkedHashMap<>();

  /** Members and letters that may be looked at, so that modules that share modules end. */
  private long looks;

  private CheckpointTensors(String where, long fileBytes) {
    this.where = where;
    this.looks = NAME_GROWTH * fileBytes;
  }

  static Map<String, TorchTensor> of(String where, Object content, long fileBytes) {
    CheckpointTensors dict = new CheckpointTensors(where, fileBytes);
    Object holder = holder(content).orElseThrow(() -> none(where, content));
    if (holder instanceof PickledObject module) {
      dict.walk("", module, 0);
    } else if (holder instanceof Map<?, ?> map) {
      dict.collect("", map, Set.of());
    }
    if (dict.tensors.isEmpty()) {
      throw none(where, content);
    }
    dict.requireSize(fileBytes);
    return dict.tensors;
  }

  /** The pickled network, where there is one. */
  static Optional<PickledObject> module(Object content) {
    return holder(content).filter(PickledObject.class::isInstance).map(PickledObject.class::cast);
  }

  private static Optional<Object> holder(Object content) {
    if (content instanceof Map<?, ?> map) {
      for (String name : MEMBERS) {
        Object member = map.get(name);
        if (member != null && isHolder(member)) {
          return Optional.of(member);
        }
      }
    }
    return Optional.of(content).filter(CheckpointTensors::isHolder);
  }

  private static boolean isHolder(Object value) {
    return switch (value) {
      case PickledObject object ->
          object.attribute("_modules") instanceof Map<?, ?>
              || object.attribute("_parameters") instanceof Map<?, ?>;
      case Map<?, ?> map -> map.values().stream().anyMatch(TorchTensor.class::isInstance);
      case Object _ -> false;
    };
  }

  private static FormatException none(String where, Object content) {
    String found =
        content instanceof Map<?, ?> map
            ? "a dict of "
                + map.keySet().stream()
                    .limit(8)
                    .map(key -> key instanceof String text ? text : Pickle.kind(key))
                    .map(CheckpointTensors::shortened)
                    .collect(Collectors.joining(", "))
            : Pickle.kind(content);
    return new FormatException(
        where
            + ": holds no weights: neither a state dict nor a network, bare or under "
            + String.join(", ", MEMBERS)
            + ", but "
            + found);
  }

  private static String shortened(String text) {
    return text.substring(0, Math.min(text.length(), 40));
  }

  private void walk(String prefix, PickledObject module, int depth) {
    if (depth > MAX_DEPTH) {
      throw new FormatException(
          where + ": its modules are nested more than " + MAX_DEPTH + " deep; the file is damaged");
    }
    if (module.attribute("_parameters") instanceof Map<?, ?> parameters) {
      collect(prefix, parameters, Set.of());
    }
    if (module.attribute("_buffers") instanceof Map<?, ?> buffers) {
      collect(prefix, buffers, passing(module.attribute("_non_persistent_buffers_set")));
    }
    if (module.attribute("_modules") instanceof Map<?, ?> modules) {
      look(modules.size());
      for (Map.Entry<?, ?> entry : modules.entrySet()) {
        if (entry.getValue() instanceof PickledObject child) {
          walk(name(prefix, entry.getKey()) + ".", child, depth + 1);
        }
      }
    }
  }

  /** Names of buffers that PyTorch does not save either. */
  private Set<?> passing(Object set) {
    List<?> names =
        set instanceof PickledObject object
            ? object.arguments().isEmpty()
                ? object.elements()
                : object.arguments().getFirst() instanceof List<?> list ? list : List.of()
            : List.of();
    look(names.size());
    return names.stream().filter(String.class::isInstance).collect(Collectors.toSet());
  }

  private void collect(String prefix, Map<?, ?> from, Set<?> without) {
    look(from.size());
    for (Map.Entry<?, ?> entry : from.entrySet()) {
      if (entry.getValue() instanceof TorchTensor tensor
          && !(entry.getKey() instanceof String text && without.contains(text))) {
        tensors.put(name(prefix, entry.getKey()), tensor);
      }
    }
  }

  private String name(String prefix, Object key) {
    String last = key instanceof String text ? text : Pickle.kind(key);
    look(1L + prefix.length() + last.length());
    return prefix + last;
  }

  private void look(long count) {
    looks -= count;
    if (looks < 0) {
      throw new FormatException(
          where
              + ": the names of its modules and tensors take more than "
              + NAME_GROWTH
              + " times the file; it is damaged");
    }
  }

  /** Tensors may share a storage, but not so many that a small file fills the memory. */
  private void requireSize(long fileBytes) {
    long left = ZipArchive.MAX_GROWTH * fileBytes;
    for (Map.Entry<String, TorchTensor> entry : tensors.entrySet()) {
      TorchTensor tensor = entry.getValue();
      long elements = tensor.elements();
      if (elements > left / tensor.type().bytes()) {
        throw new FormatException(
            "%s: its tensors take more than %d times the file, first with '%s' of %s; it is damaged"
                .formatted(where, ZipArchive.MAX_GROWTH, shortened(entry.getKey()), tensor));
      }
      left -= elements * tensor.type().bytes();
    }
  }
}
