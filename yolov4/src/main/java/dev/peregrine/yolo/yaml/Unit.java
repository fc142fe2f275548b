package dev.peregrine.yolo.yaml;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a row of a yaml can be. */
enum Unit {
  CONV("Conv", 1, 3),
  BOTTLENECK("Bottleneck", 1, 2),
  BOTTLENECK_CSP("BottleneckCSP", 1, 2),
  BOTTLENECK_CSP2("BottleneckCSP2", 1, 2),
  SPP_CSP("SPPCSP", 1, 1),
  UPSAMPLE("nn.Upsample", 3, 3),
  CONCAT("Concat", 1, 1),
  DETECT("Detect", 2, 2);

  private final String key;
  private final int least;
  private final int most;

  Unit(String key, int least, int most) {
    this.key = key;
    this.least = least;
    this.most = most;
  }

  String key() {
    return key;
  }

  boolean takes(int arguments) {
    return arguments >= least && arguments <= most;
  }

  /** Whether its first argument is its channels. */
  boolean hasChannels() {
    return switch (this) {
      case CONV, BOTTLENECK, BOTTLENECK_CSP, BOTTLENECK_CSP2, SPP_CSP -> true;
      case UPSAMPLE, CONCAT, DETECT -> false;
    };
  }

  static Optional<Unit> of(String key) {
    return Arrays.stream(values()).filter(unit -> unit.key.equals(key)).findFirst();
  }

  static List<String> keys() {
    return Arrays.stream(values()).map(Unit::key).toList();
  }
}
