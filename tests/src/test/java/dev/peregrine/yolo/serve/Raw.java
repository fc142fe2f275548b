package dev.peregrine.yolo.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Requests byte for byte, as no decent client sends them. */
final class Raw {
  private static final int PATIENCE_MILLIS = 120_000;

  private Raw() {}

  static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  static void send(Socket socket, String... lines) throws IOException {
    String text = String.join("\r\n", lines) + "\r\n\r\n";
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** All that comes until the server closes the connection. */
  static String rest(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** The whole answer; a Host is added unless the headers have one, or something odd. */
  static String answer(int port, String line, String... headers) {
    boolean named =
        Arrays.stream(headers).anyMatch(h -> h.startsWith("Host:") || h.startsWith("X:"));
    try (Socket socket = connect(port)) {
      send(
          socket,
          line,
          named ? "Via: test" : "Host: localhost",
          headers.length == 0 ? "Accept: */*" : String.join("\r\n", headers),
          "Connection: close");
      return rest(socket);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  static int status(int port, String line, String... headers) {
    return Integer.parseInt(answer(port, line, headers).split(" ", 3)[1]);
  }
}
