package dev.peregrine.yolo.image;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the beginning of a picture file tells: its size, and how the camera was held.
 *
 * @param width pixels in a row of the upright picture, as {@link Images} gives it
 * @param height rows of the upright picture
 * @param orientation EXIF's number, 1 for an upright camera
 */
public record PictureHeader(int width, int height, int orientation) {
  /** Cameras put previews of up to 64 KB a segment before the frame. */
  private static final int HEAD_BYTES = 1 << 18;

  /** EXIF's orientations from here on exchange width and height. */
  private static final int FIRST_TURNED = 5;

  /**
   * Whether rows of the file are columns of the upright picture.
   *
   * @return true for orientations 5 to 8
   */
  public boolean turned() {
    return orientation >= FIRST_TURNED;
  }

  /**
   * Looks at the signature.
   *
   * @param file the bytes of a file, or its first 32
   * @return whether {@link Images} reads files of that kind
   */
  public static boolean isPicture(byte[] file) {
    return PictureFormat.of(file) != PictureFormat.OTHER;
  }

  /**
   * Reads the header of a file in memory.
   *
   * <p><b>Errors</b> {@link FormatException} when it is no picture or its header is damaged.
   *
   * @param file the whole file
   * @param name what errors call it
   * @return the header; nothing was decoded
   */
  public static PictureHeader of(byte[] file, String name) {
    PictureFormat format = PictureFormat.of(file);
    int[] size = StoredSize.of(format, file);
    return of(format, size.length == 0 ? PictureDecoder.size(file, name) : size, file);
  }

  /**
   * Reads the header of a file.
   *
   * <p><b>Cost</b> one short read; the pixels are not decoded.
   *
   * @param file a picture
   * @return the header; empty when the file cannot be read or is no picture, which reading the
   *     picture would tell in words
   */
  public static Optional<PictureHeader> find(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(HEAD_BYTES);
      PictureFormat format = PictureFormat.of(head);
      int[] size = StoredSize.of(format, head);
      if (size.length == 0 && format != PictureFormat.OTHER) {
        head = Files.readAllBytes(file);
        size = PictureDecoder.size(head, file.toString());
      }
      if (size.length == 0) {
        return Optional.empty();
      }
      return Optional.of(of(format, size, head));
    } catch (IOException | FormatException _) {
      return Optional.empty();
    }
  }

  private static PictureHeader of(PictureFormat format, int[] size, byte[] head) {
    int orientation = Exif.orientation(format, head);
    boolean turned = orientation >= FIRST_TURNED;
    return new PictureHeader(turned ? size[1] : size[0], turned ? size[0] : size[1], orientation);
  }
}
