package dev.peregrine.yolo.video;

import dev.peregrine.yolo.image.ByteImage;
import java.util.Locale;

/**
 * One picture of a sequence.
 *
 * @param name what results call it
 * @param index its number in the sequence, from 0
 * @param seconds when it is shown, counted from the first frame
 * @param image its pixels
 */
public record Frame(String name, long index, double seconds, ByteImage image) {
  /**
   * Makes a frame that is named after its number, {@code frame_000001.jpg} for the first.
   *
   * @param index its number in the sequence, from 0
   * @param seconds when it is shown, counted from the first frame
   * @param image its pixels
   * @return the frame
   */
  public static Frame numbered(long index, double seconds, ByteImage image) {
    return new Frame(
        String.format(Locale.ROOT, "frame_%06d.jpg", index + 1), index, seconds, image);
  }
}
