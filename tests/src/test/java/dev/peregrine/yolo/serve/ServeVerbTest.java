package dev.peregrine.yolo.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code ./yolo serve} as a process of its own, from its start to its end. */
class ServeVerbTest {
  private static final Pattern ADDRESS =
      Pattern.compile("listening at http://127\\.0\\.0\\.1:(\\d+)/ \\(Ctrl-C stops\\)");

  private static int port(BufferedReader lines) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher address = ADDRESS.matcher(line);
      if (address.matches()) {
        return Integer.parseInt(address.group(1));
      }
      all.append(line).append('\n');
    }
    throw new AssertionError("it did not listen: " + all);
  }

  @Test
  void itListensLeavesSlowClientsAndStopsWhenAsked() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "--add-modules=jdk.incubator.vector",
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "port=0",
                "threads=1",
                "imgsz=96",
                "batch=1",
                "read_timeout=1")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader lines = process.inputReader()) {
      int port = port(lines);
      assertThat(Raw.status(port, "GET /healthz HTTP/1.1")).isEqualTo(200);
      try (Socket drip = Raw.connect(port)) {
        // Headers that never end: the connection is closed without an answer.
        drip.getOutputStream()
            .write("GET / HTTP/1.1\r\nHost: loc".getBytes(StandardCharsets.US_ASCII));
        drip.getOutputStream().flush();
        assertThat(Raw.rest(drip)).isEmpty();
      }
      byte[] blood = Files.readAllBytes(Served.blood());
      try (Socket begun = Raw.connect(port)) {
        Raw.send(
            begun,
            "POST /predict HTTP/1.1",
            "Host: localhost",
            "Content-Type: image/jpeg",
            "Content-Length: " + blood.length);
        begun.getOutputStream().write(blood, 0, 1000);
        begun.getOutputStream().flush();
        // A look that comes after it has been answered after it was begun.
        while (!Raw.answer(port, "GET /metrics HTTP/1.1").contains("_in_flight 2")) {
          Thread.onSpinWait();
        }
        process.toHandle().destroy(); // unlike process.destroy(), this leaves the streams open
        assertThat(lines.readLine()).isEqualTo("finishing what was begun ...");
        begun.getOutputStream().write(blood, 1000, blood.length - 1000);
        assertThat(Raw.rest(begun)).startsWith("HTTP/1.1 200 ");
      }
      assertThat(lines.readLine()).isEqualTo("stopped");
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }
}
