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
import java.util.Optional;

/** Says what this machine offers, and how to repair what is wrong. */
final class DoctorVerb implements Verb {
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

  /** Tells a fault; whether there was none. */
  private static boolean sound(Call call, Optional<Fault> fault) {
    fault.ifPresent(one -> row(call, "FAULT", one.toString()));
    return fault.isEmpty();
  }

  private static boolean java(Call call) {
    row(call, "java", Versions.java() + ", " + System.getProperty("java.home"));
    return sound(call, Fault.ofJava(Runtime.version().feature()));
  }

  private static boolean vectors(Call call) {
    Device cpu;
    try {
      cpu = Devices.cpu();
      row(call, "lanes", cpu.description());
    } catch (LinkageError missing) {
      return sound(call, Optional.of(Fault.ofVectorApi(missing)));
    }
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
    return sound(call, Fault.ofSpeeds(speeds));
  }

  private static boolean memory(Call call) {
    long bytes = Runtime.getRuntime().maxMemory();
    row(call, "memory", String.format(Locale.ROOT, "Java may use %.1f GiB", bytes / GIB));
    return sound(call, Fault.ofMemory(bytes));
  }

  /** Without OpenCL all works on the CPU, which is no fault. */
  private static void openCl(Call call) {
    OpenClListing listing = OpenClDevices.list();
    switch (listing) {
      case OpenClListing.Found(List<DeviceDescription> devices) -> {
        for (int i = 0; i < devices.size(); i++) {
          row(call, "opencl:" + i, devices.get(i).toString());
        }
        row(call, "tiles", Tuning.report());
      }
      case OpenClListing.None _ -> {
        Fault none = Fault.ofOpenCl(listing).orElseThrow();
        row(call, "opencl", "none, so device=auto is the CPU: " + none.what());
        row(call, "", "for one: " + none.repair());
      }
    }
  }

  private static boolean folder(Call call) {
    Path here = Path.of("").toAbsolutePath();
    long free;
    try {
      Files.delete(Files.createTempFile(here, ".peregrine", ".part"));
      free = Files.getFileStore(here).getUsableSpace();
    } catch (IOException failure) {
      return sound(call, Optional.of(Fault.ofFolder(here, failure)));
    }
    row(
        call,
        "folder",
        String.format(Locale.ROOT, "%s can be written, %.1f GiB free", here, free / GIB));
    return sound(call, Fault.ofRoom(here, free));
  }
}
