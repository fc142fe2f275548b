package dev.peregrine.yolo.scaling;

import java.util.List;

/**
 * The layers of which a stage of a backbone is made, and what they cost before and after the stage
 * is made partial.
 *
 * <p>Costs are multiply-adds of the convolutions, given by their coefficient of {@code w * h * b *
 * b} for {@code b} channels on a map of {@code w x h} pixels. A partial stage runs the same layers
 * on half of the channels, their inner width unchanged.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", section 3.1, tables 1 and 2,
 * and section 4.1.
 */
public enum StageKind {
  /** 1x1 to a quarter of the channels, 3x3, 1x1 back: ResNet. */
  RES("Res layer") {
    @Override
    List<Convolution> layer(Fraction outer) {
      return List.of(
          new Convolution(outer, QUARTER, 1, 1),
          new Convolution(QUARTER, QUARTER, 9, 1),
          new Convolution(QUARTER, outer, 1, 1));
    }
  },
  /** 1x1 to half of the channels, 3x3 in 32 groups, 1x1 back: ResNeXt. */
  RESX("ResX layer") {
    @Override
    List<Convolution> layer(Fraction outer) {
      return List.of(
          new Convolution(outer, HALF, 1, 1),
          new Convolution(HALF, HALF, 9, 32),
          new Convolution(HALF, outer, 1, 1));
    }
  },
  /** 1x1 to half of the channels, 3x3 back: Darknet. */
  DARK("Dark layer") {
    @Override
    List<Convolution> layer(Fraction outer) {
      return List.of(new Convolution(outer, HALF, 1, 1), new Convolution(HALF, outer, 9, 1));
    }
  };

  private static final Fraction ONE = Fraction.of(1);
  private static final Fraction HALF = new Fraction(1, 2);
  private static final Fraction QUARTER = new Fraction(1, 4);

  /** One convolution: channels as shares of b, taps of the kernel, groups. */
  private record Convolution(Fraction in, Fraction out, int taps, int groups) {
    Fraction cost() {
      return in.times(out).times(new Fraction(taps, groups));
    }

    static Fraction sum(List<Convolution> convolutions) {
      return convolutions.stream().map(Convolution::cost).reduce(Fraction.of(0), Fraction::plus);
    }
  }

  private final String title;

  StageKind(String title) {
    this.title = title;
  }

  abstract List<Convolution> layer(Fraction outer);

  /**
   * Returns the name that the paper gives it.
   *
   * @return for instance {@code Res layer}
   */
  public String title() {
    return title;
  }

  /**
   * Counts one layer.
   *
   * @return the coefficient of {@code w * h * b * b}
   */
  public Fraction perLayer() {
    return Convolution.sum(layer(ONE));
  }

  /**
   * Counts one layer of a partial stage.
   *
   * @return the coefficient of {@code w * h * b * b}
   */
  public Fraction perPartialLayer() {
    return Convolution.sum(layer(HALF));
  }

  /**
   * Counts what a partial stage needs besides its layers, as the paper prints it: the cost of three
   * 1x1 convolutions between halves.
   *
   * @return the coefficient of {@code w * h * b * b}
   */
  public static Fraction printedOverhead() {
    Convolution between = new Convolution(HALF, HALF, 1, 1);
    return Convolution.sum(List.of(between, between, between));
  }

  /**
   * Counts what a partial stage of the published networks needs besides its layers: two projections
   * to halves, the transition between halves, and the convolution of the joined halves.
   *
   * @return the coefficient of {@code w * h * b * b}
   */
  public static Fraction builtOverhead() {
    Convolution project = new Convolution(ONE, HALF, 1, 1);
    return Convolution.sum(
        List.of(
            project, project, new Convolution(HALF, HALF, 1, 1), new Convolution(ONE, ONE, 1, 1)));
  }

  /**
   * Counts the convolution that begins a stage, 3x3 with stride 2 from half of the channels, on the
   * map that it gives.
   *
   * @return the coefficient of {@code w * h * b * b}
   */
  public static Fraction builtDownSampling() {
    return new Convolution(HALF, ONE, 9, 1).cost();
  }

  /**
   * The coefficient that the paper prints for the convolution that begins a stage; half of {@link
   * #builtDownSampling}.
   *
   * @return the coefficient of {@code w * h * b * b}
   */
  public static Fraction printedDownSampling() {
    return new Fraction(9, 4);
  }

  /**
   * Counts a stage.
   *
   * @param layers how many layers
   * @return the coefficient of {@code w * h * b * b}
   */
  public Fraction stage(long layers) {
    return perLayer().times(Fraction.of(layers));
  }

  /**
   * Counts a partial stage.
   *
   * @param layers how many layers
   * @param overhead what it needs besides them
   * @return the coefficient of {@code w * h * b * b}
   */
  public Fraction partialStage(long layers, Fraction overhead) {
    return overhead.plus(perPartialLayer().times(Fraction.of(layers)));
  }

  /**
   * The share of operations that a partial stage saves, as the paper counts it.
   *
   * @param layers how many layers
   * @return the share, negative where it costs more
   */
  public Fraction saving(long layers) {
    return ONE.minus(partialStage(layers, printedOverhead()).over(stage(layers)));
  }

  /**
   * The share that a partial stage saves as the number of layers grows without end.
   *
   * @return the share
   */
  public Fraction savingInTheLimit() {
    return ONE.minus(perPartialLayer().over(perLayer()));
  }

  /**
   * The number of layers above which a partial stage is cheaper.
   *
   * @param overhead what it needs besides its layers
   * @return the number, seldom whole
   */
  public Fraction breakEven(Fraction overhead) {
    return overhead.over(perLayer().minus(perPartialLayer()));
  }
}
