package dev.peregrine.yolo.cli;

import dev.peregrine.opencl.runtime.DeviceDescription;
import dev.peregrine.opencl.runtime.OpenClDevices;
import dev.peregrine.opencl.runtime.OpenClListing;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Says what this machine offers, and how to repair what is wrong. */
final class DoctorVerb implements Verb {
  private static final int WANTED_JAVA = 25;
  private static final double LITTLE_MEMORY_GIB = 1;

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
    cpu.diagnose().forEach(line -> row(call, "speed", line));
    row(
        call,
        "threads",
        Runtime.getRuntime().availableProcessors() + " cores can be used by this process");
    return true;
  }

  private static boolean memory(Call call) {
    double gibibytes = Runtime.getRuntime().maxMemory() / (double) (1 << 30);
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
      }
      case OpenClListing.None(String reason) -> row(call, "opencl", "none: " + reason);
    }
  }

  private static boolean folder(Call call) {
    Path here = Path.of("").toAbsolutePath();
    try {
      Files.delete(Files.createTempFile(here, ".peregrine", ".part"));
    } catch (IOException failure) {
      fault(call, here + " cannot be written (" + failure + ")", "cd to a folder of yours");
      return false;
    }
    row(call, "folder", here + " can be written");
    return true;
  }
}
