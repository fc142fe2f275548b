package dev.peregrine.bench.gpu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The process in which PyTorch runs; {@code torch_peer.py} says how it is spoken to. */
final class TorchProcess implements AutoCloseable {
  private static final String SCRIPT = "torch_peer.py";

  private final Process process;
  private final Writer orders;
  private final BufferedReader answers;
  private final Map<String, String> facts;

  /** What PyTorch could not do, in its own words. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failure(String sentence) {
      super(sentence);
    }
  }

  /**
   * Starts PyTorch.
   *
   * <p><b>Errors</b> {@link Failure} in one sentence where it is not installed.
   *
   * @param python the command that starts Python
   * @param folder where the script goes
   */
  TorchProcess(String python, Path folder) throws IOException {
    Path script = folder.resolve(SCRIPT);
    try (InputStream in = TorchProcess.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IOException("the program " + SCRIPT + " is missing in this build");
      }
      Files.write(script, in.readAllBytes());
    }
    try {
      process =
          new ProcessBuilder(python, script.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException absent) {
      throw new Failure(python + " cannot be started: " + absent.getMessage());
    }
    orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    facts = ask("hello");
  }

  /** What it says of itself: its version and device. */
  Map<String, String> facts() {
    return facts;
  }

  /**
   * Gives an order and waits for the answer.
   *
   * <p><b>Errors</b> {@link Failure} with its sentence.
   *
   * @param words the order and its arguments
   * @return what it answered
   */
  Map<String, String> ask(String... words) {
    String answer;
    try {
      try {
        orders.write(String.join("\t", words) + "\n");
        orders.flush();
      } catch (IOException gone) {
        // A process that ended has left its reason.
        answer = answers.readLine();
        throw new Failure(answer == null ? "PyTorch's process ended" : sentence(answer));
      }
      answer = answers.readLine();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    if (answer == null) {
      throw new Failure("PyTorch's process ended");
    }
    if (!answer.startsWith("ok")) {
      throw new Failure(sentence(answer));
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : List.of(answer.split("\t")).subList(1, answer.split("\t").length)) {
      int equals = pair.indexOf('=');
      values.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return values;
  }

  private static String sentence(String answer) {
    return answer.substring(answer.indexOf('\t') + 1);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
