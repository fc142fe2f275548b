package example;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.video.Frame;
import dev.peregrine.yolo.video.FrameSource;
import dev.peregrine.yolo.video.FrameSourceProvider;
import java.nio.ByteBuffer;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameGrabber;

/** Files, addresses and cameras, read by FFmpeg through JavaCV. */
public final class JavaCvVideos implements FrameSourceProvider {
  private static final String CAMERA = "camera";

  @Override
  public Optional<FrameSource> open(String source) {
    return Optional.of(new Video(source));
  }

  private static final class Video implements FrameSource {
    private final String source;
    private final FFmpegFrameGrabber grabber;
    private Frame ahead; // null after the last frame
    private long count;

    Video(String source) {
      avutil.av_log_set_level(avutil.AV_LOG_ERROR);
      this.source = source;
      if (source.equals(CAMERA) || source.startsWith(CAMERA + ":")) {
        String number = source.length() > CAMERA.length() ? source.substring(7) : "0";
        grabber = new FFmpegFrameGrabber("/dev/video" + number);
        grabber.setFormat("video4linux2");
      } else {
        grabber = new FFmpegFrameGrabber(source);
      }
      try {
        grabber.start();
        ahead = read();
      } catch (FFmpegFrameGrabber.Exception | FormatException failure) {
        close();
        throw new FormatException(
            "source=" + source + " cannot be opened as a video: " + failure.getMessage(), failure);
      }
    }

    @Override
    public boolean hasNext() {
      return ahead != null;
    }

    @Override
    public Frame next() {
      if (ahead == null) {
        throw new NoSuchElementException(source + " has only " + count + " frames");
      }
      Frame frame = ahead;
      ahead = null; // the end, should reading fail
      ahead = read();
      return frame;
    }

    private Frame read() {
      try {
        org.bytedeco.javacv.Frame grabbed = grabber.grabImage();
        return grabbed == null
            ? null
            : Frame.numbered(count++, grabber.getTimestamp() / 1e6, rgb(grabbed));
      } catch (FFmpegFrameGrabber.Exception failure) {
        throw new FormatException(
            source + ": no frame can be read after " + count + ": " + failure.getMessage(),
            failure);
      }
    }

    /** A grabbed frame's rows of blue, green and red, turned round. */
    private static ByteImage rgb(org.bytedeco.javacv.Frame grabbed) {
      ByteBuffer bgr = (ByteBuffer) grabbed.image[0];
      int width = grabbed.imageWidth;
      int height = grabbed.imageHeight;
      byte[] rgb = new byte[width * height * 3];
      for (int y = 0; y < height; y++) {
        int from = y * grabbed.imageStride;
        int to = y * width * 3;
        for (int x = 0; x < 3 * width; x += 3) {
          rgb[to + x] = bgr.get(from + x + 2);
          rgb[to + x + 1] = bgr.get(from + x + 1);
          rgb[to + x + 2] = bgr.get(from + x);
        }
      }
      return new ByteImage(width, height, rgb);
    }

    @Override
    public void close() {
      try {
        grabber.close();
      } catch (org.bytedeco.javacv.FrameGrabber.Exception failure) {
        throw new FormatException(source + " cannot be closed: " + failure.getMessage(), failure);
      }
    }
  }
}
