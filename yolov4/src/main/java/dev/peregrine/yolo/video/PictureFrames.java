package dev.peregrine.yolo.video;

import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;

/** Frames that are files of pictures. */
final class PictureFrames implements FrameSource {
  private final List<Path> files;
  private final List<String> names;
  private int next;

  /**
   * Prepares to read.
   *
   * @param files the pictures in their order
   * @param names what results call them; empty where frames are named after their number
   */
  PictureFrames(List<Path> files, List<String> names) {
    this.files = List.copyOf(files);
    this.names = List.copyOf(names);
  }

  @Override
  public boolean hasNext() {
    return next < files.size();
  }

  @Override
  public Frame next() {
    if (!hasNext()) {
      throw new NoSuchElementException("only " + files.size() + " frames");
    }
    int index = next++; // first, so that a damaged picture is passed
    double seconds = index / FrameSources.FOLDER_RATE;
    ByteImage image = Images.readBytes(files.get(index));
    return names.isEmpty()
        ? Frame.numbered(index, seconds, image)
        : new Frame(names.get(index), index, seconds, image);
  }

  @Override
  public void close() {
    next = files.size(); // nothing is open between two frames
  }
}
