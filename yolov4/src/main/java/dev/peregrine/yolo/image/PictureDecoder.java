package dev.peregrine.yolo.image;

import dev.peregrine.tensor.FormatException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Turns the bytes of a picture file into an AWT picture, with a decoder of our own or ImageIO's.
 */
final class PictureDecoder {
  private static final String GIF_FRAME = "javax_imageio_gif_image_1.0";

  private PictureDecoder() {}

  /** A decoded picture as it is stored, and how the camera was held. */
  record Decoded(BufferedImage picture, int orientation) {}

  /**
   * Decodes a picture.
   *
   * <p><b>Errors</b> {@link FormatException} that names it, when it is no picture, is damaged or
   * has more pixels than allowed.
   *
   * @param encoded the whole file
   * @param name what errors call it
   * @param maxPixels the most pixels that are decoded
   */
  static Decoded decode(byte[] encoded, String name, long maxPixels) {
    PictureFormat format = formatOf(encoded, name);
    if (format == PictureFormat.WEBP && !format.endsWell(encoded, encoded, encoded.length)) {
      // The decoder would fill the rest with anything.
      throw new FormatException(
          "%s is a truncated WebP: the file ends after %d bytes; fetch it again or remove it"
              .formatted(name, encoded.length));
    }
    PictureParts.check(format, encoded, name, maxPixels);
    JpegFile.Prepared fit =
        format == PictureFormat.JPEG
            ? JpegFile.prepare(encoded, name)
            : new JpegFile.Prepared(encoded, false);
    Optional<BufferedImage> plain =
        format == PictureFormat.JPEG
            ? BaselineJpeg.decode(fit.bytes(), maxPixels)
            : Optional.empty();
    if (plain.isPresent()) {
      return new Decoded(plain.get(), Exif.orientation(format, encoded));
    }
    return withReader(
        format,
        name,
        reader ->
            new Decoded(
                decode(reader, format, fit, name, maxPixels), Exif.orientation(format, encoded)));
  }

  /**
   * Reads width and height alone.
   *
   * <p><b>Errors</b> as {@link #decode(byte[], String, long)}.
   *
   * @param encoded the whole file
   * @param name what errors call it
   * @return width and height as stored
   */
  static int[] size(byte[] encoded, String name) {
    PictureFormat format = formatOf(encoded, name);
    return withReader(
        format,
        name,
        reader -> {
          open(reader, encoded, true);
          int width = reader.getWidth(0);
          int height = reader.getHeight(0);
          if (width < 1 || height < 1) {
            throw new IOException("its size is no number of pixels");
          }
          return new int[] {width, height};
        });
  }

  private static PictureFormat formatOf(byte[] encoded, String name) {
    PictureFormat format = PictureFormat.of(encoded);
    if (format == PictureFormat.OTHER) {
      throw new FormatException(
          "%s is not a picture (%d bytes): JPEG, PNG, WebP, BMP, GIF and TIFF files can be read; fetch it again or remove it"
              .formatted(name, encoded.length));
    }
    return format;
  }

  /** Something that is done with an open decoder. */
  private interface Use<T> {
    T with(ImageReader reader) throws IOException;
  }

  private static <T> T withReader(PictureFormat format, String name, Use<T> use) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.readerName());
    if (!readers.hasNext()) {
      throw new FormatException(
          "%s is a %s picture but no decoder for it is installed: add its plug-in to the program"
              .formatted(name, format));
    }
    ImageReader reader = readers.next();
    try {
      return use.with(reader);
    } catch (IOException | RuntimeException e) {
      if (e instanceof FormatException told) {
        throw told;
      }
      // Decoders report damage in many ways: IllegalArgument, IndexOutOfBounds, NegativeArraySize.
      throw new FormatException(
          "%s is a damaged %s picture (%s); fetch it again or remove it"
              .formatted(name, format, e.getMessage() == null ? e : e.getMessage()),
          e);
    } finally {
      reader.dispose();
    }
  }

  private static void open(ImageReader reader, byte[] bytes, boolean ignoreMetadata) {
    reader.setInput(
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes)), true, ignoreMetadata);
  }

  private static BufferedImage decode(
      ImageReader reader, PictureFormat format, JpegFile.Prepared fit, String name, long maxPixels)
      throws IOException {
    boolean gif = format == PictureFormat.GIF;
    open(reader, fit.bytes(), !gif);
    int[] canvas = gif ? StoredSize.of(format, fit.bytes()) : new int[0];
    long width = canvas.length == 2 ? canvas[0] : reader.getWidth(0);
    long height = canvas.length == 2 ? canvas[1] : reader.getHeight(0);
    if (PictureParts.pixels(width, height) > maxPixels) {
      throw new FormatException(
          "%s has %d x %d pixels, more than the limit of %d: scale it down first"
              .formatted(name, width, height, maxPixels));
    }
    PictureParts.fits(
        name, "frame has", reader.getWidth(0), reader.getHeight(0), width, height, maxPixels);
    StringBuilder cut = new StringBuilder();
    reader.addIIOReadWarningListener((_, warning) -> {
      if (warning.contains("premature end")) {
        cut.append(warning);
      }
    });
    BufferedImage picture =
        fit.tallChroma() ? TallChroma.picture(reader.readRaster(0, null)) : reader.read(0);
    if (!cut.isEmpty()) {
      throw JpegFile.truncated(name, fit.bytes().length, "its picture data");
    }
    return canvas.length == 2 ? onCanvas(picture, canvas, reader) : picture;
  }

  /** A frame of a GIF may cover a part of the picture; the rest is black. */
  private static BufferedImage onCanvas(BufferedImage frame, int[] canvas, ImageReader reader)
      throws IOException {
    if (frame.getWidth() == canvas[0] && frame.getHeight() == canvas[1]) {
      return frame;
    }
    IIOMetadataNode root = (IIOMetadataNode) reader.getImageMetadata(0).getAsTree(GIF_FRAME);
    IIOMetadataNode place = (IIOMetadataNode) root.getElementsByTagName("ImageDescriptor").item(0);
    int left = Integer.parseInt(place.getAttribute("imageLeftPosition"));
    int top = Integer.parseInt(place.getAttribute("imageTopPosition"));
    BufferedImage whole = new BufferedImage(canvas[0], canvas[1], BufferedImage.TYPE_INT_RGB);
    for (int y = Math.max(0, -top); y < frame.getHeight() && top + y < canvas[1]; y++) {
      for (int x = Math.max(0, -left); x < frame.getWidth() && left + x < canvas[0]; x++) {
        whole.setRGB(left + x, top + y, frame.getRGB(x, y));
      }
    }
    return whole;
  }
}
