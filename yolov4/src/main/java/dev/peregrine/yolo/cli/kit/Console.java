package dev.peregrine.yolo.cli.kit;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * What a verb reads from and writes to.
 *
 * @param in lists of pictures
 * @param out results
 * @param err errors, and progress where the result itself goes to {@code out}
 * @param terminal whether a person watches, so that a progress bar may be drawn
 */
public record Console(InputStream in, PrintStream out, PrintStream err, boolean terminal) {
  /** The streams of this process. */
  @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where no terminal is
  public static Console system() {
    java.io.Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    return new Console(System.in, System.out, System.err, terminal);
  }
}
