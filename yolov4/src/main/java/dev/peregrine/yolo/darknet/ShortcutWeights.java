package dev.peregrine.yolo.darknet;

/**
 * The learned factors of a {@code [shortcut]}'s summands.
 *
 * @param type {@code weights_type}: how many factors a summand has
 * @param normalization {@code weights_normalization}: how the factors of all summands are balanced
 */
public record ShortcutWeights(Type type, Normalization normalization) {
  /** A plain sum. */
  public static final ShortcutWeights NONE = new ShortcutWeights(Type.NONE, Normalization.NONE);

  /** How many factors a summand has. */
  public enum Type {
    /** None: it counts once. */
    NONE,
    /** One. */
    PER_FEATURE,
    /** One a channel. */
    PER_CHANNEL
  }

  /** How the factors of all summands are balanced. */
  public enum Normalization {
    /** They are taken as they are. */
    NONE,
    /** Negative ones count as 0, and all are divided by their sum. */
    RELU,
    /** All are exponentiated and divided by their sum. */
    SOFTMAX
  }

  /**
   * The factors of one summand.
   *
   * @param channels its channels
   * @return how many
   */
  public int perSummand(int channels) {
    return switch (type) {
      case NONE -> 0;
      case PER_FEATURE -> 1;
      case PER_CHANNEL -> channels;
    };
  }
}
