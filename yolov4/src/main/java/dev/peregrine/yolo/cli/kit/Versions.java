package dev.peregrine.yolo.cli.kit;

/** The versions of this program and of Java, for people and for run folders. */
public final class Versions {
  private Versions() {}

  /** This program's version, which the build writes into the jar. */
  public static String own() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "(not built as a jar)" : version;
  }

  /** Version and maker of the running Java. */
  public static String java() {
    return Runtime.version() + " (" + System.getProperty("java.vendor", "unknown maker") + ")";
  }
}
