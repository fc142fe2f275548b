package dev.peregrine.yolo.data.check;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells one data set from another. */
public final class DataHash {
  private DataHash() {}

  /**
   * Hashes class names, and of every picture its file's name and size and its labels.
   *
   * <p><b>Errors</b> {@link FormatException} if a picture's file is not there.
   *
   * @param data the data set
   * @return 16 hexadecimal digits of SHA-256
   */
  public static String of(DataSet data) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java has SHA-256", missing);
    }
    add(digest, String.join("\n", data.names()));
    for (Sample sample : data.samples()) {
      try {
        add(digest, sample.image().getFileName() + " " + Files.size(sample.image()));
      } catch (IOException failure) {
        throw new FormatException(sample.image() + " cannot be read: " + failure, failure);
      }
      for (Label label : sample.labels()) {
        add(digest, label.toString());
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static void add(MessageDigest digest, String text) {
    digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
