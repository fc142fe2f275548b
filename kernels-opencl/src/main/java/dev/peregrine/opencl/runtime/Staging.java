package dev.peregrine.opencl.runtime;

import dev.peregrine.tensor.device.DeviceException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_event;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/**
 * The way of numbers between Java arrays and the device: through pinned memory of the host, which
 * the device reads and writes by itself, piece by piece, so that one piece crosses the bus while
 * the next is copied.
 *
 * <p>Nobody waits for what is written. A few numbers are put in line with the kernels. Many, such
 * as a batch of pictures, cross on the second queue while kernels run, into a landing place, since
 * their own place may still be read by those; a copy within the device, in line with the kernels,
 * brings them home.
 */
final class Staging {
  /** Up to so many bytes stand in line with the kernels. */
  private static final int FEW = 1 << 16;

  private static final int PIECE = 1 << 22;
  private static final int PIECES = 4;
  private static final int SMALL_PIECES = 32;

  /** A landing place takes no more than this share of the device. */
  private static final long LANDING_SHARE = 16;

  private final DriverCalls calls;
  private final DeviceMemory memory;
  private final long largestLanding;
  private final Ring few;
  private final Ring out;
  private final Ring in;
  private final Landing[] landings = {new Landing(), new Landing()};
  private int nextLanding;

  Staging(DriverCalls calls, DeviceMemory memory, long capacity) {
    this.calls = calls;
    this.memory = memory;
    this.largestLanding = capacity / LANDING_SHARE;
    this.few = new Ring(FEW, SMALL_PIECES);
    this.out = new Ring(PIECE, PIECES);
    this.in = new Ring(PIECE, PIECES);
  }

  /** Memory of the device where numbers arrive, and the copy that takes them away. */
  private static final class Landing {
    private @Nullable Block block;
    private @Nullable cl_event emptied;
  }

  /** Pieces of pinned memory that are used in turn. */
  private final class Ring {
    private final int size;
    private final @Nullable cl_event[] busy;
    private @Nullable ByteBuffer memory;
    private int last = -1;

    Ring(int size, int count) {
      this.size = size;
      this.busy = new cl_event[count];
    }

    /** Takes the next piece, once the device is done with what it held. */
    ByteBuffer take(long bytes) {
      ByteBuffer all = memory;
      if (all == null) {
        all = calls.pin(size * busy.length);
        memory = all;
      }
      last = (last + 1) % busy.length;
      cl_event use = busy[last];
      if (use != null) {
        busy[last] = null;
        calls.await(use);
      }
      return all.slice(last * size, (int) Math.min(size, bytes)).order(all.order());
    }

    /** Says when the piece that was taken last is free again. */
    void busyUntil(cl_event event) {
      busy[last] = event;
    }
  }

  /**
   * Asks for a copy of a Java array, which the caller may change again at once.
   *
   * @param from the array
   * @param to the memory
   * @param start the first byte of it
   * @param bytes how many
   */
  void write(Object from, cl_mem to, long start, long bytes) {
    if (bytes <= FEW) {
      synchronized (few) {
        ByteBuffer piece = few.take(bytes);
        put(from, 0, piece);
        few.busyUntil(calls.write(to, start, piece));
      }
      return;
    }
    synchronized (out) {
      Landing landing = landing(bytes);
      if (landing == null) {
        for (long done = 0; done < bytes; done += PIECE) {
          ByteBuffer piece = out.take(bytes - done);
          put(from, done, piece);
          out.busyUntil(calls.write(to, start + done, piece));
        }
      } else {
        fly(from, landing, to, start, bytes);
      }
    }
  }

  private void fly(Object from, Landing landing, cl_mem to, long start, long bytes) {
    cl_mem place = Objects.requireNonNull(landing.block).memory();
    cl_event emptied = landing.emptied;
    landing.emptied = null;
    cl_event arrived = null;
    for (long done = 0; done < bytes; done += PIECE) {
      ByteBuffer piece = out.take(bytes - done);
      put(from, done, piece);
      arrived = calls.upload(place, done, piece, done == 0 ? emptied : null);
      if (done + PIECE < bytes) {
        out.busyUntil(arrived);
      }
    }
    if (emptied != null) {
      calls.forget(emptied);
    }
    if (arrived != null) {
      landing.emptied = calls.copy(place, to, start, bytes, arrived);
      out.busyUntil(arrived);
    }
  }

