package dev.peregrine.yolo.image;

/** The picture formats that are read, known by the first bytes of a file and not by its name. */
enum PictureFormat {
  JPEG,
  PNG,
  WEBP,
  BMP,
  GIF,
  TIFF,
  /** None of the others. */
  OTHER;

  /** The name under which decoders are registered. */
  String readerName() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * Looks at the signature.
   *
   * @param file the whole file or its beginning
   */
  static PictureFormat of(byte[] file) {
    if (starts(file, 0, 0xff, 0xd8, 0xff)) {
      return JPEG;
    }
    if (starts(file, 0, 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a)) {
      return PNG;
    }
    if (starts(file, 0, 'R', 'I', 'F', 'F') && starts(file, 8, 'W', 'E', 'B', 'P')) {
      return WEBP;
    }
    if (starts(file, 0, 'B', 'M') && file.length > 26) {
      return BMP;
    }
    if (starts(file, 0, 'G', 'I', 'F', '8')) {
      return GIF;
    }
    if (starts(file, 0, 'I', 'I', 42, 0) || starts(file, 0, 'M', 'M', 0, 42)) {
      return TIFF;
    }
    return OTHER;
  }

  /**
   * Whether a file ends as whole files of its format do.
   *
   * @param tail the last bytes of the file, four kilobytes or all of it
   * @param head its first bytes
   * @param length of the file
   */
  boolean endsWell(byte[] head, byte[] tail, long length) {
    return switch (this) {
      case JPEG -> JpegFile.hasEnd(tail, -1);
      case PNG -> has(tail, 'I', 'E', 'N', 'D');
      case GIF -> has(tail, 0x3b);
      case WEBP -> length >= 8 + number(head, 4);
      case BMP -> length >= number(head, 2);
      case TIFF, OTHER -> false; // the parts of a TIFF may lie in any order
    };
  }

  private static boolean has(byte[] tail, int... mark) {
    for (int i = tail.length - mark.length; i >= 0; i--) {
      if (starts(tail, i, mark)) {
        return true;
      }
    }
    return false;
  }

  /** Four bytes, the lowest first. */
  private static long number(byte[] bytes, int at) {
    long value = 0;
    for (int i = 3; i >= 0; i--) {
      value = value << 8 | (at + i < bytes.length ? bytes[at + i] & 0xff : 0);
    }
    return value;
  }

  private static boolean starts(byte[] file, int at, int... signature) {
    if (file.length < at + signature.length) {
      return false;
    }
    for (int i = 0; i < signature.length; i++) {
      if ((file[at + i] & 0xff) != signature[i]) {
        return false;
      }
    }
    return true;
  }
}
