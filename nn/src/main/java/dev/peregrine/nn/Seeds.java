package dev.peregrine.nn;

/** Seeds of random numbers, made of others. */
final class Seeds {
  private Seeds() {}

  /** Spreads close numbers far apart: seeds that differ by little give overlapping noise. */
  static long mix(long z) {
    long first = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long second = (first ^ (first >>> 27)) * 0x94D049BB133111EBL;
    return second ^ (second >>> 31);
  }
}
