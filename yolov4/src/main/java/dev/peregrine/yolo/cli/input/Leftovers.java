package dev.peregrine.yolo.cli.input;

import dev.peregrine.yolo.Detector;

/**
 * Gives back the memory that loading a network leaves behind.
 *
 * <p>Numbers as they came from a file are garbage once a plan has packed them. The launcher lets
 * the collector mark seldom where a network only runs (docs/adr/0012), and short collections do not
 * find large arrays whose owners have grown old; a full collection does, in about 15 ms.
 */
public final class Leftovers {
  private Leftovers() {}

  /** Collects everything that nobody refers to. */
  public static void collect() {
    System.gc();
  }

  /** Prepares a detector for calls of so many pictures, in as little memory as it takes. */
  public static Detector preloaded(Detector detector, int batch) {
    detector.preload(batch, Leftovers::collect);
    collect();
    return detector;
  }
}
