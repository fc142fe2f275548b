package dev.peregrine.nn.train;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Moment;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.Optimizer;
import dev.peregrine.nn.optim.Schedule;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.nn.optim.WeightAverage;
import dev.peregrine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The training loop: load, run forward on a tape, differentiate, step.
 *
 * <p>A program may write the same loop by hand and lose nothing; this one adds accumulation over
 * mini-batches, the moving average, listeners, and a position that can be saved and taken up again
 * with the same bits.
 *
 * <p>No mini-batch whose loss or gradients are not finite changes weights: a {@link Guard} says
 * what becomes of the run.
 *
 * @param <T> one example
 */
public final class Trainer<T> {
  private final Params params;
  private final DataLoader<T> loader;
  private final Objective<T> objective;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final @Nullable WeightAverage average;
  private final Accumulation accumulation;
  private final List<Listener> listeners;

  private int epoch;
  private int batch;
  private long iteration;
  private int waiting;
  private final Map<String, Double> sums = new LinkedHashMap<>();
  private int examples;
  private double rate;
  private double rateShare = 1;
  private long waitedBefore;
  private int subdivisions = 1;
  private Guard<T> guard = Guard.stopping();
  private volatile boolean stopped;

  /**
   * Makes a run at its beginning.
   *
   * @param params the model's numbers; they must exist, so trace or load the model before
   * @param loader the examples
   * @param objective what is minimised
   * @param optimizer how weights change
   * @param schedule how far
   * @param average the moving average, or null for none
   * @param accumulation which mini-batches make a step
   * @param listeners who watches
   */
  public Trainer(
      Params params,
      DataLoader<T> loader,
      Objective<T> objective,
      Optimizer optimizer,
      Schedule schedule,
      @Nullable WeightAverage average,
      Accumulation accumulation,
      List<? extends Listener> listeners) {
    if (params.entries().isEmpty()) {
      throw new IllegalArgumentException(
          "trainer: the parameters are empty; trace or run the model once so that they exist");
    }
    this.params = params;
    this.loader = loader;
    this.objective = objective;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.average = average;
    this.accumulation = accumulation;
    this.listeners = List.copyOf(listeners);
  }

