package dev.peregrine.yolo.video;

import java.util.Optional;

/**
 * Reads videos of some kind: a service, found by {@link java.util.ServiceLoader}.
 *
 * <p>An implementation needs a constructor without parameters, and its name in {@code
 * META-INF/services} or in its module's descriptor.
 */
public interface FrameSourceProvider {
  /**
   * Opens a video.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} where it is of the provider's
   * kind and cannot be read.
   *
   * @param source a file, an address or the name of a camera, as the user gave it
   * @return its frames, or nothing where it is not of the provider's kind
   */
  Optional<FrameSource> open(String source);
}
