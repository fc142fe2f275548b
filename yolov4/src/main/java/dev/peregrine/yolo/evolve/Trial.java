package dev.peregrine.yolo.evolve;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * One training of a search: a row of its table.
 *
 * @param generation from 0
 * @param values the hyper-parameters, by name
 * @param outcome what came of them
 */
public record Trial(int generation, SequencedMap<String, Double> values, Outcome outcome) {
  /** Copies the map. */
  public Trial {
    values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
  }
}
