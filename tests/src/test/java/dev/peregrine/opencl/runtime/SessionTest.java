package dev.peregrine.opencl.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sessions come and go in many threads. */
class SessionTest {
  private static final int THREADS = 4;
  private static final int SESSIONS = 150;
  private static final int SIZE = 1 << 10;
  private static final int COPIES_TO_COMPILE = 20_000;
  private static final int COPIES = 500;

  /** Skipped on a machine without OpenCL, unless one is demanded. */
  @BeforeAll
  static void requireOpenCl() {
    assertThat(TestDevices.openCl()).isNotNull();
  }

  /** Without a lock around contexts the process dies here, in native code. */
  @Test
  void opensAndClosesInManyThreads() throws Exception {
    Callable<Integer> opening =
        () -> {
          int opened = 0;
          for (int i = 0; i < SESSIONS; i++) {
            opened += Session.open("opencl", 0, UnaryOperator.identity()).name().isEmpty() ? 0 : 1;
            if (i % 10 == 0) {
              // Whoever forgets a session lets the collector close it, in a thread of its own.
              System.gc();
            }
          }
          return opened;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        counts.add(threads.submit(opening));
      }
      for (Future<Integer> count : counts) {
        assertThat(count.get()).isEqualTo(SESSIONS);
      }
    }
  }

  /** What a session does when it is closed: else each one would stay in memory. */
  @Test
  void programsThatAreGivenBackLetTheirContextGo() {
    OpenClDevices.Handle handle = OpenClDevices.handles().getFirst();
    cl_context_properties properties = new cl_context_properties();
    properties.addProperty(CL.CL_CONTEXT_PLATFORM, handle.platform());
    cl_context context = Contexts.create(properties, handle.device());
    int alone = references(context);
    Programs programs = new Programs(context, handle.device(), "opencl");
    Source source = new Source("nothing.cl", "nothing", "__kernel void nothing() {}");
    CL.clReleaseKernel(programs.kernel(source));
    assertThat(references(context)).isGreaterThan(alone);
    programs.close();
    assertThat(references(context)).isEqualTo(alone);
    Contexts.release(context);
  }

  private static int references(cl_context context) {
    int[] count = new int[1];
    NativeCalls.check(
        CL.clGetContextInfo(
            context, CL.CL_CONTEXT_REFERENCE_COUNT, Sizeof.cl_uint, Pointer.to(count), null));
    return count[0];
  }

  /** Memory stays while the driver copies it, though nobody asks for the buffer afterwards. */
  @Test
  void copiesWhileTheCollectorRuns() throws Exception {
    Session session = Session.open("opencl", 0, UnaryOperator.identity());
    float[] numbers = new float[SIZE];
    float[] back = new float[SIZE];
    // Only compiled code forgets a buffer before its last call has ended.
    for (int i = 0; i < COPIES_TO_COMPILE; i++) {
      copy(session, numbers, back);
    }
    AtomicBoolean done = new AtomicBoolean();
    Thread collector =
        Thread.ofPlatform()
            .start(() -> {
              while (!done.get()) {
                System.gc();
              }
            });
    try {
      for (int i = 0; i < COPIES; i++) {
        numbers[i % SIZE] = i;
        copy(session, numbers, back);
        assertThat(back[i % SIZE]).isEqualTo(i);
      }
    } finally {
      done.set(true);
      collector.join();
    }
  }

  private static void copy(Session session, float[] numbers, float[] back) {
    OpenClBuffer buffer = session.allocate(new Spec(DType.F32, Shape.of(SIZE)));
    session.write(numbers, buffer);
    session.read(buffer, back);
  }
}
