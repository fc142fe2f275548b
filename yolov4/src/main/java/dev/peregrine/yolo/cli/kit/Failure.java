package dev.peregrine.yolo.cli.kit;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.shape.DTypeException;
import dev.peregrine.tensor.shape.ShapeException;
import java.io.PrintStream;
import java.io.UncheckedIOException;

/** Exit statuses, and how an exception becomes one of them and a sentence. */
public final class Failure {
  /** Done. */
  public static final int NONE = 0;

  /** The work failed. */
  public static final int WORK = 1;

  /** The call or an input was wrong. */
  public static final int WRONG_CALL = 2;

  private Failure() {}

  /** Writes the sentence of an exception and returns the exit status. */
  public static int tell(Throwable thrown, boolean verbose, PrintStream err) {
    err.println("yolo: " + sentence(thrown));
    if (verbose) {
      thrown.printStackTrace(err);
    }
    return status(thrown);
  }

  private static int status(Throwable thrown) {
    return switch (thrown) {
      case UsageException _, FormatException _, ShapeException _, DTypeException _ -> WRONG_CALL;
      case DeviceException _, IllegalArgumentException _ -> WRONG_CALL;
      default -> WORK;
    };
  }

  private static String sentence(Throwable thrown) {
    String message = thrown.getMessage() == null ? "" : thrown.getMessage();
    return switch (thrown) {
      case OutOfMemoryError _ ->
          "out of memory ("
              + Runtime.getRuntime().maxMemory() / (1 << 20)
              + " MiB may be used); take a smaller imgsz= or batch=, or give Java more with"
              + " JDK_JAVA_OPTIONS=-Xmx...";
      case LinkageError _ when message.contains("jdk/incubator/vector") ->
          "the Vector API is not there: start with ./yolo, or add --add-modules"
              + " jdk.incubator.vector to java";
      case UncheckedIOException failure -> message + " (" + failure.getCause() + ")";
      // The message of these is the sentence; the others were not meant for people.
      case UsageException _, FormatException _, ShapeException _, DTypeException _ -> message;
      case DeviceException _, IllegalArgumentException _, ArithmeticException _ -> message;
      default ->
          "a fault of this program: "
              + thrown
              + "; repeat the call with verbose=true and report it";
    };
  }
}
