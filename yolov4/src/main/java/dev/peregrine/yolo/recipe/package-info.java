/**
 * Recipes of training: the numbers by which a detector is trained, and the parts of a run that they
 * stand for.
 *
 * <p>Here live the settings of both families, published and chosen, and what follows from them:
 * losses, schedules, averages, sizes and augmentation of a run. Loops, files and the command line
 * must not come here. Start reading at {@link dev.peregrine.yolo.recipe.Hyper}, the table of all
 * numbers, then {@link dev.peregrine.yolo.recipe.Recipe}.
 */
@NullMarked
package dev.peregrine.yolo.recipe;

import org.jspecify.annotations.NullMarked;
