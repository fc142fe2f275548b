package dev.peregrine.tensor.graph;

/**
 * Says that a value has no memory of its own but lies in that of another, its host.
 *
 * <p>A host may itself be placed. It may be older than the value, as when the value is a slice of
 * it, or younger, as when it is the concatenation that the value will be part of.
 */
public sealed interface Placement {
  /**
   * Returns whose memory it is.
   *
   * @return the other value
   */
  Value host();

  /**
   * The value is some neighbouring channels of the host.
   *
   * @param host a value with the same extents but for the innermost
   * @param start the first channel
   */
  record Channels(Value host, int start) implements Placement {
    /** Returns the placement as graph texts show it, without the host. */
    @Override
    public String toString() {
      return "from " + start;
    }
  }

  /**
   * The value is all elements of the host, in order, under another shape; the host is dense.
   *
   * @param host a value with as many elements
   */
  record Whole(Value host) implements Placement {
    /** Returns nothing: the host says all. */
    @Override
    public String toString() {
      return "";
    }
  }
}
