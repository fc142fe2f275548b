package dev.peregrine.yolo.cli.kit;

import dev.peregrine.opencl.GraphicsCard;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One call of a verb: its settings, all of them read before anything is done.
 *
 * <p>Keys compare by name, so a verb may give a shared key another default.
 */
public final class Call {
  public static final Key<String> DEVICE =
      Key.text(
          "device",
          "auto",
          "where to compute: auto (a graphics card with OpenCL, else the CPU), cpu, opencl"
              + " (opencl:1 for the second device, opencl:NAME), or reference (slow plain loops,"
              + " the definition of every operation); train shares batches among several:"
              + " opencl:0,opencl:1");
  public static final Key<Integer> THREADS =
      Key.whole("threads", "", 1, 1024, "threads of device=cpu; all cores unless given");

  /** How numbers are rounded. */
  public enum Precision {
    FP32,
    TF32,
    BF16,
    FP16
  }

  /** A key of the verbs that run networks. */
  public static final Key<Precision> PRECISION =
      Key.choice(
          "precision",
          "fp32",
          Precision.class,
          "fp32; tf32 and bf16 round the factors of products, for the tensor cores of NVIDIA's"
              + " cards; fp16 stores values and filters in half the memory (networks that run, not"
              + " those that train), on every OpenCL device");

  public static final Key<Long> SEED = Key.seed();
  public static final Key<Boolean> VERBOSE =
      Key.flag("verbose", false, "show the stack trace of an error");

  /** The keys of every verb. */
  public static final List<Key<?>> COMMON = List.of(DEVICE, THREADS, SEED, VERBOSE);

  private final Verb verb;
  private final Console console;
  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Map<String, String> given;
  private final Set<String> warned = new HashSet<>();
  private List<Device> devices = List.of();

  /**
   * Reads the settings of a call.
   *
   * <p><b>Errors</b> {@link UsageException} for a value that breaks its key's law, and for a
   * required key that is missing.
   *
   * @param verb what is called
   * @param given texts by key; a blank one counts as not given
   * @param console where to read and write
   */
  public Call(Verb verb, Map<String, String> given, Console console) {
    this.verb = verb;
    this.console = console;
    this.given = Map.copyOf(given);
    for (Key<?> key : keys(verb)) {
      String text = given.getOrDefault(key.name(), "").strip();
      if (text.isEmpty()) {
        text = key.fallback();
      }
      if (!text.isEmpty()) {
        key.parse(text);
        texts.put(key.name(), text);
      } else if (key.need() == Key.Need.REQUIRED) {
        throw missing(key);
      }
    }
  }

  /** All keys of a verb, its own first. */
  public static List<Key<?>> keys(Verb verb) {
    List<Key<?>> keys = new ArrayList<>(verb.keys());
    keys.addAll(COMMON);
    return keys;
  }

  /** The complaint that a key is needed. */
  public UsageException missing(Key<?> key) {
    return new UsageException(
        verb.name()
            + ": "
            + key.name()
            + "= is missing ("
            + key.description()
            + "); './yolo "
            + verb.name()
            + " --help' has an example");
  }

  public Verb verb() {
    return verb;
  }

  /**
   * The same call where some keys have another default.
   *
   * @param defaults texts by key; what the user gave stays
   */
  public Call withDefaults(Map<String, String> defaults) {
    Map<String, String> merged = new LinkedHashMap<>(defaults);
    given.forEach((key, text) -> {
      if (!text.isBlank()) {
        merged.put(key, text);
      }
    });
    return new Call(verb, merged, console);
  }

  public Console console() {
    return console;
  }

  /** The settings in force, as texts by key. */
  public Map<String, String> texts() {
    return Map.copyOf(texts);
  }

  /** The text of a key that has one. */
  public Optional<String> text(Key<?> key) {
    return Optional.ofNullable(texts.get(key.name()));
  }

  /** The value of a key that was given or has a default. */
  public <T> Optional<T> find(Key<T> key) {
    return text(key).map(key::parse);
  }

  /** The value of a key that this call cannot do without. */
  public <T> T get(Key<T> key) {
    return find(key).orElseThrow(() -> missing(key));
  }

  /** Whether a key has a value. */
  public boolean has(Key<?> key) {
    return texts.containsKey(key.name());
  }

  /**
   * Opens the device that was asked for, once for all who ask.
   *
   * <p><b>Errors</b> {@link UsageException} if there is no family of that name; {@link
   * dev.peregrine.tensor.device.DeviceException} if it has no such device here.
   */
  public Device device() {
    if (get(DEVICE).contains(",")) {
      throw new UsageException(
          "device=" + get(DEVICE) + " names several devices, which only training shares work with");
    }
    return devices().getFirst();
  }

  /** Opens the devices that a training was to share, as {@link #device} does. */
  public List<Device> devices() {
    if (devices.isEmpty()) {
      List<String> names = List.of(get(DEVICE).split(",", -1));
      if (Set.copyOf(names).size() < names.size()) {
        throw new UsageException("device=" + get(DEVICE) + " names a device twice");
      }
      devices = names.stream().map(this::open).toList();
    }
    return devices;
  }

  private Device open(String name) {
    String precision = texts.getOrDefault(PRECISION.name(), "fp32");
    if (List.of("tf32", "bf16", "fp16").contains(precision)) {
      return rounding(name.equals("auto") ? "opencl:auto" : name, precision);
    }
    return switch (name) {
      case "auto" ->
          has(THREADS) ? open("cpu") : GraphicsCard.find(this::warn).orElseGet(Devices::cpu);
      case "cpu" ->
          find(THREADS).map(threads -> Devices.open("cpu:" + threads)).orElseGet(Devices::cpu);
      case "reference" -> Devices.reference();
      default -> {
        if (!name.matches("opencl|(opencl|cpu):.*")) {
          throw new UsageException(
              "device="
                  + name
                  + " is wrong: it must be one of auto, cpu, opencl, reference; a graphics card of"
                  + " any maker is opencl");
        }
        yield Devices.open(name);
      }
    };
  }

  private static Device rounding(String name, String precision) {
    if (!name.startsWith("opencl")) {
      throw new UsageException(
          "precision=" + precision + " is known to OpenCL devices alone, not to device=" + name);
    }
    return Devices.open(name + (name.contains(":") ? "@" : ":@") + precision);
  }

  /** Runs code whose tensors are made on a device. */
  public static <T> T on(Device device, Supplier<T> code) {
    return Ops.on(device, code);
  }

  /** Prints a warning beside the results; one that was printed already is not repeated. */
  public void warn(String sentence) {
    if (warned.add(sentence)) {
      console.err().println("warning: " + sentence);
    }
  }

  /** Prints one line of results. */
  public void print(String line) {
    console.out().println(line);
  }
}
