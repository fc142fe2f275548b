package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.image.PictureHeader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The pictures of a data set, decoded once and kept as bytes as long as a budget lasts.
 *
 * <p>Decoding costs more than all of augmentation. When the budget is used up, what is kept stays
 * and the rest is decoded each time: an epoch visits every picture, and throwing out the one used
 * longest ago would throw out each just before it is needed.
 *
 * <p><b>Cost</b> three bytes a pixel: 640 x 480 is 0.9 MB.
 */
public final class PictureCache implements PictureSource {
  private static final long MOST_BYTES = 1L << 30;

  private final DataSet data;
  private final long budget;
  private final AtomicLong used = new AtomicLong();
  private final AtomicReferenceArray<ByteImage> kept;

  /**
   * A cache that is empty at first.
   *
   * @param data the pictures; at least one
   * @param budget the most bytes of pixels that are kept; 0 keeps none
   */
  public PictureCache(DataSet data, long budget) {
    if (data.size() == 0 || budget < 0) {
      throw new IllegalArgumentException(
          "a picture cache needs at least one picture and a budget of 0 or more bytes but got %d and %d"
              .formatted(data.size(), budget));
    }
    this.data = data;
    this.budget = budget;
    this.kept = new AtomicReferenceArray<>(data.size());
  }

  @Override
  public int size() {
    return data.size();
  }

  @Override
  public List<Label> labels(int index) {
    return data.samples().get(index).labels();
  }

  @Override
  public String name(int index) {
    return data.samples().get(index).image().toString();
  }

  @Override
  public ByteImage picture(int index) {
    ByteImage known = kept.get(index);
    if (known != null) {
      return known;
    }
    ByteImage picture = Images.readBytes(data.samples().get(index).image());
    long bytes = picture.bytes();
    if (used.addAndGet(bytes) > budget || !kept.compareAndSet(index, null, picture)) {
      used.addAndGet(-bytes);
    }
    return picture;
  }

  /**
   * A budget that leaves room for the training itself.
   *
   * @return a quarter of the memory that Java may use, a gigabyte at most
   */
  public static long usualBudget() {
    return Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / 4);
  }

  /**
   * Finds what a cache of a data set will hold, from the beginnings of its files.
   *
   * <p><b>Cost</b> a short read for each picture, until the budget is reached.
   *
   * @param files the pictures
   * @param budget the most bytes of pixels that are kept
   * @return bytes, the budget at most
   */
  public static long need(List<Path> files, long budget) {
    long sum = 0;
    for (Path file : files) {
      Optional<PictureHeader> header = PictureHeader.find(file);
      sum += header.map(h -> 3L * h.width() * h.height()).orElse(0L);
      if (sum >= budget) {
        return budget;
      }
    }
    return sum;
  }

  /**
   * Bytes of pixels that are kept now; never above the budget once all threads are done.
   *
   * @return bytes
   */
  public long bytes() {
    return used.get();
  }
}
