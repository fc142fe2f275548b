package dev.peregrine.bench.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Loader;

/**
 * oneDNN's product of two square matrices, the yardstick.
 *
 * <p>The library is called directly: its Java binding wants OpenCL to be installed.
 */
@SuppressWarnings("restricted")
final class Sgemm implements Side {
  private static final int SIZE = 2048;
  private static final long CACHE_LINE = 64;

  private final Arena arena = Arena.ofShared();
  private final MethodHandle sgemm;
  private final MemorySegment a = random(1);
  private final MemorySegment b = random(2);
  private final MemorySegment c = matrix();

  Sgemm() {
    MemorySegment function = SymbolLookup.libraryLookup(library(), arena).findOrThrow("dnnl_sgemm");
    FunctionDescriptor descriptor =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_BYTE,
            ValueLayout.JAVA_BYTE,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_FLOAT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_FLOAT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG);
    sgemm = Linker.nativeLinker().downcallHandle(function, descriptor);
  }

  /** Unpacks the library and the OpenMP that it looks for beside itself. */
  private static Path library() {
    try {
      Path folder = Files.createTempDirectory("peregrine-onednn-");
      folder.toFile().deleteOnExit();
      unpack("libgomp.so.1", folder);
      return unpack("libdnnl.so.3", folder);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static Path unpack(String name, Path folder) throws IOException {
    String resource = "/org/bytedeco/dnnl/" + Loader.getPlatform() + "/" + name;
    try (InputStream in = Sgemm.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("the class path has no " + resource);
      }
      Path file = folder.resolve(name);
      Files.copy(in, file);
      file.toFile().deleteOnExit();
      return file;
    }
  }

  private MemorySegment matrix() {
    return arena.allocate(4L * SIZE * SIZE, CACHE_LINE);
  }

  private MemorySegment random(long seed) {
    Random random = new Random(seed);
    MemorySegment matrix = matrix();
    for (long i = 0; i < (long) SIZE * SIZE; i++) {
      matrix.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat() - 0.5f);
    }
    return matrix;
  }

  static double flops() {
    return 2.0 * SIZE * SIZE * SIZE;
  }

  @Override
  public String name() {
    return "sgemm " + SIZE;
  }

  @Override
  public void run() {
    byte plain = 'N';
    int status;
    try {
      status =
          (int)
              sgemm.invokeExact(
                  plain,
                  plain,
                  (long) SIZE,
                  (long) SIZE,
                  (long) SIZE,
                  1f,
                  a,
                  (long) SIZE,
                  b,
                  (long) SIZE,
                  0f,
                  c,
                  (long) SIZE);
    } catch (Throwable failure) {
      throw new IllegalStateException("oneDNN: dnnl_sgemm failed", failure);
    }
    if (status != 0) {
      throw new IllegalStateException("oneDNN: dnnl_sgemm returned " + status);
    }
  }

  /** Compares one element of the product with its definition, so that the yardstick is one. */
  void check() {
    double sum = 0;
    for (int k = 0; k < SIZE; k++) {
      sum +=
          (double) a.getAtIndex(ValueLayout.JAVA_FLOAT, k)
              * b.getAtIndex(ValueLayout.JAVA_FLOAT, (long) k * SIZE);
    }
    float found = c.getAtIndex(ValueLayout.JAVA_FLOAT, 0);
    if (Math.abs(sum - found) > 1e-3) {
      throw new IllegalStateException("oneDNN: dnnl_sgemm gave " + found + " instead of " + sum);
    }
  }

  @Override
  public List<float[]> results() {
    return List.of();
  }

  @Override
  public void close() {
    arena.close();
  }
}
