package dev.peregrine.yolo.data.check;

import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A folder in which a test plants pictures, labels and faults. */
public record Plants(Path folder) {
  /** A picture of noise, different for each name; with its labels, unless they are null. */
  public Path picture(String name, int width, int height, String labels) {
    SplittableRandom random = new SplittableRandom(name.hashCode());
    Image image = new Image(width, height);
    float[] cell = new float[16 * 16 * 3];
    for (int i = 0; i < cell.length; i++) {
      cell[i] = random.nextFloat();
    }
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = (y * 16 / height * 16 + x * 16 / width) * 3;
        System.arraycopy(cell, from, image.rgb(), (y * width + x) * 3, 3);
      }
    }
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Images.write(file, image);
    if (labels != null) {
      String text = name.replaceFirst("images", "labels").replaceFirst("\\.[a-z]+$", ".txt");
      text(text, labels);
    }
    return file;
  }

  public Path text(String name, String content) {
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(file.getParent());
      return Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Cuts a file after a part of it. */
  public void cut(String name, double part) {
    Path file = folder.resolve(name);
    try {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, (int) (whole.length * part)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Overwrites bytes in the middle of a file. */
  public void scratch(String name) {
    Path file = folder.resolve(name);
    try {
      byte[] whole = Files.readAllBytes(file);
      Arrays.fill(whole, whole.length / 2, whole.length / 2 + 40, (byte) 0x55);
      Files.write(file, whole);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void copy(String from, String to) {
    try {
      Files.createDirectories(folder.resolve(to).getParent());
      Files.copy(folder.resolve(from), folder.resolve(to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void age(String name, int seconds) {
    try {
      Files.setLastModifiedTime(
          folder.resolve(name), FileTime.fromMillis(System.currentTimeMillis() - 1000L * seconds));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts a camera's note into a JPEG file. */
  public void turn(String name, int orientation) {
    ByteBuffer exif = ByteBuffer.allocate(36);
    exif.putShort((short) 0xffe1).putShort((short) 34);
    exif.put("Exif\0\0MM".getBytes(StandardCharsets.US_ASCII)).putShort((short) 42).putInt(8);
    exif.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation).putShort((short) 0);
    Path file = folder.resolve(name);
    try {
      byte[] jpeg = Files.readAllBytes(file);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(jpeg, 0, 2);
      out.write(exif.array());
      out.write(jpeg, 2, jpeg.length - 2);
      Files.write(file, out.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
