/**
 * Breeding of hyper-parameters: many short trainings, each with slightly other numbers, of which
 * the best become parents.
 *
 * <p>Here live the numbers that may be bred with their limits, the choice of parents and the
 * change, and the table that a search is resumed from. How a training is run must not come here: a
 * search only asks for the fitness of numbers. Start reading at {@link
 * dev.peregrine.yolo.evolve.Evolution}.
 */
@NullMarked
package dev.peregrine.yolo.evolve;

import org.jspecify.annotations.NullMarked;
