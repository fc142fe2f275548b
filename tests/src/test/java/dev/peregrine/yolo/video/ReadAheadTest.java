package dev.peregrine.yolo.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.image.ByteImage;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The next frame is read while the one before is worked on; order and faults stay. */
final class ReadAheadTest {
  /** Frames 0 to 3, of which the second is damaged; notes what was asked of it. */
  private static final class Scripted implements FrameSource {
    final List<String> threads = new ArrayList<>();
    final CountDownLatch secondAsked = new CountDownLatch(1);
    boolean closed;
    private int at;

    @Override
    public boolean hasNext() {
      return at < 4;
    }

    @Override
    public Frame next() {
      threads.add(Thread.currentThread().getName());
      int index = at++;
      if (index == 1) {
        secondAsked.countDown();
        throw new FormatException("frame 1: is damaged");
      }
      return Frame.numbered(index, index, new ByteImage(1, 1, new byte[3]));
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void framesAndFaultsComeInTheirPlace() {
    Scripted source = new Scripted();
    try (ReadAhead ahead = new ReadAhead(source)) {
      assertThat(ahead.hasNext()).isTrue();
      assertThat(ahead.next().index()).isEqualTo(0);
      assertThat(ahead.hasNext()).isTrue();
      assertThatThrownBy(ahead::next)
          .isInstanceOf(FormatException.class)
          .hasMessage("frame 1: is damaged");
      assertThat(ahead.next().index()).isEqualTo(2);
      assertThat(ahead.next().index()).isEqualTo(3);
      assertThat(ahead.hasNext()).isFalse();
      assertThatThrownBy(ahead::next).isInstanceOf(NoSuchElementException.class);
    }
    assertThat(source.closed).isTrue();
    assertThat(source.threads).hasSize(4).containsOnly("peregrine-pictures");
  }

  @Test
  void theNextFrameIsReadBeforeItIsAskedFor() throws InterruptedException {
    Scripted source = new Scripted();
    try (ReadAhead ahead = new ReadAhead(source)) {
      ahead.next();
      assertThat(source.secondAsked.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aFaultOfTheProgramIsNotHidden() {
    FrameSource broken =
        new FrameSource() {
          @Override
          public boolean hasNext() {
            throw new AssertionError("broken");
          }

          @Override
          public Frame next() {
            throw new AssertionError("broken");
          }

          @Override
          public void close() {}
        };
    try (ReadAhead ahead = new ReadAhead(broken)) {
      assertThatThrownBy(ahead::next).isInstanceOf(AssertionError.class).hasMessage("broken");
    }
  }
}
