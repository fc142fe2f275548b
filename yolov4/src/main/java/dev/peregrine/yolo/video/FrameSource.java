package dev.peregrine.yolo.video;

import dev.peregrine.tensor.FormatException;
import java.util.Iterator;

/**
 * Frames one after the other, read when they are asked for.
 *
 * <p><b>Errors</b> {@link #next} throws {@link FormatException} for a frame that is damaged; the
 * next call goes on behind it, or {@link #hasNext} is false where that is impossible.
 */
public interface FrameSource extends Iterator<Frame>, AutoCloseable {
  /** Frees what the source holds open. */
  @Override
  void close();
}
