package dev.peregrine.yolo.data.check;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataScan;
import dev.peregrine.yolo.data.Fault;
import dev.peregrine.yolo.data.FaultKind;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.PictureHeader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What is kept of a picture once it was decoded: enough to know it again.
 *
 * @param image the file
 * @param width of the upright picture, 0 when it could not be decoded
 * @param height of the upright picture, 0 when it could not be decoded
 * @param digest of extents and pixels, empty when it could not be decoded
 * @param thumbnail mean colours of {@value #CELLS} x {@value #CELLS} cells
 * @param faults of the picture itself
 */
record PictureLook(
    Path image, int width, int height, String digest, byte[] thumbnail, List<Fault> faults) {
  static final int CELLS = 16;
  private static final int LEAST_SIDE = 10;

  /** Decodes a picture and looks at it. */
  static PictureLook at(Path image) {
    List<Fault> faults = new ArrayList<>();
    Optional<PictureHeader> header = PictureHeader.find(image);
    int orientation = header.map(PictureHeader::orientation).orElse(1);
    if (orientation != 1) {
      faults.add(
          new Fault(
              FaultKind.TURNED,
              image,
              0,
              "the camera's note turns this picture (EXIF orientation %d); boxes count for the upright picture: look whether the tool that drew them showed it upright"
                  .formatted(orientation)));
    }
    try {
      ByteImage picture = Images.readBytes(image);
      if (Math.min(picture.width(), picture.height()) < LEAST_SIDE) {
        faults.add(
            new Fault(
                FaultKind.TINY_PICTURE,
                image,
                0,
                "has only %d x %d pixels; remove it unless that is meant"
                    .formatted(picture.width(), picture.height())));
      }
      return new PictureLook(
          image, picture.width(), picture.height(), digest(picture), thumbnail(picture), faults);
    } catch (FormatException e) {
      faults.add(DataScan.damaged(image, e));
      return new PictureLook(image, 0, 0, "", new byte[0], faults);
    }
  }

  private static String digest(ByteImage picture) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(
          ByteBuffer.allocate(8).putInt(picture.width()).putInt(4, picture.height()).array());
      return HexFormat.of().formatHex(digest.digest(picture.rgb()));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java has SHA-256", missing);
    }
  }

  private static byte[] thumbnail(ByteImage picture) {
    long[] sums = new long[CELLS * CELLS * 3];
    long[] counts = new long[CELLS * CELLS];
    byte[] rgb = picture.rgb();
    int at = 0;
    for (int y = 0; y < picture.height(); y++) {
      int row = (int) ((long) y * CELLS / picture.height()) * CELLS;
      for (int x = 0; x < picture.width(); x++) {
        int cell = row + (int) ((long) x * CELLS / picture.width());
        counts[cell]++;
        for (int c = 0; c < 3; c++) {
          sums[3 * cell + c] += rgb[at++] & 0xff;
        }
      }
    }
    byte[] means = new byte[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = (byte) (sums[i] / Math.max(1, counts[i / 3]));
    }
    return means;
  }

  /**
   * Whether two pictures show the same, but for encoding and size: no cell differs by more than a
   * few levels. Plain surfaces are never alike, since they tell nothing.
   */
  boolean alike(PictureLook other) {
    if (thumbnail.length == 0 || other.thumbnail.length == 0) {
      return false;
    }
    int least = 255;
    int most = 0;
    for (int i = 0; i < thumbnail.length; i++) {
      int a = thumbnail[i] & 0xff;
      if (Math.abs(a - (other.thumbnail[i] & 0xff)) > 4) {
        return false;
      }
      least = Math.min(least, a);
      most = Math.max(most, a);
    }
    return most - least > 32;
  }
}
