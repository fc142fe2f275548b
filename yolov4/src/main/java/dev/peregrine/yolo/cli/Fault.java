package dev.peregrine.yolo.cli;

import dev.peregrine.opencl.runtime.OpenClListing;
import dev.peregrine.yolo.cli.kit.TextFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Something of this machine that is not as it should be.
 *
 * <p>What is found is handed in, so that each fault can be shown on a machine that has none.
 *
 * @param what in a sentence, without a full stop
 * @param repair the command that repairs it
 */
record Fault(String what, String repair) {
  private static final int WANTED_JAVA = 25;
  private static final long GIB = 1 << 30;

  /** An old Java. */
  static Optional<Fault> ofJava(int feature) {
    return when(
        feature < WANTED_JAVA,
        "Java 25 is needed, this is " + feature,
        "sdk install java 25-tem && sdk use java 25-tem, or set JAVA_HOME to a JDK 25");
  }

  /** Java that was started without the Vector API. */
  static Fault ofVectorApi(LinkageError missing) {
    return new Fault(
        "the Vector API is not there (" + missing + ")",
        "start with ./yolo, or add --add-modules jdk.incubator.vector to java");
  }

  /** Vectors that are no faster than plain loops. */
  static Optional<Fault> ofSpeeds(List<String> speeds) {
    return when(
        speeds.stream().anyMatch(line -> line.contains("does not compile")),
        "vectors are hardly faster than plain loops: Java does not compile them",
        "unset JDK_JAVA_OPTIONS JAVA_TOOL_OPTIONS, which may hold -Xint, limits on C2 or a"
            + " debugger, and start with ./yolo");
  }

  /** Little memory for Java, in bytes. */
  static Optional<Fault> ofMemory(long bytes) {
    return when(bytes < GIB, "training needs more than 1 GiB", "export JDK_JAVA_OPTIONS=-Xmx2g");
  }

  /** No OpenCL device, which only those miss who have a graphics card. */
  static Optional<Fault> ofOpenCl(OpenClListing listing) {
    return listing instanceof OpenClListing.None(String reason)
        ? Optional.of(
            new Fault(
                reason,
                "sudo apt-get install ocl-icd-libopencl1 and the driver of the card"
                    + " (nvidia-opencl-icd, mesa-opencl-icd or intel-opencl-icd), or"
                    + " pocl-opencl-icd for the CPU"))
        : Optional.empty();
  }

  /** A present folder that cannot be written. */
  static Fault ofFolder(Path here, IOException failure) {
    return new Fault(
        here + " cannot be written (" + TextFiles.reason(failure) + ")",
        "cd \"$HOME\", or out=FOLDER with each call");
  }

  /** A full disk; so many bytes are free. */
  static Optional<Fault> ofRoom(Path here, long free) {
    return when(
        free < GIB,
        "a run's pictures and checkpoints need more room than is free",
        "df -h \""
            + here
            + "\" shows the disk; remove old runs there (du -sh runs/*/*), or take"
            + " another with out=FOLDER");
  }

  private static Optional<Fault> when(boolean holds, String what, String repair) {
    return holds ? Optional.of(new Fault(what, repair)) : Optional.empty();
  }

  @Override
  public String toString() {
    return what + "; repair: " + repair;
  }
}