  /** Finds a landing place, or none where the numbers are too many for one. */
  private @Nullable Landing landing(long bytes) {
    if (bytes > largestLanding) {
      return null;
    }
    Landing landing = landings[nextLanding];
    if (landing.block == null || landing.block.bytes() < bytes) {
      landing.block = null;
      try {
        landing.block = memory.allocate(bytes, "an upload");
      } catch (DeviceException exhausted) {
        if (exhausted.getCause() instanceof CLException failure && Failures.isExhaustion(failure)) {
          return null;
        }
        throw exhausted;
      }
    }
    nextLanding = (nextLanding + 1) % landings.length;
    return landing;
  }

  /**
   * Copies to a Java array, after everything that was asked for before.
   *
   * @param from the memory
   * @param start the first byte of it
   * @param bytes how many
   * @param to the array
   */
  void read(cl_mem from, long start, long bytes, Object to) {
    if (bytes <= FEW) {
      calls.read(from, start, bytes, pointer(to));
      return;
    }
    synchronized (in) {
      ArrayDeque<ByteBuffer> coming = new ArrayDeque<>();
      ArrayDeque<cl_event> events = new ArrayDeque<>();
      long asked = 0;
      long got = 0;
      while (got < bytes) {
        while (asked < bytes && coming.size() < PIECES) {
          ByteBuffer piece = in.take(bytes - asked);
          events.add(calls.fetch(from, start + asked, piece));
          coming.add(piece);
          asked += piece.remaining();
        }
        calls.await(events.remove());
        ByteBuffer piece = coming.remove();
        get(piece, to, got);
        got += piece.remaining();
      }
    }
  }

  private static void put(Object from, long start, ByteBuffer to) {
    int bytes = to.remaining();
    switch (from) {
      case float[] floats ->
          to.asFloatBuffer().put(floats, (int) (start / Float.BYTES), bytes / Float.BYTES);
      case int[] ints ->
          to.asIntBuffer().put(ints, (int) (start / Integer.BYTES), bytes / Integer.BYTES);
      case double[] doubles ->
          to.asDoubleBuffer().put(doubles, (int) (start / Double.BYTES), bytes / Double.BYTES);
      case short[] halves ->
          to.asShortBuffer().put(halves, (int) (start / Short.BYTES), bytes / Short.BYTES);
      case byte[] octets -> to.duplicate().put(octets, (int) start, bytes);
      default -> throw unknown(from);
    }
  }

  private static void get(ByteBuffer from, Object to, long start) {
    int bytes = from.remaining();
    switch (to) {
      case float[] floats ->
          from.asFloatBuffer().get(floats, (int) (start / Float.BYTES), bytes / Float.BYTES);
      case int[] ints ->
          from.asIntBuffer().get(ints, (int) (start / Integer.BYTES), bytes / Integer.BYTES);
      case double[] doubles ->
          from.asDoubleBuffer().get(doubles, (int) (start / Double.BYTES), bytes / Double.BYTES);
      case short[] halves ->
          from.asShortBuffer().get(halves, (int) (start / Short.BYTES), bytes / Short.BYTES);
      case byte[] octets -> from.duplicate().get(octets, (int) start, bytes);
      default -> throw unknown(to);
    }
  }

  private static Pointer pointer(Object array) {
    return switch (array) {
      case float[] floats -> Pointer.to(floats);
      case double[] doubles -> Pointer.to(doubles);
      case int[] ints -> Pointer.to(ints);
      case short[] halves -> Pointer.to(halves);
      case byte[] bytes -> Pointer.to(bytes);
      default -> throw unknown(array);
    };
  }

  /** The complaint about an array of a type that no value has. */
  private static DeviceException unknown(Object array) {
    return new DeviceException(
        "opencl: an array of " + array.getClass().getSimpleName() + " cannot be copied");
  }
}
