package dev.peregrine.yolo.fuzz;

/** A class that hostile files name: a reader that loads it is caught. */
final class Trap {
  static {
    System.setProperty(Laws.SPRUNG, "yes");
  }

  private Trap() {}
}
