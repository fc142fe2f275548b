package dev.peregrine.yolo.image;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Pictures from files and to files.
 *
 * <p>JPEG (also progressive, grey, CMYK and YCCK), PNG (also palette, transparent and 16 bits),
 * WebP, BMP, GIF (first frame) and TIFF (first page) are read, whatever the file's name; a camera's
 * orientation note is applied once, here. Colour profiles and transparency are ignored. No display
 * is needed.
 */
public final class Images {
  /** Pictures with more pixels than this are refused before they are decoded: 100 million. */
  public static final long MAX_PIXELS = 100_000_000L;

  private static final float JPEG_QUALITY = 0.95f;
  private static final int SIGNATURE_BYTES = 32;
  private static final int TAIL_BYTES = 4096;

  private Images() {}

  /**
   * Reads a picture.
   *
   * <p><b>Errors</b> {@link FormatException} when the file is missing, is not a picture, is damaged
   * or has more than {@link #MAX_PIXELS} pixels.
   *
   * @param file where it lies
   * @return the picture, upright
   */
  public static Image read(Path file) {
    return read(file, MAX_PIXELS);
  }

  /**
   * Reads a picture of limited size.
   *
   * @param file where it lies
   * @param maxPixels the most pixels that are decoded
   * @return the picture, upright
   */
  public static Image read(Path file, long maxPixels) {
    PictureDecoder.Decoded decoded =
        PictureDecoder.decode(bytesOf(file), file.toString(), maxPixels);
    BufferedImage picture = decoded.picture();
    if (!Pixels.deep(picture)) {
      return upright(decoded).toImage();
    }
    Image image = new Image(picture.getWidth(), picture.getHeight(), Pixels.floats(picture));
    return Orientation.apply(image, decoded.orientation());
  }

  /**
   * Reads a picture into bytes, which need a quarter of the memory; deeper files are rounded.
   *
   * <p><b>Errors</b> as {@link #read(Path)}.
   *
   * @param file where it lies
   * @return the picture, upright
   */
  public static ByteImage readBytes(Path file) {
    return upright(PictureDecoder.decode(bytesOf(file), file.toString(), MAX_PIXELS));
  }

  /**
   * Decodes a picture that is already in memory.
   *
   * @param encoded the bytes of a picture file
   * @param name what errors call it
   * @return the picture, upright
   */
  public static Image decode(byte[] encoded, String name) {
    return upright(PictureDecoder.decode(encoded, name, MAX_PIXELS)).toImage();
  }

  /**
   * Decodes a picture that is already in memory into bytes.
   *
   * <p><b>Errors</b> {@link FormatException} when it is no picture, is damaged or has too many
   * pixels; the last is told from its header, before anything is decoded.
   *
   * @param encoded the bytes of a picture file
   * @param name what errors call it
   * @param maxPixels the most pixels that are decoded
   * @return the picture, upright
   */
  public static ByteImage decodeBytes(byte[] encoded, String name, long maxPixels) {
    return upright(PictureDecoder.decode(encoded, name, maxPixels));
  }

  /**
   * Writes a picture as PNG or JPEG, by the name's ending ({@code .png}, {@code .jpg}, {@code
   * .jpeg}).
   *
   * <p>The file appears whole or not at all: it is written beside and then renamed.
   *
   * <p><b>Errors</b> {@link FormatException} when the ending is another one or the folder cannot be
   * written.
   *
   * @param file where to put it
   * @param image values outside 0..1 are clipped
   */
  public static void write(Path file, Image image) {
    write(file, toBufferedImage(image));
  }

