package dev.peregrine.yolo.torch;

import java.util.Arrays;
import java.util.Optional;

/** The element types of tensors in a file. */
public enum TorchType {
  /** IEEE, 4 bytes. */
  FLOAT32("FloatStorage", 4),
  /** IEEE, 8 bytes. */
  FLOAT64("DoubleStorage", 8),
  /** IEEE, 2 bytes. */
  FLOAT16("HalfStorage", 2),
  /** The upper half of a 4-byte float. */
  BFLOAT16("BFloat16Storage", 2),
  /** Signed, 8 bytes. */
  INT64("LongStorage", 8),
  /** Signed, 4 bytes. */
  INT32("IntStorage", 4),
  /** Signed, 2 bytes. */
  INT16("ShortStorage", 2),
  /** Signed, one byte. */
  INT8("CharStorage", 1),
  /** Unsigned, one byte. */
  UINT8("ByteStorage", 1),
  /** 0 or 1, one byte. */
  BOOL("BoolStorage", 1);

  private final String storage;
  private final int bytes;

  TorchType(String storage, int bytes) {
    this.storage = storage;
    this.bytes = bytes;
  }

  /** The class of its storages in PyTorch. */
  String storage() {
    return storage;
  }

  /**
   * Returns the size of an element.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Tells floating point from whole numbers.
   *
   * @return whether it holds fractions
   */
  public boolean isFloat() {
    return this == FLOAT32 || this == FLOAT64 || this == FLOAT16 || this == BFLOAT16;
  }

  static Optional<TorchType> ofStorage(String storage) {
    return Arrays.stream(values()).filter(type -> type.storage.equals(storage)).findFirst();
  }
}
