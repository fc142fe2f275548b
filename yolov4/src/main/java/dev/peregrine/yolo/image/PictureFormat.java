package dev.peregrine.yolo.image;

/** The picture formats that are read, known by the first bytes of a file and not by its name. */
enum PictureFormat {
  JPEG,
  PNG,
  WEBP,
  BMP,
  GIF,
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
    return OTHER;
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