  /**
   * Writes an AWT picture as PNG or JPEG; see {@link #write(Path, Image)}.
   *
   * @param file where to put it
   * @param picture an opaque picture
   */
  public static void write(Path file, BufferedImage picture) {
    Path name = file.getFileName();
    String lower = name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
    boolean jpeg = lower.endsWith(".jpg") || lower.endsWith(".jpeg");
    if (!jpeg && !lower.endsWith(".png")) {
      throw new FormatException(
          file + " cannot be written as a picture: the name must end in .png, .jpg or .jpeg");
    }
    try {
      WholeFile.write(file, encode(picture, jpeg));
    } catch (IOException e) {
      throw new FormatException(
          "%s cannot be written (%s): the folder must exist and be writable".formatted(file, e), e);
    }
  }

  /**
   * Copies a picture to AWT, for drawing on it.
   *
   * @param image values outside 0..1 are clipped
   * @return a picture of type {@link BufferedImage#TYPE_INT_RGB}
   */
  public static BufferedImage toBufferedImage(Picture image) {
    byte[] bytes =
        switch (image) {
          case ByteImage exact -> exact.rgb();
          case Image floats -> ByteImage.of(floats).rgb();
        };
    int[] packed = new int[image.width() * image.height()];
    for (int i = 0; i < packed.length; i++) {
      packed[i] =
          (bytes[3 * i] & 0xff) << 16 | (bytes[3 * i + 1] & 0xff) << 8 | (bytes[3 * i + 2] & 0xff);
    }
    BufferedImage out =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    out.getRaster().setDataElements(0, 0, image.width(), image.height(), packed);
    return out;
  }

  /**
   * Copies an AWT picture. Stored samples are taken as they are: no colour profile, no
   * transparency.
   *
   * @param picture any picture
   * @return the same pixels
   */
  public static Image fromBufferedImage(BufferedImage picture) {
    return new Image(picture.getWidth(), picture.getHeight(), Pixels.floats(picture));
  }

  /**
   * Looks at the two ends of a file, without decoding it: a picture's signature at its beginning,
   * and the mark of the end, or the length that the beginning states.
   *
   * <p>True promises nothing about what lies between. False asks for a closer look with {@link
   * #readBytes}, since a whole JPEG may carry other data behind its end.
   *
   * <p><b>Errors</b> {@link FormatException} when the file cannot be read.
   *
   * <p><b>Cost</b> two short reads.
   *
   * @param file where it lies
   * @return whether both ends are as they should be
   */
  public static boolean looksWhole(Path file) {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      byte[] head = new byte[(int) Math.min(SIGNATURE_BYTES, open.length())];
      open.readFully(head);
      PictureFormat format = PictureFormat.of(head);
      byte[] tail = new byte[(int) Math.min(TAIL_BYTES, open.length())];
      open.seek(open.length() - tail.length);
      open.readFully(tail);
      return format.endsWell(head, tail, open.length());
    } catch (IOException e) {
      throw new FormatException("%s cannot be read (%s)".formatted(file, e), e);
    }
  }

  private static ByteImage upright(PictureDecoder.Decoded decoded) {
    BufferedImage picture = decoded.picture();
    ByteImage image = new ByteImage(picture.getWidth(), picture.getHeight(), Pixels.bytes(picture));
    return Orientation.apply(image, decoded.orientation());
  }

  private static byte[] bytesOf(Path file) {
    if (!Files.exists(file)) {
      throw new FormatException(file + " does not exist; a picture file was expected there");
    }
    if (Files.isDirectory(file)) {
      throw new FormatException(file + " is a folder; a picture file was expected there");
    }
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new FormatException("%s cannot be read (%s)".formatted(file, e), e);
    }
  }

  private static byte[] encode(BufferedImage picture, boolean jpeg) throws IOException {
    BufferedImage opaque = picture;
    if (jpeg && picture.getColorModel().hasAlpha()) {
      opaque = toBufferedImage(fromBufferedImage(picture));
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName(jpeg ? "jpeg" : "png").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam settings = writer.getDefaultWriteParam();
      if (jpeg) {
        settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        settings.setCompressionQuality(JPEG_QUALITY);
      }
      writer.write(null, new IIOImage(opaque, null, null), settings);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
