package dev.peregrine.bench.peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments of a race. */
record Arguments(Map<String, String> values) {
  private static final List<String> PEERS =
      List.of("onnxruntime", "onnxruntime-softplus", "opencv", "libtorch");

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("net", "yolov4-tiny");
    defaults.put("weights", "");
    defaults.put("size", "416");
    defaults.put("batch", "1");
    defaults.put("threads", "1,2");
    defaults.put("race", "inference");
    defaults.put("peers", "onnxruntime,opencv,libtorch");
    defaults.put("rounds", "7");
    defaults.put("slice", "400");
    defaults.put("warmup", "6");
    defaults.put("out", "");
    return defaults;
  }

  static Arguments parse(String[] args) {
    Map<String, String> values = defaults();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (equals < 0 || !values.containsKey(arg.substring(0, equals))) {
        throw new IllegalArgumentException(
            "peers: '" + arg + "' is not understood; give key=value of " + values.keySet());
      }
      values.put(arg.substring(0, equals), arg.substring(equals + 1));
    }
    Arguments arguments = new Arguments(values);
    arguments.check();
    return arguments;
  }

  /** Reads every value once, so that a mistake is told before the first minute of warming up. */
  private void check() {
    List.of("size", "batch", "rounds", "slice", "warmup").forEach(this::number);
    if (threads().isEmpty()) {
      throw new IllegalArgumentException("peers: threads= names no number; give one such as 1,2");
    }
    for (String peer : list("peers")) {
      if (!PEERS.contains(peer)) {
        throw new IllegalArgumentException(
            "peers: there is no peer '" + peer + "'; there are " + PEERS);
      }
    }
    Path weights = path("weights");
    if (weights != null && !Files.isRegularFile(weights)) {
      throw new IllegalArgumentException("peers: weights=" + weights + " is no file");
    }
    if (isTraining() && list("peers").stream().noneMatch("libtorch"::equals)) {
      throw new IllegalArgumentException(
          "peers: only libtorch races in training; add it to peers=");
    }
  }

  String text(String key) {
    return values.getOrDefault(key, "");
  }

  @Nullable Path path(String key) {
    return text(key).isEmpty() ? null : Path.of(text(key));
  }

  int number(String key) {
    return positive(key, text(key));
  }

  List<Integer> threads() {
    return list("threads").stream().map(text -> positive("threads", text)).toList();
  }

  private static int positive(String key, String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "peers: " + key + "=" + text + " must be a whole number above 0", e);
    }
    throw new IllegalArgumentException("peers: " + key + "=" + text + " must be above 0");
  }

  List<String> list(String key) {
    return Arrays.stream(text(key).split(",")).filter(word -> !word.isBlank()).toList();
  }

  boolean isTraining() {
    return switch (text("race")) {
      case "training" -> true;
      case "inference" -> false;
      default ->
          throw new IllegalArgumentException(
              "peers: race=" + text("race") + " must be inference or training");
    };
  }
}
