package dev.peregrine.tensor.device;

import dev.peregrine.tensor.shape.Spec;

/**
 * Memory of one device that holds a value of a known spec.
 *
 * <p>A buffer may be a channel slice of a wider one: its rows (see {@link
 * dev.peregrine.tensor.shape.Shape#rows}) are then farther apart than its channels are many. Every
 * kernel reads and writes such buffers.
 */
public interface Buffer {
  /**
   * Returns what the buffer holds.
   *
   * @return the spec of the value
   */
  Spec spec();

  /**
   * Makes a view of some neighbouring channels, sharing the memory.
   *
   * @param start the first channel
   * @param size how many
   * @return the view
   */
  Buffer channels(int start, int size);

  /**
   * Returns the buffer that holds the memory.
   *
   * @return the buffer that this is a view of, itself if it is none
   */
  Buffer owner();

  /**
   * Tells whether writing one of two views of an owner may change the other.
   *
   * @param other another buffer
   * @return false if they have other owners or are slices of other channels
   */
  boolean overlaps(Buffer other);

  /**
   * Tells whether rows follow each other without gaps.
   *
   * @return true unless this is a channel slice of a wider buffer
   */
  boolean isDense();

  /**
   * Tells whether the memory went back to its pool; then nothing may be read from it.
   *
   * @return true after release
   */
  boolean isReleased();
}
