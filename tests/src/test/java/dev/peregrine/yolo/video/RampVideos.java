package dev.peregrine.yolo.video;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.image.ByteImage;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Optional;

/** A provider of the tests: {@code ramp://N} is a video of N grey frames, the third damaged. */
public final class RampVideos implements FrameSourceProvider {
  private static final String SCHEME = "ramp://";

  @Override
  public Optional<FrameSource> open(String source) {
    return source.startsWith(SCHEME)
        ? Optional.of(new Ramp(Integer.parseInt(source.substring(SCHEME.length()))))
        : Optional.empty();
  }

  private static final class Ramp implements FrameSource {
    private final int count;
    private int next;

    Ramp(int count) {
      this.count = count;
    }

    @Override
    public boolean hasNext() {
      return next < count;
    }

    @Override
    public Frame next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int index = next++;
      if (index == 2) {
        throw new FormatException("the third frame is damaged");
      }
      byte[] rgb = new byte[40 * 24 * 3];
      Arrays.fill(rgb, (byte) (20 * index));
      return Frame.numbered(index, index / 10.0, new ByteImage(40, 24, rgb));
    }

    @Override
    public void close() {
      next = count;
    }
  }
}
