package dev.peregrine.yolo.train;

import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.data.Source;
import dev.peregrine.yolo.augment.DarknetAugmentation;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.augment.PictureCache;
import dev.peregrine.yolo.augment.TrainingSampler;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;

/**
 * How many training pictures a second a loader makes, alone and beside threads that compute.
 *
 * @param size of the pictures
 * @param threads that make them
 * @param decoding pictures a second when every file is decoded
 * @param cached pictures a second when decoded pictures are at hand
 * @param besideComputing the same while as many threads do nothing but multiply
 * @param cacheBytes what decoded pictures fill
 */
public record LoaderSpeed(
    String size,
    int threads,
    double decoding,
    double cached,
    double besideComputing,
    long cacheBytes) {
  private static final int BATCH = 16;
  private static final long MOST_NANOS = 10_000_000_000L;
  private static final int WARM_BATCHES = 4;

  /**
   * Measures, some seconds each way.
   *
   * @param data whose pictures are decoded and augmented
   * @param size of the pictures that are made
   * @param threads that make them
   * @return pictures a second
   */
  public static LoaderSpeed measure(DataSet data, InputSize size, int threads) {
    PictureCache full = new PictureCache(data, PictureCache.usualBudget());
    double decoding = rate(data, new PictureCache(data, 0), size, threads, 1);
    rate(data, full, size, threads, 1);
    double cached = rate(data, full, size, threads, 2);
    double beside = besideComputing(threads, () -> rate(data, full, size, threads, 2));
    return new LoaderSpeed(size.toString(), threads, decoding, cached, beside, full.bytes());
  }

  /** Measures while every thread of a training would be computing. */
  private static double besideComputing(int threads, DoubleSupplier measure) {
    AtomicBoolean going = new AtomicBoolean(true);
    List<Thread> busy = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      busy.add(Thread.ofPlatform().daemon().name("busy-" + i).start(() -> multiply(going)));
    }
    try {
      return measure.getAsDouble();
    } finally {
      going.set(false);
      for (Thread thread : busy) {
        join(thread);
      }
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
  }

  private static void multiply(AtomicBoolean going) {
    double[] numbers = new double[1024];
    while (going.get()) {
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = numbers[i] * 0.999 + 1;
      }
    }
  }

  private static double rate(
      DataSet data, PictureCache cache, InputSize size, int threads, int epochs) {
    TrainingSampler sampler =
        new TrainingSampler(cache, new DarknetAugmentation(DarknetSettings.TINY), 0);
    Source<LabelledImage> source =
        new Source<>() {
          @Override
          public int size() {
            return data.size();
          }

          @Override
          public LabelledImage get(int index, long epoch) {
            return sampler.sample(epoch, index, size.width(), size.height());
          }
        };
    long pictures = 0;
    long batches = 0;
    long start = System.nanoTime();
    long measured = start;
    try (DataLoader<LabelledImage> loader = new DataLoader<>(source, BATCH, true, 0, threads)) {
      for (int epoch = 0; epoch < epochs; epoch++) {
        for (List<LabelledImage> batch : loader.epoch(epoch, 0)) {
          batches++;
          pictures += batch.size();
          if (batches == WARM_BATCHES && loader.batches() * epochs > 2 * WARM_BATCHES) {
            measured = System.nanoTime();
            pictures = 0;
          }
          if (System.nanoTime() - start > MOST_NANOS) {
            return pictures / ((System.nanoTime() - measured) / 1e9);
          }
        }
      }
    }
    return pictures / ((System.nanoTime() - measured) / 1e9);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "loader: training pictures of %s on %d threads: %.1f images/s when every picture is"
            + " decoded, %.1f images/s from memory (%.0f MB of decoded pictures), %.1f images/s"
            + " beside %d threads that compute",
        size,
        threads,
        decoding,
        cached,
        cacheBytes / 1e6,
        besideComputing,
        threads);
  }
}
