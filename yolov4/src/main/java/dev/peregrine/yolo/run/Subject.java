package dev.peregrine.yolo.run;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import java.util.Map;

/** What a run is about, as far as its {@link RunKeeper} asks. */
public interface Subject {
  /**
   * Describes the network.
   *
   * @return texts of every file of its weights
   */
  Map<String, String> metadata();

  /**
   * Names what makes one epoch better than another.
   *
   * @return the score's name, such as {@code top-1}
   */
  String score();

  /**
   * Tells what it means when the score was never above zero.
   *
   * @return a part of a sentence
   */
  String hopeless();

  /**
   * Tells whether an epoch ends with a measurement.
   *
   * @param epoch the epoch, from 0
   * @return true if {@link #measure} is to be called
   */
  boolean measures(int epoch);

  /**
   * Measures the network after an epoch.
   *
   * @param averaged its averaged numbers
   * @param epoch the epoch, from 0
   * @return the score
   */
  double measure(Params averaged, int epoch);

  /**
   * Takes an epoch into the run's record.
   *
   * @param run the run
   * @param progress how far it is
   * @param measured whether it was measured
   */
  void record(Trainer<?> run, Progress progress, boolean measured);

  /**
   * Begins the record, or takes it up; what it says of later epochs goes.
   *
   * @param epochsDone epochs that stay
   */
  void begin(int epochsDone);

  /**
   * Returns what a checkpoint must say besides.
   *
   * @return texts
   */
  Map<String, String> state();

  /**
   * Takes up what {@link #state} returned.
   *
   * @param texts those of a checkpoint, with others among them
   */
  void restore(Map<String, String> texts);
}
