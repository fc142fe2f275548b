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
import org.jspecify.annotations.Nullable;

/**
 * The training loop: load, run forward on a tape, differentiate, step.
 *
 * <p>A program may write the same loop by hand and lose nothing; this one adds accumulation over
 * mini-batches, the moving average, listeners, and a position that can be saved and taken up again
 * with the same bits.
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
   * Trains until an epoch is reached or {@link #stop} is called.
   *
   * <p><b>Errors</b> {@link ArithmeticException} when the loss is not finite; weights and
   * statistics stay as they were before that mini-batch.
   *
   * @param epochs epochs of the whole run
   */
  public void train(int epochs) {
    params.training(true);
    while (epoch < epochs && !stopped) {
      for (List<T> examplesOfBatch : loader.epoch(epoch, batch)) {
        Progress progress = step(examplesOfBatch, epochs);
        listeners.forEach(listener -> listener.onBatch(this, progress));
        // After the last mini-batch the epoch is done, and its listeners hear of it.
        if (stopped && batch < loader.batches()) {
          return;
        }
      }
      Progress done = progress(epochs, Map.of());
      listeners.forEach(listener -> listener.onEpoch(this, done));
      epoch++;
      batch = 0;
      examples = 0;
      sums.clear();
    }
  }

  private Progress step(List<T> examplesOfBatch, int epochs) {
    StepSize size = schedule.at(iteration);
    params.moment(new Moment(params.seed(), iteration, waiting == 0, share(epochs)));
    Map<String, Double> losses = new LinkedHashMap<>();
    try (Tape tape = Tape.watching(params)) {
      Objective.Outcome outcome = objective.compute(params, tape, examplesOfBatch);
      outcome.parts().forEach((name, sum) -> losses.put(name, sum / outcome.examples()));
      requireFinite(losses);
      outcome.parts().forEach((name, sum) -> sums.merge(name, sum, Double::sum));
      examples += outcome.examples();
      waiting += outcome.examples();
      double scale = accumulation.scale(outcome.examples());
      boolean last = batch + 1 == loader.batches();
      if (accumulation.steps(iteration, waiting, last)) {
        optimizer.step(params, outcome.gradients(), scale, size);
        waiting = 0;
        if (average != null) {
          average.update(params);
        }
      } else {
        optimizer.accumulate(params, outcome.gradients(), scale);
      }
    }
    batch++;
    iteration++;
    rate = size.rate();
    return progress(epochs, losses);
  }

  /** The part of the run that is done. */
  private double share(int epochs) {
    return Math.min(1, iteration / ((double) epochs * loader.batches()));
  }

  private void requireFinite(Map<String, Double> losses) {
    losses.forEach((name, value) -> {
      if (!Double.isFinite(value)) {
        params.discard();
        throw new ArithmeticException(
            "training: "
                + name
                + " became "
                + value
                + " in batch "
                + batch
                + " of epoch "
                + epoch
                + " (iteration "
                + iteration
                + "); resume from the last checkpoint with a lower learning rate");
      }
    });
  }

  private Progress progress(int epochs, Map<String, Double> losses) {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, sum / examples));
    return new Progress(epoch, batch, iteration, loader.batches(), epochs, rate, losses, means);
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
            epoch, batch, iteration, params.seed(), examples, waiting, new LinkedHashMap<>(sums)));
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
    sums.clear();
    sums.putAll(state.position().sums());
    if (batch == loader.batches()) {
      epoch++;
      batch = 0;
      examples = 0;
      sums.clear();
    }
  }
}
