package dev.peregrine.nn;

import dev.peregrine.tensor.FormatException;
import java.util.Locale;
import java.util.Map;

/**
 * How the layers of a network normalise, and what they do besides while training: what a recipe may
 * choose without another network.
 *
 * <p>Handles to parameters carry it, {@code params.with(style)}; blocks and layers look it up.
 *
 * @param normalization how maps are normalised
 * @param groups of channels that {@link Kind#GROUP} normalises together
 * @param window mini-batches whose statistics {@link Kind#CROSS_ITERATION} joins
 * @param dropBlock part of a map that the stages of a backbone clear in squares, at the end of the
 *     run
 * @param dropBlockSize rows and columns of such a square
 * @param dropPath how likely a residual branch is left out for a picture
 * @param dropConnect how likely a weight of a normalised convolution is left out for a mini-batch
 * @param recompute whether stages and residual units keep their results alone and are computed once
 *     more when the tape goes backward
 */
public record LayerStyle(
    Kind normalization,
    int groups,
    int window,
    double dropBlock,
    int dropBlockSize,
    double dropPath,
    double dropConnect,
    boolean recompute) {
  /** How maps are normalised. */
  public enum Kind {
    /** With the statistics of the mini-batch (Ioffe and Szegedy 2015). */
    BATCH,
    /**
     * With the statistics of all mini-batches since the last optimiser step (CmBN; Bochkovskiy,
     * Wang and Liao 2020).
     */
    CROSS_MINI_BATCH,
    /**
     * With those of the last mini-batches, brought to the present weights by their derivatives
     * (CBN; Yao et al. 2020).
     */
    CROSS_ITERATION,
    /** With those of all replicas together; without replicas the same as {@link #BATCH}. */
    SYNCHRONIZED,
    /** Each map of a picture by itself, with a learned threshold as activation (FRN and TLU). */
    FILTER_RESPONSE,
    /** Groups of channels of a picture by themselves (Wu and He 2018). */
    GROUP;

    /**
     * Tells whether a trained network runs as one with batch normalisation does, with the same
     * numbers.
     *
     * @return true where only training differs
     */
    public boolean runsAsBatch() {
      return this != FILTER_RESPONSE && this != GROUP;
    }
  }

  private static final String NORMALIZATION = "normalization";
  private static final String GROUPS = "normalization.groups";

  /** Batch normalisation and nothing besides. */
  public static final LayerStyle PLAIN = new LayerStyle(Kind.BATCH, 32, 4, 0, 7, 0, 0, false);

  /** Checks the ranges. */
  public LayerStyle {
    require(groups >= 1, "groups", groups, "at least 1");
    require(window >= 1, "window", window, "at least 1");
    requireProbability("dropBlock", dropBlock);
    require(dropBlockSize >= 1, "dropBlockSize", dropBlockSize, "at least 1");
    requireProbability("dropPath", dropPath);
    requireProbability("dropConnect", dropConnect);
  }

  private static void requireProbability(String name, double value) {
    require(value >= 0 && value < 1, name, value, "0 or more and less than 1");
  }

  private static void require(boolean holds, String name, double value, String law) {
    if (!holds) {
      throw new IllegalArgumentException(
          "layer style: " + name + " is " + value + " but must be " + law);
    }
  }

  /**
   * Changes how maps are normalised.
   *
   * @param kind the normalisation
   * @return the style
   */
  public LayerStyle normalizing(Kind kind) {
    return new LayerStyle(
        kind, groups, window, dropBlock, dropBlockSize, dropPath, dropConnect, recompute);
  }

  /**
   * Changes what is cleared in squares.
   *
   * @param part of a map, at the end of the run
   * @param size rows and columns of a square
   * @return the style
   */
  public LayerStyle droppingBlocks(double part, int size) {
    return new LayerStyle(
        normalization, groups, window, part, size, dropPath, dropConnect, recompute);
  }

  /**
   * Changes how likely residual branches are left out.
   *
   * @param probability for each picture and branch
   * @return the style
   */
  public LayerStyle droppingPaths(double probability) {
    return new LayerStyle(
        normalization,
        groups,
        window,
        dropBlock,
        dropBlockSize,
        probability,
        dropConnect,
        recompute);
  }

  /**
   * Changes how likely weights are left out.
   *
   * @param probability for each weight and mini-batch
   * @return the style
   */
  public LayerStyle droppingConnections(double probability) {
    return new LayerStyle(
        normalization, groups, window, dropBlock, dropBlockSize, dropPath, probability, recompute);
  }

  /**
   * Changes whether blocks are computed again instead of kept.
   *
   * @param again whether
   * @return the style
   */
  public LayerStyle recomputing(boolean again) {
    return new LayerStyle(
        normalization, groups, window, dropBlock, dropBlockSize, dropPath, dropConnect, again);
  }

  /**
   * Describes what a trained network needs to run: nothing where it runs as one with batch
   * normalisation.
   *
   * @return texts for the metadata of a file
   */
  public Map<String, String> describe() {
    if (normalization.runsAsBatch()) {
      return Map.of();
    }
    String name = normalization.name().toLowerCase(Locale.ROOT);
    return Map.of(NORMALIZATION, name, GROUPS, String.valueOf(groups));
  }

  /**
   * Makes the style that {@link #describe} described.
   *
   * <p><b>Errors</b> {@link FormatException} if the texts describe none.
   *
   * @param texts the metadata of a file
   * @return the style, plain where they say nothing
   */
  public static LayerStyle parse(Map<String, String> texts) {
    String name = texts.get(NORMALIZATION);
    if (name == null) {
      return PLAIN;
    }
    try {
      Kind kind = Kind.valueOf(name.toUpperCase(Locale.ROOT));
      int groups = Integer.parseInt(texts.getOrDefault(GROUPS, "32"));
      return new LayerStyle(kind, groups, PLAIN.window, 0, PLAIN.dropBlockSize, 0, 0, false);
    } catch (IllegalArgumentException failure) {
      throw new FormatException(
          "the metadata describe the normalisation wrongly: '"
              + name
              + "' with '"
              + texts.get(GROUPS)
              + "' groups",
          failure);
    }
  }
}
