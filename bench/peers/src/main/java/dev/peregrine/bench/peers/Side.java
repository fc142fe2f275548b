package dev.peregrine.bench.peers;

import java.util.List;

/** One engine in a race. */
interface Side extends AutoCloseable {
  String name();

  /** Does the work once. */
  void run();

  /** What the last run gave, in our order of elements, one array for each comparison. */
  List<float[]> results();

  @Override
  void close();
}
