package dev.peregrine.yolo.serve;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads what a client sends: not too much of it, and not too slowly. */
final class RequestBody {
  private static final int CHUNK = 1 << 16;

  private RequestBody() {}

  /**
   * Reads all of a body.
   *
   * <p>Another thread reads, so that a client that stops sending can still be told why it is left.
   *
   * <p><b>Errors</b> {@link Refusal} 413 for too many bytes, before they are read where the client
   * said how many; 408 for too slow a client.
   *
   * @param exchange the request
   * @param most bytes
   * @param time for all of them
   */
  static byte[] read(HttpExchange exchange, int most, Duration time) throws IOException {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    // The server has refused lengths that are no numbers.
    long announced = length == null ? -1 : Long.parseLong(length.strip());
    if (announced > most) {
      throw tooLarge(most);
    }
    CompletableFuture<byte[]> body = new CompletableFuture<>();
    Thread reader =
        Thread.ofVirtual()
            .name("peregrine-body")
            .start(() -> {
              try {
                body.complete(upTo(exchange.getRequestBody(), announced, most));
              } catch (IOException | RuntimeException | OutOfMemoryError fault) {
                body.completeExceptionally(fault);
              }
            });
    try {
      return body.get(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      throw new Refusal(
          408,
          "the request did not arrive within %d ms; send it faster".formatted(time.toMillis()));
    } catch (InterruptedException _) {
      reader.interrupt();
      Thread.currentThread().interrupt();
      throw Refusal.busy("the server is stopping", 1);
    } catch (ExecutionException failure) {
      switch (failure.getCause()) {
        case Refusal refusal -> throw refusal;
        case IOException gone -> throw gone;
        case null, default ->
            throw new IOException("the body could not be read", failure.getCause());
      }
    }
  }

  private static Refusal tooLarge(int most) {
    return new Refusal(
        413, "the request has more than %d bytes; send a smaller picture".formatted(most));
  }

  private static byte[] upTo(InputStream in, long announced, int most) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream(CHUNK);
    byte[] some = new byte[CHUNK];
    for (int got = in.read(some); got >= 0; got = in.read(some)) {
      if (all.size() + got > most) {
        throw tooLarge(most);
      }
      all.write(some, 0, got);
    }
    if (all.size() < announced) {
      throw new IOException("the client went away");
    }
    return all.toByteArray();
  }
}
