package dev.peregrine.yolo.cli;

import dev.peregrine.opencl.Tuning;
import dev.peregrine.opencl.runtime.DeviceDescription;
import dev.peregrine.opencl.runtime.OpenClDevices;
import dev.peregrine.opencl.runtime.OpenClListing;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.cli.kit.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Says what this machine offers, and how to repair what is wrong. */
final class DoctorVerb implements Verb {
  private static final int WANTED_JAVA = 25;
  private static final double LITTLE_MEMORY_GIB = 1;
  private static final double LITTLE_DISK_GIB = 1;
  private static final double GIB = 1 << 30;

  @Override
  public String name() {
    return "doctor";
  }

  @Override
  public String summary() {
    return "says what this machine offers, and the command that repairs each fault";
  }

  @Override
  public String example() {
    return "./yolo doctor";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of();
  }

  @Override
  public int run(Call call) {
    boolean sound = java(call);
    sound &= vectors(call);
    sound &= memory(call);
    openCl(call);
    sound &= folder(call);
    call.print(sound ? "everything needed is there" : "see the lines marked FAULT");
    return sound ? Failure.NONE : Failure.WORK;
  }

  private static void row(Call call, String what, String found) {
    call.print(String.format(Locale.ROOT, "%-9s %s", what, found));
  }

  private static void fault(Call call, String what, String remedy) {
    row(call, "FAULT", what + "; repair: " + remedy);
  }

  private static boolean java(Call call) {
    row(call, "java", Versions.java() + ", " + System.getProperty("java.home"));
    if (Runtime.version().feature() < WANTED_JAVA) {
      fault(call, "Java 25 is needed", "sdk install java 25-tem, then set JAVA_HOME to it");
      return false;
    }
    return true;
  }

  private static boolean vectors(Call call) {
    Device cpu;
    try {
      cpu = Devices.cpu();
    } catch (LinkageError missing) {
      fault(
          call,
          "the Vector API is not there (" + missing + ")",
          "start with ./yolo, or add --add-modules jdk.incubator.vector to java");
      return false;
    }
    row(call, "lanes", cpu.description());
    List<String> speeds = cpu.diagnose();
    speeds.forEach(line -> row(call, "speed", line));
    int threads = Runtime.getRuntime().availableProcessors();
    row(call, "threads", threads + " cores can be used by this process");
    row(
        call,
        "peak",
        String.format(
            Locale.ROOT, "%.0f GFLOP/s of multiply-adds on all threads", cpu.peakGigaflops()));
    row(call, "bandwidth", MemorySpeed.measure(threads).toString());
    if (speeds.stream().anyMatch(line -> line.contains("does not compile"))) {
      fault(
          call,
          "vectors are hardly faster than plain loops: Java does not compile them",
          "unset JDK_JAVA_OPTIONS JAVA_TOOL_OPTIONS, which may hold -Xint, limits on C2 or a"
              + " debugger, and start with ./yolo");
      return false;
    }
    return true;
  }

  private static boolean memory(Call call) {
    double gibibytes = Runtime.getRuntime().maxMemory() / GIB;
    row(call, "memory", String.format(Locale.ROOT, "Java may use %.1f GiB", gibibytes));
    if (gibibytes < LITTLE_MEMORY_GIB) {
      fault(call, "training needs more than 1 GiB", "export JDK_JAVA_OPTIONS=-Xmx2g");
      return false;
    }
    return true;
  }

  private static void openCl(Call call) {
    switch (OpenClDevices.list()) {
      case OpenClListing.Found(List<DeviceDescription> devices) -> {
        for (int i = 0; i < devices.size(); i++) {
          row(call, "opencl:" + i, devices.get(i).toString());
        }
        row(call, "tiles", Tuning.report());
      }
      case OpenClListing.None(String reason) ->
          row(call, "opencl", "none, so device=auto is the CPU: " + reason);
    }
  }

  private static boolean folder(Call call) {
    Path here = Path.of("").toAbsolutePath();
    double free;
    try {
      Files.delete(Files.createTempFile(here, ".peregrine", ".part"));
      free = Files.getFileStore(here).getUsableSpace() / GIB;
    } catch (IOException failure) {
      fault(call, here + " cannot be written (" + failure + ")", "cd \"$HOME\", or out=FOLDER");
      return false;
    }
    row(call, "folder", String.format(Locale.ROOT, "%s can be written, %.1f GiB free", here, free));
    if (free < LITTLE_DISK_GIB) {
      fault(call, "a run's pictures and checkpoints need more room", "df -h \"" + here + "\"");
      return false;
    }
    return true;
  }
}
