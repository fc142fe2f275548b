package dev.peregrine.yolo.scaling;

import java.math.BigInteger;

/**
 * A quotient of whole numbers in lowest terms, so that coefficients are compared exactly.
 *
 * @param numerator above the line
 * @param denominator below it, above 0
 */
public record Fraction(long numerator, long denominator) {
  /** Reduces to lowest terms. */
  public Fraction {
    if (denominator == 0) {
      throw new ArithmeticException("fraction: " + numerator + " cannot be divided by 0");
    }
    long common =
        BigInteger.valueOf(numerator).gcd(BigInteger.valueOf(denominator)).longValueExact();
    long sign = denominator < 0 ? -1 : 1;
    numerator = sign * numerator / common;
    denominator = sign * denominator / common;
  }

  /**
   * Makes a whole number.
   *
   * @param number the number
   * @return the number over 1
   */
  public static Fraction of(long number) {
    return new Fraction(number, 1);
  }

  /**
   * Adds.
   *
   * @param other what is added
   * @return the sum
   */
  public Fraction plus(Fraction other) {
    return new Fraction(
        Math.addExact(
            Math.multiplyExact(numerator, other.denominator),
            Math.multiplyExact(other.numerator, denominator)),
        Math.multiplyExact(denominator, other.denominator));
  }

  /**
   * Subtracts.
   *
   * @param other what is taken away
   * @return the difference
   */
  public Fraction minus(Fraction other) {
    return plus(other.times(of(-1)));
  }

  /**
   * Multiplies.
   *
   * @param other the factor
   * @return the product
   */
  public Fraction times(Fraction other) {
    return new Fraction(
        Math.multiplyExact(numerator, other.numerator),
        Math.multiplyExact(denominator, other.denominator));
  }

  /**
   * Divides.
   *
   * @param other the divisor, not 0
   * @return the quotient
   */
  public Fraction over(Fraction other) {
    return times(new Fraction(other.denominator, other.numerator));
  }

  /**
   * Returns the nearest floating-point number.
   *
   * @return the value
   */
  public double value() {
    return (double) numerator / denominator;
  }

  /** Returns the fraction as {@code 17/16}, or a whole number as {@code 5}. */
  @Override
  public String toString() {
    return denominator == 1 ? String.valueOf(numerator) : numerator + "/" + denominator;
  }
}
