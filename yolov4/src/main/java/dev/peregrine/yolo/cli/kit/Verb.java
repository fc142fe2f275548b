package dev.peregrine.yolo.cli.kit;

import java.util.List;

/** One thing that the command line can do. */
public interface Verb {
  /** How it is called. */
  String name();

  /** What it does, in a line for the list of verbs, without a full stop. */
  String summary();

  /** A call that works, for {@code --help}. */
  String example();

  /** Its own keys, besides those that all verbs have. */
  List<Key<?>> keys();

  /** The key that a first word without one is the value of; empty where there is none. */
  default String bareKey() {
    return "";
  }

  /**
   * Does it.
   *
   * @param call its settings
   * @return the exit status: 0, or 2 where some inputs were wrong and told so
   */
  int run(Call call);
}
