package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.shape.DType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Puts the text of a program together: definitions, then a {@code .cl} file with its includes in
 * their places.
 *
 * <p>Equal texts are compiled once, so what distinguishes programs is in the definitions alone;
 * extents of values are arguments of kernels.
 */
final class Sources {
  private static final String INCLUDE = "#include \"";

  /** Definitions of a program, in order. */
  private final Map<String, String> definitions = new LinkedHashMap<>();

  private final String file;

  private Sources(String file) {
    this.file = file;
  }

  /** Begins a program. */
  static Sources of(String file) {
    return new Sources(file);
  }

  /** Begins a program whose {@code stored} is a type. */
  static Sources of(String file, DType stored) {
    Sources sources = new Sources(file);
    return switch (stored) {
      case F64 -> sources.define("DOUBLES", "");
      case F16 -> sources.define("HALVES", "");
      case F32, I32, U8 -> sources;
    };
  }

  Sources define(String name, Object value) {
    definitions.put(name, value.toString());
    return this;
  }

  /** Ends the program and names the kernel that is wanted of it. */
  Source entry(String entry) {
    StringBuilder text = new StringBuilder();
    definitions.forEach((name, value) ->
        text.append("#define ").append(name).append(' ').append(value).append('\n'));
    append(text, file);
    return new Source(file, entry, text.toString());
  }

  private static void append(StringBuilder text, String file) {
    for (String line : read(file).split("\n", -1)) {
      if (line.startsWith(INCLUDE)) {
        append(text, line.substring(INCLUDE.length(), line.lastIndexOf('"')));
      } else {
        text.append(line).append('\n');
      }
    }
  }

  private static String read(String file) {
    try (InputStream in = Sources.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new DeviceException("opencl: the program " + file + " is missing in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new DeviceException("opencl: the program " + file + " cannot be read", failure);
    }
  }

  /** What changes whenever a program of tiles does. */
  static String fingerprint() {
    CRC32 sum = new CRC32();
    for (String file :
        List.of(
            "convolution.cl",
            "input_gradient.cl",
            "weight_gradient.cl",
            "matmul.cl",
            "winograd.cl")) {
      sum.update(of(file).entry("").text().getBytes(StandardCharsets.UTF_8));
    }
    return Long.toHexString(sum.getValue());
  }

  /** The name of an element type in OpenCL C. */
  static String type(DType dtype) {
    return switch (dtype) {
      case F32 -> "float";
      case F64 -> "double";
      case F16 -> "half";
      case I32 -> "int";
      case U8 -> "uchar";
    };
  }

  /** An integer type as large as an element, for kernels that only move it. */
  static String carrier(DType dtype) {
    return switch (dtype) {
      case F32, I32 -> "uint";
      case F64 -> "ulong";
      case F16 -> "ushort";
      case U8 -> "uchar";
    };
  }
}
