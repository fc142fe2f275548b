package dev.peregrine.yolo.scaling;

import dev.peregrine.yolo.backbone.Scale;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The compound-scaling search: the network to train for a budget.
 *
 * <p>As in the paper, input size and number of stages grow together first, at full depth and width
 * 1; what the budget has left then widens the network. Where not even the smallest size fits, depth
 * and then width shrink. Accuracy is not measured, so what the search maximises is this order of
 * factors. Equal budgets and equal layer times give equal answers.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", section 4.3.
 */
public final class CompoundScaling {
  /** Sizes and stages, small first; the paper's are 896 and 5, 1280 and 6, 1536 and 7. */
  private static final List<Rung> LADDER = ladder();

  private static final double WIDTH_STEP = 0.125;
  private static final int MOST_WIDTH_STEPS = 16;
  private static final List<Double> DEPTHS = List.of(1.0, 2 / 3.0, 1 / 3.0);

  private final int classes;

  private record Rung(int size, int stages) {}

  /**
   * A network and what it costs.
   *
   * @param network the network
   * @param counts its counts
   * @param cost in the unit of the budget
   */
  public record Proposal(ScaledNetwork network, NetworkCost counts, double cost) {}

  /**
   * The answer of a search.
   *
   * @param best the network to take
   * @param widest for each size at which one fits, the widest network at full depth, small sizes
   *     first
   */
  public record Answer(Proposal best, List<Proposal> widest) {
    /** Copies the list. */
    public Answer {
      widest = List.copyOf(widest);
    }
  }

  /**
   * A proposal that was run.
   *
   * @param proposal the network, with the time that was expected
   * @param measured milliseconds
   */
  public record Trial(Proposal proposal, double measured) {}

  /**
   * The answer of a search by time whose networks were run.
   *
   * @param answer the last answer
   * @param trials the networks that were run, in order
   * @param confirmed whether the network of the answer was run within the limit
   */
  public record Tried(Answer answer, List<Trial> trials, boolean confirmed) {
    /** Copies the list. */
    public Tried {
      trials = List.copyOf(trials);
    }
  }

  /**
   * Makes a search.
   *
   * @param classes how many classes the networks tell apart
   */
  public CompoundScaling(int classes) {
    this.classes = classes;
  }

  private static List<Rung> ladder() {
    List<Rung> ladder = new ArrayList<>();
    for (int size = 256; size <= 896; size += 64) {
      ladder.add(new Rung(size, 5));
    }
    for (int size = 960; size <= 1280; size += 64) {
      ladder.add(new Rung(size, 6));
    }
    ladder.add(new Rung(1408, 7));
    ladder.add(new Rung(1536, 7));
    return List.copyOf(ladder);
  }

  /**
   * Searches.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} where not even the smallest network fits.
   *
   * @param budget the most that one picture may cost
   * @return networks within the budget
   */
  public Answer search(Budget budget) {
    List<Proposal> widest = new ArrayList<>();
    Optional<Proposal> best = Optional.empty();
    for (Rung rung : LADDER) {
      Optional<Proposal> found = widest(rung, 1, budget);
      found.ifPresent(widest::add);
      if (found.isPresent() && found.get().network().scale().width() >= 1) {
        best = found;
      }
    }
    return new Answer(best.orElseGet(() -> shrunk(budget)), widest);
  }

  /**
   * Searches by measured times and runs the answer; where it is slower than allowed, all times grow
   * by what was wrong, and the search begins again.
   *
   * <p><b>Errors</b> as {@link #search}.
   *
   * @param milliseconds the most for one picture
   * @param measured times of layers
   * @param run runs a network and tells its milliseconds
   * @param tries how often at most
   * @return the answer and what was run
   */
  public Tried searchAndRun(
      double milliseconds, MeasuredTimes measured, ToDoubleFunction<ScaledNetwork> run, int tries) {
    List<Trial> trials = new ArrayList<>();
    MeasuredTimes times = measured;
    Answer answer = search(Budget.latency(milliseconds, times));
    for (int i = 0; i < tries; i++) {
      Proposal best = answer.best;
      double took = run.applyAsDouble(best.network);
      trials.add(new Trial(best, took));
      if (took <= milliseconds) {
        return new Tried(answer, trials, true);
      }
      times = times.slowedBy(took / best.cost);
      answer = search(Budget.latency(milliseconds, times));
    }
    return new Tried(answer, trials, false);
  }

  /** The widest network of a size and depth that fits; a wider one never costs less. */
  private Optional<Proposal> widest(Rung rung, double depth, Budget budget) {
    int fits = 0;
    int tooWide = MOST_WIDTH_STEPS + 1;
    Optional<Proposal> best = Optional.empty();
    while (tooWide - fits > 1) {
      int middle = (fits + tooWide) / 2;
      Proposal proposal = proposal(rung, middle * WIDTH_STEP, depth, budget);
      if (proposal.cost <= budget.limit()) {
        fits = middle;
        best = Optional.of(proposal);
      } else {
        tooWide = middle;
      }
    }
    return best;
  }

  /** At the smallest size: the deepest network of width 1, or else the widest shallow one. */
  private Proposal shrunk(Budget budget) {
    Rung smallest = LADDER.getFirst();
    for (double depth : DEPTHS) {
      Proposal proposal = proposal(smallest, 1, depth, budget);
      if (proposal.cost <= budget.limit()) {
        return proposal;
      }
    }
    double shallow = DEPTHS.getLast();
    return widest(smallest, shallow, budget)
        .orElseThrow(() -> {
          Proposal least = proposal(smallest, WIDTH_STEP, shallow, budget);
          return new IllegalArgumentException(
              "scaling: no network fits a budget of "
                  + budget.text(budget.limit())
                  + ": the smallest one, "
                  + least.network
                  + ", costs "
                  + budget.text(least.cost)
                  + "; allow at least that");
        });
  }

  private Proposal proposal(Rung rung, double width, double depth, Budget budget) {
    ScaledNetwork network =
        new ScaledNetwork(rung.size, rung.stages, new Scale(width, depth), classes);
    NetworkCost counts = network.cost();
    return new Proposal(network, counts, budget.measure().applyAsDouble(counts));
  }
}
