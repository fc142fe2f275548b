package dev.peregrine.yolo.torch;

import dev.peregrine.tensor.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/** The two containers of PyTorch: a zip archive, and before that pickles one after another. */
final class Container {
  private static final String PICKLE = "data.pkl";
  private static final BigInteger MAGIC = new BigInteger("119547037146038801333356");
  private static final int PROTOCOL = 0x80;

  private Container() {}

  /** The value that a file holds; all tensors in it have their numbers. */
  static Object read(String where, MemorySegment bytes) {
    if (ZipArchive.begins(bytes)) {
      return archive(where, new ZipArchive(where, bytes));
    }
    if (bytes.byteSize() > 0
        && Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, 0)) == PROTOCOL) {
      return legacy(where, bytes);
    }
    throw new FormatException(
        where
            + ": is no PyTorch checkpoint: it begins neither like a zip archive nor like a pickle;"
            + " weights in other formats end in .weights or .safetensors");
  }

  private static Object archive(String where, ZipArchive zip) {
    String main =
        zip.names().stream()
            .filter(name -> name.equals(PICKLE) || name.endsWith("/" + PICKLE))
            .findFirst()
            .orElseThrow(() ->
                new FormatException(
                    where
                        + ": is a zip archive without "
                        + PICKLE
                        + ", so it is no PyTorch checkpoint"));
    String prefix = main.substring(0, main.length() - PICKLE.length());
    ByteOrder order = order(zip, prefix + "byteorder");
    TorchCallables callables =
        new TorchCallables(
            where,
            (key, type, elements) ->
                new Storage(key, type, elements)
                    .fill(where, zip.read(prefix + "data/" + key), order));
    return new Pickle(where, zip.read(main), 0, callables).read();
  }

  private static ByteOrder order(ZipArchive zip, String entry) {
    if (!zip.contains(entry)) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    MemorySegment word = zip.read(entry);
    boolean big = word.byteSize() > 0 && word.get(ValueLayout.JAVA_BYTE, 0) == 'b';
    return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  private static Object legacy(String where, MemorySegment bytes) {
    TorchCallables callables =
        new TorchCallables(
            where,
            (key, type, elements) -> {
              if (elements < 0 || elements > bytes.byteSize() / type.bytes()) {
                throw new FormatException(
                    "%s: storage '%s' claims %d numbers of %s, more than the file holds"
                        .formatted(where, key, elements, type));
              }
              return new Storage(key, type, elements);
            });
    Pickle magic = new Pickle(where, bytes, 0, callables);
    if (!(magic.read() instanceof BigInteger number) || !number.equals(MAGIC)) {
      throw new FormatException(
          where + ": is a pickle but no PyTorch checkpoint: it begins with another number");
    }
    Pickle version = new Pickle(where, bytes, magic.end(), callables);
    version.read();
    Pickle system = new Pickle(where, bytes, version.end(), callables);
    boolean big =
        system.read() instanceof Map<?, ?> map && Boolean.FALSE.equals(map.get("little_endian"));
    Pickle content = new Pickle(where, bytes, system.end(), callables);
    Object value = content.read();
    Pickle keys = new Pickle(where, bytes, content.end(), callables);
    if (!(keys.read() instanceof List<?> list)) {
      throw new FormatException(where + ": lacks the list of its storages; the file is damaged");
    }
    fill(where, bytes, keys.end(), big, list, callables.storages());
    return value;
  }

  private static void fill(
      String where,
      MemorySegment bytes,
      long from,
      boolean big,
      List<?> keys,
      Map<String, Storage> storages) {
    PickleInput input = new PickleInput(where, bytes, from);
    ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    for (Object key : keys) {
      Storage storage = key instanceof String text ? storages.get(text) : null;
      if (storage == null) {
        throw new FormatException(
            where + ": lists a storage that nothing uses; the file is damaged");
      }
      long elements = input.little(8);
      long size = storage.elements() * storage.type().bytes();
      if (big
          ? Long.reverseBytes(elements) != storage.elements()
          : elements != storage.elements()) {
        throw new FormatException(
            "%s: a storage of %d numbers was announced with %d; the file is damaged"
                .formatted(where, elements, storage.elements()));
      }
      storage.fill(where, input.skip(size), order);
    }
    storages.values().forEach(storage -> storage.bytes(where));
  }
}
