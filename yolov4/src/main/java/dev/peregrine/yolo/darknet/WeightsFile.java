package dev.peregrine.yolo.darknet;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Darknet's weights files: a short header, then the numbers of every layer that has any in the
 * cfg's order, little-endian and without names or sizes.
 *
 * <p>Since the file says nothing about its network, its length is the only check: it must fit the
 * cfg to the last byte. The check comes before the first layer is delivered. Reading and writing go
 * layer by layer, so no more than one layer is in memory besides what the caller keeps.
 *
 * <p><b>Cost</b> the numbers of a layer are allocated after the check, so they never take more than
 * the file does; around them are a block of {@value #BLOCK} bytes and some hundred bytes a layer.
 */
public final class WeightsFile {
  private static final int BLOCK = 1 << 18;

  private WeightsFile() {}

  /**
   * The start of a weights file.
   *
   * @param major first part of the version
   * @param minor second part of the version
   * @param revision third part of the version
   * @param seen pictures that the network was trained on; below 2^32 before version 0.2
   */
  public record Header(int major, int minor, int revision, long seen) {
    /** Checks that the number of pictures has room. */
    public Header {
      if (!wide(major, minor) && seen >>> Integer.SIZE != 0) {
        throw new FormatException(
            "weights file: version %d.%d counts up to 2^32 pictures, but %d were seen"
                .formatted(major, minor, seen));
      }
    }

    /**
     * The header that current programs write, version 0.2.5.
     *
     * @param seen pictures that the network was trained on
     * @return the header
     */
    public static Header current(long seen) {
      return new Header(0, 2, 5, seen);
    }

    /**
     * Its length, which depends on the version: from 0.2 on, {@code seen} takes eight bytes instead
     * of four.
     *
     * @return bytes
     */
    public int bytes() {
      return wide(major, minor) ? 20 : 16;
    }

    private static boolean wide(int major, int minor) {
      return major * 10L + minor >= 2;
    }
  }

  /**
   * What a file held.
   *
   * @param header its start
   * @param layers how many of the cfg's layers it covers, counted from the first one: all of them,
   *     or those up to the last convolution of a file that ends early
   */
  public record Content(Header header, int layers) {}

  /**
   * Reads a file.
   *
   * <p><b>Errors</b> {@link FormatException} where the file is missing, is no weights file, or does
   * not fit the cfg: the message names the layer where it ran out, or the bytes that are left over.
   * Nothing is delivered then.
   *
   * @param file the weights file
   * @param cfg the network it belongs to
   * @param partial accept a file that ends exactly after a convolution, such as a backbone {@code
   *     .conv.29}
   * @param sink receives the layers in their order; the object and its arrays are its own
   * @return header and number of layers
   */
  public static Content read(Path file, CfgFile cfg, boolean partial, Consumer<LayerWeights> sink) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(file.toString(), channel, channel.size(), cfg, partial, sink);
    } catch (NoSuchFileException missing) {
      throw new FormatException(file + ": there is no such weights file", missing);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  /**
   * Reads the bytes of a file.
   *
   * <p><b>Errors</b> as {@link #read}.
   *
   * @param name for errors
   * @param bytes the whole file
   * @param cfg the network it belongs to
   * @param partial accept a file that ends exactly after a convolution
   * @param sink receives the layers in their order; the object and its arrays are its own
   * @return header and number of layers
   */
  public static Content parse(
      String name, byte[] bytes, CfgFile cfg, boolean partial, Consumer<LayerWeights> sink) {
    try (ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes))) {
      return read(name, channel, bytes.length, cfg, partial, sink);
    } catch (IOException failure) {
      throw new FormatException(name + ": cannot be read: " + failure, failure);
    }
  }

  private static Content read(
      String file,
      ReadableByteChannel channel,
      long size,
      CfgFile cfg,
      boolean partial,
      Consumer<LayerWeights> sink)
      throws IOException {
    Header header = readHeader(file, channel);
    List<Layer> weighted = cfg.weighted();
    int count = fit(file, cfg, weighted, size - header.bytes(), partial);
    int blockBytes = (int) Math.min(BLOCK, (size + Float.BYTES) / Float.BYTES * Float.BYTES);
    ByteBuffer block = ByteBuffer.allocateDirect(blockBytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Layer> layers = weighted.subList(0, count);
    for (Layer layer : layers) {
      LayerWeights weights = new LayerWeights(layer);
      for (float[] array : weights.inFileOrder()) {
        readFloats(channel, block, array);
      }
      sink.accept(weights);
    }
    boolean all = count == weighted.size();
    return new Content(header, all ? cfg.layers().size() : layers.getLast().index() + 1);
  }

  /**
   * Reads the start of a file only.
   *
   * @param file the weights file
   * @return its header
   */
  public static Header header(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return readHeader(file.toString(), channel);
    } catch (NoSuchFileException missing) {
      throw new FormatException(file + ": there is no such weights file", missing);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  /**
   * Writes a file beside its place and then moves it there, so that a failure leaves what was.
   *
   * @param file the weights file, replaced where it exists
   * @param header its start
   * @param layers the convolutions to write; the first ones of a cfg make a backbone file
   * @param source gives the numbers of each layer, asked in that order
   */
  public static void write(
      Path file,
      Header header,
      List<? extends Layer> layers,
      Function<Layer, LayerWeights> source) {
    try {
      WholeFile.send(file, channel -> write(channel, header, layers, source));
    } catch (IOException failure) {
      throw new FormatException(
          file + " cannot be written (" + failure + "): the folder must exist and be writable",
          failure);
    }
  }

  /**
   * Writes the bytes of a weights file into a channel.
   *
   * @param channel receives all bytes
   * @param header the start
   * @param layers the convolutions to write
   * @param source gives the numbers of each layer, asked in that order
   * @throws IOException where the channel fails
   */
  public static void write(
      WritableByteChannel channel,
      Header header,
      List<? extends Layer> layers,
      Function<Layer, LayerWeights> source)
      throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    block.putInt(header.major()).putInt(header.minor()).putInt(header.revision());
    if (header.bytes() == 20) {
      block.putLong(header.seen());
    } else {
      block.putInt((int) header.seen());
    }
    for (Layer layer : layers) {
      for (float[] array : source.apply(layer).inFileOrder()) {
        for (float value : array) {
          if (block.remaining() < Float.BYTES) {
            drain(channel, block);
          }
          block.putFloat(value);
        }
      }
    }
    drain(channel, block);
  }

  private static void drain(WritableByteChannel channel, ByteBuffer block) throws IOException {
    block.flip();
    while (block.hasRemaining()) {
      channel.write(block);
    }
    block.clear();
  }

  private static Header readHeader(String file, ReadableByteChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    fill(file, channel, start.limit(16));
    int major = start.getInt(0);
    int minor = start.getInt(4);
    int revision = start.getInt(8);
    // above 1000, darknet stores the matrices of fully connected layers transposed
    if (major < 0 || minor < 0 || major > 2000 || minor > 2000) {
      throw new FormatException(
          "%s: is not a darknet weights file: its version would be %d.%d.%d"
                  .formatted(file, major, minor, revision)
              + "; fetch it again, or give a .safetensors, .pt or .pth file its own ending");
    }
    if (!Header.wide(major, minor)) {
      return new Header(major, minor, revision, Integer.toUnsignedLong(start.getInt(12)));
    }
    fill(file, channel, start.limit(20));
    return new Header(major, minor, revision, start.getLong(12));
  }

  /** Reads up to the limit; a read may stop anywhere. */
  private static void fill(String file, ReadableByteChannel channel, ByteBuffer start)
      throws IOException {
    while (start.hasRemaining()) {
      if (channel.read(start) < 0) {
        throw new FormatException(
            "%s: has %d bytes, too few for the header of a weights file; fetch it again"
                .formatted(file, start.position()));
      }
    }
  }

  /** Compares the bytes after the header with the cfg; gives how many layers are there. */
  private static int fit(
      String file, CfgFile cfg, List<Layer> weighted, long bytes, boolean partial) {
    long left = bytes;
    for (int i = 0; i < weighted.size(); i++) {
      Layer layer = weighted.get(i);
      long needed = layer.storedFloats() * Float.BYTES;
      if (left == 0 && i > 0) {
        if (partial) {
          return i;
        }
        throw new FormatException(
            "%s: ends after layer %d of %s, which has %d layers: a backbone? Read it as a partial"
                    .formatted(file, weighted.get(i - 1).index(), cfg.name(), cfg.layers().size())
                + " file to leave the other layers as they are");
      }
      if (left < needed) {
        throw new FormatException(
            "%s: ends in layer %d (%s:%d) with %d of its %d bytes, %d bytes too short in all: a"
                    .formatted(
                        file,
                        layer.index(),
                        cfg.name(),
                        layer.line(),
                        left,
                        needed,
                        cfg.storedFloats() * Float.BYTES - bytes)
                + " truncated file, or the weights of another cfg or number of classes; fetch it"
                + " again, or give the cfg that it was trained with");
      }
      left -= needed;
    }
    if (left > 0) {
      throw new FormatException(
          "%s: %d bytes are left over after the last layer of %s: the weights of another cfg?"
              .formatted(file, left, cfg.name()));
    }
    return weighted.size();
  }

  private static void readFloats(ReadableByteChannel channel, ByteBuffer block, float[] into)
      throws IOException {
    int done = 0;
    while (done < into.length) {
      int count = Math.min(into.length - done, block.capacity() / Float.BYTES);
      block.clear().limit(count * Float.BYTES);
      while (block.hasRemaining()) {
        if (channel.read(block) < 0) {
          throw new EOFException("the file became shorter while it was read");
        }
      }
      block.flip();
      block.asFloatBuffer().get(into, done, count);
      done += count;
    }
  }
}
