package dev.peregrine.yolo.serve;

import java.time.Duration;
import java.util.List;

/**
 * Where a server listens, whom it answers and what it takes.
 *
 * @param host the address that is bound: a name or number of this machine
 * @param port 0 to 65535; 0 for any that is free
 * @param names further names under which clients may ask, such as that of a proxy
 * @param limits what one client may cost
 */
public record ServerSettings(String host, int port, List<String> names, Limits limits) {
  /** For this machine alone, at port 8080. */
  public static final ServerSettings LOCAL =
      new ServerSettings("127.0.0.1", 8080, List.of(), Limits.DEFAULT);

  /** Checks the port. */
  public ServerSettings {
    names = List.copyOf(names);
    if (port < 0 || port > 0xffff) {
      throw new IllegalArgumentException("a port is between 0 and 65535, but got " + port);
    }
  }

  /**
   * Takes another port.
   *
   * @param other 0 for any that is free
   * @return the settings
   */
  public ServerSettings at(int other) {
    return new ServerSettings(host, other, names, limits);
  }

  /**
   * Takes other limits.
   *
   * @param others all limits
   * @return the settings
   */
  public ServerSettings with(Limits others) {
    return new ServerSettings(host, port, names, others);
  }

  /**
   * What a server takes before it says no.
   *
   * @param batch the most pictures in one run of the network; there is a plan for each power of two
   *     up to it
   * @param queue requests that are read, decoded or waiting at once; one more is told to come back
   * @param bytes the most bytes of a request
   * @param pixels the most pixels of a picture, as its header tells
   * @param reading the longest that a request may take to arrive
   * @param answering the longest that an arrived request waits for its answer
   */
  public record Limits(
      int batch, int queue, int bytes, long pixels, Duration reading, Duration answering) {
    /** Four a batch, 32 requests, 16 MiB, 50 million pixels, 10 s and 30 s. */
    public static final Limits DEFAULT =
        new Limits(4, 32, 16 << 20, 50_000_000L, Duration.ofSeconds(10), Duration.ofSeconds(30));

    /** Checks that every limit lets something through. */
    public Limits {
      boolean allPositive = batch > 0 && queue > 0 && bytes > 0 && pixels > 0;
      if (!allPositive || !reading.isPositive() || !answering.isPositive()) {
        throw new IllegalArgumentException(
            "every limit of a server is above 0, but got batch %d, queue %d, %d bytes, %d pixels, %s, %s"
                .formatted(batch, queue, bytes, pixels, reading, answering));
      }
    }
  }
}
