package dev.peregrine.yolo.serve;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.PictureHeader;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Decodes pictures within a budget of memory and of cores.
 *
 * <p>A small file may hold a huge picture, so the header is read first: what has too many pixels is
 * refused without being decoded, and the others wait until the pictures in memory leave room.
 */
final class Decoding {
  /** A decoder's picture of up to 8 bytes a pixel, ours of 3, and its turned copy. */
  private static final int BYTES_A_PIXEL = 16;

  private static final int UNIT = 1024;

  /** What JPEG and GIF can say at most; decoders hold whole rows several times. */
  private static final int LONGEST_SIDE = 65_535;

  private final long maxPixels;
  private final Semaphore room;
  private final int units;
  private final Semaphore cores;

  /** A picture in memory; closing it makes room for others. */
  record Held(ByteImage picture, Semaphore room, int taken) implements AutoCloseable {
    @Override
    public void close() {
      room.release(taken);
    }
  }

  /**
   * Divides the memory that Java may take: a quarter of it is for pictures.
   *
   * @param maxPixels of one picture
   */
  Decoding(long maxPixels) {
    this.maxPixels = maxPixels;
    long pixels = Runtime.getRuntime().maxMemory() / 4 / BYTES_A_PIXEL;
    units = Math.clamp(pixels / UNIT, 1, Integer.MAX_VALUE);
    room = new Semaphore(units, true);
    // One core is left to the rest, so that a look at the server's health is answered meanwhile.
    cores = new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() - 1), true);
  }

  /**
   * Decodes a picture.
   *
   * <p><b>Errors</b> {@link Refusal} 415 for what is no picture, 413 for too many pixels, 400 for a
   * damaged one, 503 where there was no room in time.
   *
   * @param encoded the bytes of a file
   * @param name what errors call it
   * @param patience how long to wait for room
   */
  Held decode(byte[] encoded, String name, Duration patience) throws InterruptedException {
    if (!PictureHeader.isPicture(encoded)) {
      throw new Refusal(
          415,
          "%s (%d bytes) is not a picture: JPEG, PNG, WebP, BMP, GIF and TIFF can be read"
              .formatted(name, encoded.length));
    }
    try {
      PictureHeader header = PictureHeader.of(encoded, name);
      long pixels = (long) header.width() * header.height();
      if (pixels > maxPixels) {
        throw new Refusal(
            413,
            "%s has %d x %d pixels, more than the limit of %d: scale it down first"
                .formatted(name, header.width(), header.height(), maxPixels));
      }
      if (Math.max(header.width(), header.height()) > LONGEST_SIDE) {
        throw new Refusal(
            413,
            "%s has %d x %d pixels, but no side may be longer than %d: cut it first"
                .formatted(name, header.width(), header.height(), LONGEST_SIDE));
      }
      return decode(encoded, name, (int) Math.min(units, pixels / UNIT + 1), patience);
    } catch (FormatException damaged) {
      throw new Refusal(400, Parameters.shown(String.valueOf(damaged.getMessage())));
    }
  }

  private Held decode(byte[] encoded, String name, int needed, Duration patience)
      throws InterruptedException {
    if (!room.tryAcquire(needed, patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw Refusal.busy("there was no memory for another picture in time; ask again later", 1);
    }
    boolean done = false;
    try {
      cores.acquire();
      try {
        Held held = new Held(Images.decodeBytes(encoded, name, maxPixels), room, needed);
        done = true;
        return held;
      } finally {
        cores.release();
      }
    } finally {
      if (!done) {
        room.release(needed);
      }
    }
  }
}
