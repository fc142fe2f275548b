package dev.peregrine.yolo.recipe;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The numbers of one recipe.
 *
 * @param kind which recipe
 * @param values its numbers; what is missing is as usual
 */
public record Hyperparameters(Recipe.Kind kind, Map<Hyper, Double> values) {
  /** Checks the ranges and copies the numbers. */
  public Hyperparameters {
    values.forEach((hyper, value) -> {
      if (!hyper.isOf(kind)) {
        throw new IllegalArgumentException(
            "recipe: " + hyper.key() + " is no number of recipe=" + kind.key());
      }
      if (!(value >= hyper.least() && value <= hyper.most())) {
        throw new IllegalArgumentException(
            "recipe: "
                + hyper.key()
                + " is "
                + value
                + " but must be between "
                + hyper.least()
                + " and "
                + hyper.most());
      }
    });
    EnumMap<Hyper, Double> copy = new EnumMap<>(Hyper.class);
    copy.putAll(values);
    values = Collections.unmodifiableMap(copy);
  }

  /**
   * The usual numbers of a recipe.
   *
   * @param kind which recipe
   * @return its numbers
   */
  public static Hyperparameters of(Recipe.Kind kind) {
    return new Hyperparameters(kind, Map.of());
  }

  /**
   * Changes one number.
   *
   * @param hyper which
   * @param value its value
   * @return the numbers
   */
  public Hyperparameters with(Hyper hyper, double value) {
    EnumMap<Hyper, Double> next = new EnumMap<>(Hyper.class);
    next.putAll(values);
    next.put(hyper, value);
    return new Hyperparameters(kind, next);
  }

  /**
   * Returns a number.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} if the recipe has none, or it follows from
   * the run: {@link #get(Hyper, double)} is for those.
   *
   * @param hyper which
   * @return its value
   */
  public double get(Hyper hyper) {
    double value = get(hyper, Double.NaN);
    if (Double.isNaN(value)) {
      throw new IllegalArgumentException(
          "recipe: " + hyper.key() + " has no value of its own in recipe=" + kind.key());
    }
    return value;
  }

  /**
   * Returns a number that may follow from the run.
   *
   * @param hyper which
   * @param following what follows
   * @return its value if it was given, else what follows
   */
  public double get(Hyper hyper, double following) {
    Double given = values.get(hyper);
    double value = given == null ? hyper.usual(kind) : given;
    return value == Hyper.AUTO ? following : value;
  }
}
