package dev.peregrine.yolo.data;

import java.util.Locale;

/** The parts of a data set. */
public enum Split {
  /** Learned from. */
  TRAIN,
  /** Measured on while training. */
  VAL,
  /** Kept apart for the end. */
  TEST;

  /** The name in a {@code data.yaml}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