  /**
   * Computes each mini-batch in several parts, one after another, to take less memory: their
   * gradients add up to one step. The run is the same otherwise.
   *
   * <p>Layers that normalise by the statistics of a batch do so by those of a part, and each part
   * moves the running ones; darknet's {@code subdivisions}.
   *
   * @param count how many parts; a mini-batch of fewer examples has as many as those
   * @return this trainer
   */
  public Trainer<T> subdivided(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("trainer: " + count + " parts of a batch; at least 1");
    }
    subdivisions = count;
    return this;
  }

  /**
   * Gives the run another guard than one that ends it.
   *
   * @param other asked when loss, gradients or weights are not finite
   * @return this trainer
   */
  public Trainer<T> guarded(Guard<T> other) {
    guard = other;
    return this;
  }

  /**
   * Trains until an epoch is reached or {@link #stop} is called.
   *
   * <p><b>Errors</b> {@link ArithmeticException} when loss, gradients or weights are not finite,
   * unless a guard decides otherwise; weights and statistics stay as they were before that
   * mini-batch, if it was not the step itself that spoiled them.
   *
   * @param epochs epochs of the whole run
   */
  public void train(int epochs) {
    params.training(true);
    while (epoch < epochs && !stopped) {
      if (trainEpoch(epochs)) {
        Progress done = progress(epochs, Map.of());
        listeners.forEach(listener -> listener.onEpoch(this, done));
        beginEpoch(epoch + 1);
      }
    }
  }

  /** Trains for what is left of an epoch; false if that was left before its end. */
  private boolean trainEpoch(int epochs) {
    waitedBefore = loader.waited();
    for (List<T> examplesOfBatch : loader.epoch(epoch, batch)) {
      Map<String, Double> losses = new LinkedHashMap<>();
      NonFinite<T> found = step(examplesOfBatch, epochs, losses);
      if (found != null) {
        restore(guard.onNonFinite(this, found));
        return false; // the loop begins again where that state stands
      }
      Progress progress = progress(epochs, losses);
      listeners.forEach(listener -> listener.onBatch(this, progress));
      // After the last mini-batch the epoch is done, and its listeners hear of it.
      if (stopped && batch < loader.batches()) {
        return false;
      }
    }
    return true;
  }

  private void beginEpoch(int next) {
    epoch = next;
    batch = 0;
    examples = 0;
    sums.clear();
  }

  /** Makes a step, or a part of one; returns what went wrong, if anything did. */
  private @Nullable NonFinite<T> step(List<T> whole, int epochs, Map<String, Double> losses) {
    StepSize size = schedule.at(iteration).times(rateShare);
    boolean first = waiting == 0;
    boolean last = batch + 1 == loader.batches();
    boolean due = accumulation.steps(iteration, waiting + whole.size(), last);
    double scale = accumulation.scale(whole.size());
    int count = Math.min(subdivisions, whole.size());
    Map<String, Double> total = new LinkedHashMap<>();
    int counted = 0;
    for (int i = 0; i < count; i++) {
      List<T> part = DataParallel.share(whole, i, count);
      Moment moment = new Moment(params.seed(), iteration, first && i == 0, share(epochs), i);
      params.moment(moment);
      try (Tape tape = Tape.watching(params)) {
        Objective.Outcome outcome = objective.compute(params, tape, part, whole);
        // The device still differentiates; whoever looks at the gradients waits for that.
        List<T> next = following(whole, i, count);
        if (!next.isEmpty()) {
          objective.ahead(next);
        }
        outcome.parts().forEach((name, sum) -> total.merge(name, sum, Double::sum));
        counted += outcome.examples();
        Optional<String> fault =
            FiniteCheck.ofLoss(outcome.parts())
                .or(() -> FiniteCheck.ofGradients(params, outcome.gradients()));
        if (fault.isPresent()) {
          return nonFinite(fault.get(), moment, part, whole);
        }
        if (due && i + 1 == count) {
          optimizer.step(params, outcome.gradients(), scale, size);
        } else {
          optimizer.accumulate(params, outcome.gradients(), scale);
        }
      }
    }
    Optional<String> fault = due ? FiniteCheck.ofNumbers(params) : Optional.empty();
    if (fault.isPresent()) {
      return nonFinite(fault.get(), params.moment(), whole, whole);
    }
    if (due && average != null) {
      average.update(params);
    }
    for (Map.Entry<String, Double> sum : total.entrySet()) {
      losses.put(sum.getKey(), sum.getValue() / counted);
      sums.merge(sum.getKey(), sum.getValue(), Double::sum);
    }
    waiting = due ? 0 : waiting + whole.size();
    examples += counted;
    batch++;
    iteration++;
    rate = size.rate();
    return null;
  }

  /** What is computed after a part of a batch, none where that is not known yet. */
  private List<T> following(List<T> whole, int part, int count) {
    List<T> batch = part + 1 < count ? whole : loader.coming();
    int parts = Math.max(1, Math.min(subdivisions, batch.size()));
    return DataParallel.share(batch, (part + 1) % count, parts);
  }

  private NonFinite<T> nonFinite(String what, Moment moment, List<T> part, List<T> whole) {
    params.discard();
    NonFinite.Origin first = FiniteCheck.search(params, objective, part, whole);
    return new NonFinite<>(what, first, epoch, batch, moment, part, whole);
  }

  /** The part of the run that is done. */
  private double share(int epochs) {
    return Math.min(1, iteration / ((double) epochs * loader.batches()));
  }

  private Progress progress(int epochs, Map<String, Double> losses) {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, sum / examples));
    double waited = (loader.waited() - waitedBefore) / 1e9;
    return new Progress(
        epoch, batch, iteration, loader.batches(), epochs, rate, losses, means, waited);
  }

  /** Ends the run for good after the present mini-batch; may be called by any thread. */
  public void stop() {
    stopped = true;
  }

  /**
   * Returns the model's numbers.
   *
   * @return the parameters being trained
   */
  public Params params() {
    return params;
  }

  /**
   * Returns how far the run came.
   *
   * @return the epochs that are done
   */
  public int epoch() {
    return epoch;
  }

  /**
   * Returns how much the run was slowed down.
   *
   * @return factor of the schedule's rates
   */
  public double rateShare() {
    return rateShare;
  }

  /**
   * Returns a copy of the numbers to evaluate by: the moving average where there is one.
   *
   * @return parameters in running mode
   */
  public Params averaged() {
    Params copy =
        params.to(
            params.entries().get(0).value().dtype(), params.entries().get(0).value().device());
    if (average != null) {
      average.applyTo(copy);
    }
    return copy.training(false);
  }

  /**
   * Tells whether the run stands between two optimiser steps, where a saved run holds no gradients.
   *
   * @return true when no gradients wait
   */
  public boolean isBetweenSteps() {
    return waiting == 0;
  }

  /**
   * Writes down everything the run consists of.
   *
   * @return its state
   */
  public TrainingState state() {
    return new TrainingState(
        copies(),
        average == null ? Map.of() : average.state(),
        average == null ? 0 : average.updates(),
        optimizer.state(),
        params.memory().state(),
        new TrainingState.Position(
            epoch,
            batch,
            iteration,
            params.seed(),
            examples,
            waiting,
            rateShare,
            new LinkedHashMap<>(sums)));
  }

  /** The present numbers, which further steps leave as they are. */
  private List<Params.Entry> copies() {
    Map<String, Tensor> values = params.pack().copies(path -> true);
    return params.entries().stream()
        .map(e ->
            new Params.Entry(
                e.path(), e.kind(), values.getOrDefault(e.path(), e.value()), e.frozen()))
        .toList();
  }

  /**
   * Goes back to a saved state.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} if the state stands beyond the loader's
   * epoch, since the data or the batch size are then others.
   *
   * @param state of a run with the same model
   */
  public void restore(TrainingState state) {
    if (state.position().batch() < 0 || state.position().batch() > loader.batches()) {
      throw new IllegalArgumentException(
          "trainer: the saved run stands at mini-batch "
              + state.position().batch()
              + " of its epoch but an epoch now has "
              + loader.batches()
              + "; resume with the same data and batch size");
    }
    params.discard();
    params.step(state.position().seed(), state.position().iteration());
    params.memory().restore(state.memory());
    waiting = state.position().waiting();
    state.params().forEach(entry -> params.set(entry.path(), entry.value()));
    if (average != null) {
      average.restore(state.average(), state.updates());
    }
    optimizer.restore(state.optimizer());
    epoch = state.position().epoch();
    batch = state.position().batch();
    iteration = state.position().iteration();
    examples = state.position().examples();
    rateShare = state.position().rateShare();
    sums.clear();
    sums.putAll(state.position().sums());
    if (batch == loader.batches()) {
      beginEpoch(epoch + 1);
    }
  }
}
