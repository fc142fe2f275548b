package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.opencl.runtime.OpenClListing;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each fault that the doctor knows, on a machine that has none: its line and its command. */
class FaultTest {
  private static final long GIB = 1 << 30;
  private static final Path HERE = Path.of("/data/here");

  @Test
  void anOldJava() {
    assertThat(Fault.ofJava(24).orElseThrow())
        .hasToString(
            "Java 25 is needed, this is 24; repair: sdk install java 25-tem && sdk use java 25-tem,"
                + " or set JAVA_HOME to a JDK 25");
    assertThat(Fault.ofJava(25)).isEmpty();
  }

  @Test
  void noVectorApi() {
    assertThat(Fault.ofVectorApi(new NoClassDefFoundError("jdk/incubator/vector/Vector")))
        .asString()
        .contains("the Vector API is not there", "--add-modules jdk.incubator.vector");
  }

  @Test
  void vectorsThatAreNotCompiled() {
    assertThat(Fault.ofSpeeds(List.of("4.0 GFLOP/s", "0.3: Java does not compile it")))
        .map(Fault::repair)
        .get()
        .asString()
        .startsWith("unset JDK_JAVA_OPTIONS JAVA_TOOL_OPTIONS");
    assertThat(Fault.ofSpeeds(List.of("100 GFLOP/s"))).isEmpty();
  }

  @Test
  void littleMemory() {
    assertThat(Fault.ofMemory(GIB - 1).orElseThrow())
        .hasToString("training needs more than 1 GiB; repair: export JDK_JAVA_OPTIONS=-Xmx2g");
    assertThat(Fault.ofMemory(GIB)).isEmpty();
  }

  @Test
  void noOpenCl() {
    assertThat(Fault.ofOpenCl(new OpenClListing.None("no library.")).orElseThrow().repair())
        .startsWith("sudo apt-get install ocl-icd-libopencl1 ")
        .contains("nvidia-opencl-icd", "mesa-opencl-icd", "intel-opencl-icd", "pocl-opencl-icd");
    assertThat(Fault.ofOpenCl(new OpenClListing.Found(List.of()))).isEmpty();
  }

  @Test
  void aFolderThatCannotBeWritten() {
    assertThat(Fault.ofFolder(HERE, new AccessDeniedException("/data/here/x")))
        .hasToString(
            "/data/here cannot be written (access is denied); repair: cd \"$HOME\", or out=FOLDER"
                + " with each call");
    assertThat(Fault.ofFolder(HERE, new IOException("Read-only file system")).what())
        .isEqualTo("/data/here cannot be written (Read-only file system)");
  }

  @Test
  void aFullDisk() {
    Optional<Fault> full = Fault.ofRoom(HERE, GIB - 1);
    assertThat(full.orElseThrow().repair())
        .isEqualTo(
            "df -h \"/data/here\" shows the disk; remove old runs there (du -sh runs/*/*), or take"
                + " another with out=FOLDER");
    assertThat(Fault.ofRoom(HERE, GIB)).isEmpty();
  }
}
