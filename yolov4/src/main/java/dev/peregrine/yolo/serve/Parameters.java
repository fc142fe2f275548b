package dev.peregrine.yolo.serve;

import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a client may set for its own pictures, from the query or from fields of a form. */
final class Parameters {
  /** All there are. */
  static final List<String> NAMES = List.of("conf", "iou", "agnostic", "max_det", "image");

  private static final int MOST_DETECTIONS = 100_000;
  private static final int LONGEST_NAME = 255;

  private final Map<String, String> texts = new LinkedHashMap<>();

  /**
   * Reads a query.
   *
   * <p><b>Errors</b> {@link Refusal} 400 for anything that is not one of {@link #NAMES} once.
   *
   * @param query what stands behind the question mark, still encoded; null for nothing
   */
  static Parameters of(@Nullable String query) {
    Parameters parameters = new Parameters();
    if (query == null || query.isEmpty()) {
      return parameters;
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (!pair.isEmpty()) {
        parameters.put(
            decoded(equals < 0 ? pair : pair.substring(0, equals)),
            equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    return parameters;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw new Refusal(400, "the query has a % that is not followed by two hexadecimal digits");
    }
  }

  /** Adds one; see {@link #of}. */
  void put(String name, String text) {
    if (!NAMES.contains(name)) {
      throw new Refusal(
          400,
          "there is no parameter '%s'; there are %s"
              .formatted(shown(name), String.join(", ", NAMES)));
    }
    if (texts.putIfAbsent(name, text) != null) {
      throw new Refusal(400, name + " is given twice");
    }
  }

  /** What the client calls its picture. */
  String image(String otherwise) {
    return shown(texts.getOrDefault("image", otherwise));
  }

  /** A text of a client without line ends and the like, and not too long. */
  static String shown(String text) {
    String plain = text.replaceAll("[\\p{Cntrl}\\p{Cf}]", " ").strip();
    return plain.length() <= LONGEST_NAME ? plain : plain.substring(0, LONGEST_NAME);
  }

  /**
   * How boxes are chosen.
   *
   * <p><b>Errors</b> {@link Refusal} 400 for a value that breaks its law.
   *
   * @param own what holds for what is not given
   */
  Detector.Choice choice(Detector.Settings own) {
    NonMaximumSuppression suppression = own.suppression();
    return new Detector.Choice(
        number("conf").orElse((double) own.confidence()).floatValue(),
        new NonMaximumSuppression(
            suppression.kind(),
            number("iou").orElse(suppression.threshold()),
            suppression.beta(),
            suppression.sigma(),
            flag("agnostic").orElse(suppression.acrossClasses()),
            whole("max_det").orElse(suppression.limit())));
  }

  private Optional<Double> number(String name) {
    String text = texts.get(name);
    if (text == null) {
      return Optional.empty();
    }
    try {
      double value = Double.parseDouble(text);
      if (value >= 0 && value <= 1) {
        return Optional.of(value);
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw wrong(name, text, "a number between 0 and 1");
  }

  private Optional<Integer> whole(String name) {
    String text = texts.get(name);
    if (text == null) {
      return Optional.empty();
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= 1 && value <= MOST_DETECTIONS) {
        return Optional.of(value);
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw wrong(name, text, "a whole number between 1 and " + MOST_DETECTIONS);
  }

  private Optional<Boolean> flag(String name) {
    String text = texts.get(name);
    return switch (text) {
      case null -> Optional.empty();
      case "true", "1" -> Optional.of(true);
      case "false", "0" -> Optional.of(false);
      default -> throw wrong(name, text, "true or false");
    };
  }

  private static Refusal wrong(String name, String text, String law) {
    return new Refusal(400, "%s=%s is wrong: it must be %s".formatted(name, shown(text), law));
  }
}
