package dev.peregrine.yolo.yaml;

import java.util.List;

/**
 * One row of a yaml: {@code [from, number, module, args]}.
 *
 * @param index its number, from 0 over backbone and head together
 * @param from the rows it reads; -1 is the picture
 * @param number how often it is repeated in the network of depth 1
 * @param unit what it computes
 * @param arguments whole numbers: channels at width 1, then size and stride, or whether it adds
 */
record YamlRow(int index, List<Integer> from, int number, Unit unit, List<Integer> arguments) {
  /** An argument, or its default where it is left out. */
  int argument(int place, int fallback) {
    return place < arguments.size() ? arguments.get(place) : fallback;
  }

  /** The row as it stands in a file. */
  String toText() {
    boolean previous = from.size() == 1 && from.getFirst() == index - 1;
    String sources =
        unit == Unit.DETECT || from.size() > 1
            ? from.toString()
            : String.valueOf(previous ? -1 : from.getFirst());
    return "[%s, %d, %s, %s]".formatted(sources, number, unit.key(), argumentsText());
  }

  private String argumentsText() {
    return switch (unit) {
      case UPSAMPLE -> "[None, " + arguments.getFirst() + ", 'nearest']";
      case DETECT -> "[nc, anchors]";
      case CONV, CONCAT -> arguments.toString();
      case BOTTLENECK, BOTTLENECK_CSP, BOTTLENECK_CSP2, SPP_CSP ->
          arguments.size() == 1
              ? arguments.toString()
              : "[" + arguments.getFirst() + ", " + (arguments.get(1) == 1 ? "True]" : "False]");
    };
  }
}
