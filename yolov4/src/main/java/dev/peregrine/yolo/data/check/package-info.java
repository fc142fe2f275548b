/**
 * A close look at data sets: every fault with its place, pictures that leaked between splits, and
 * statistics.
 *
 * <p>Reading belongs to {@link dev.peregrine.yolo.data}; what is here compares and counts, and
 * changes nothing. Start reading at {@link dev.peregrine.yolo.data.check.DataCheck}.
 */
@NullMarked
package dev.peregrine.yolo.data.check;

import org.jspecify.annotations.NullMarked;
