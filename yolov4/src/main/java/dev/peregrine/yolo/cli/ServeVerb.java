package dev.peregrine.yolo.cli;

import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.cli.input.Leftovers;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.input.ShippedModel;
import dev.peregrine.yolo.cli.input.Suppression;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.serve.DetectionServer;
import dev.peregrine.yolo.serve.ServerSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Answers over HTTP until it is interrupted. */
final class ServeVerb implements Verb {
  private static final Key<String> HOST =
      Key.text(
          "host",
          "127.0.0.1",
          "the address to listen at; by default only this machine is answered, 0.0.0.0 lets others"
              + " in");
  private static final Key<Integer> PORT =
      Key.whole("port", "8080", 0, 0xffff, "the port to listen at; 0 for any that is free");
  private static final Key<String> ALLOW =
      Key.text(
          "allow",
          "",
          "further names, with commas, under which clients may ask, such as that of a proxy");
  private static final Key<Integer> BATCH =
      Key.whole(
          "batch",
          "4",
          1,
          64,
          "most pictures in one run of the network; each power of two up to it has a plan");
  private static final Key<Integer> QUEUE =
      Key.whole("queue", "32", 1, 4096, "requests taken at once; one more is told to come back");
  private static final Key<Integer> MEGABYTES =
      Key.whole("max_mb", "16", 1, 1024, "largest request in MiB");
  private static final Key<Integer> MEGAPIXELS =
      Key.whole("max_mp", "50", 1, 1000, "most pixels of a picture, in millions");
  private static final Key<Integer> READING =
      Key.whole("read_timeout", "10", 1, 3600, "seconds that a request may take to arrive");
  private static final Key<Integer> ANSWERING =
      Key.whole("timeout", "30", 1, 3600, "seconds that a request waits for its answer at most");

  @Override
  public String name() {
    return "serve";
  }

  @Override
  public String summary() {
    return "answers over HTTP: a page to drop a picture on, POST /predict, metrics";
  }

  @Override
  public String example() {
    return "./yolo serve model=yolov4-tiny.cfg weights=yolov4-tiny.weights port=8080";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        ShippedModel.MODEL,
        ModelLoader.WEIGHTS,
        ModelLoader.EPS,
        ModelLoader.NAMES,
        ModelLoader.IMGSZ,
        ModelLoader.CONF,
        Suppression.IOU,
        Suppression.NMS,
        Suppression.SIGMA,
        Suppression.MAX_DET,
        Suppression.AGNOSTIC,
        ModelLoader.RESIZE,
        ModelLoader.AUGMENT,
        ModelLoader.LEVELS,
        ModelLoader.TRUNCATE,
        HOST,
        PORT,
        ALLOW,
        BATCH,
        QUEUE,
        MEGABYTES,
        MEGAPIXELS,
        READING,
        ANSWERING);
  }

  @Override
  public int run(Call call) {
    ShippedModel.tell(call);
    ServerSettings settings = settings(call);
    Device device = call.device();
    Detector detector = ModelLoader.detector(call, device);
    for (int batch = 1; batch <= settings.limits().batch(); batch *= 2) {
      Leftovers.preloaded(detector, batch);
    }
    closeSlowConnections(settings.limits());
    boolean verbose = call.get(Call.VERBOSE);
    DetectionServer server =
        DetectionServer.start(
            detector, settings, fault -> Failure.tell(fault, verbose, call.console().err()));
    call.print("device: " + device.description());
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    call.print(
        "listening at http://%s:%d/ (Ctrl-C stops)".formatted(host, server.address().getPort()));
    await(call, server, settings.limits().answering());
    return Failure.NONE;
  }

  private static ServerSettings settings(Call call) {
    ServerSettings.Limits limits =
        new ServerSettings.Limits(
            call.get(BATCH),
            call.get(QUEUE),
            Math.toIntExact(Math.min(Integer.MAX_VALUE - 8L, (long) call.get(MEGABYTES) << 20)),
            call.get(MEGAPIXELS) * 1_000_000L,
            Duration.ofSeconds(call.get(READING)),
            Duration.ofSeconds(call.get(ANSWERING)));
    List<String> names = new ArrayList<>();
    call.find(ALLOW)
        .ifPresent(text ->
            Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .forEach(names::add));
    return new ServerSettings(call.get(HOST), call.get(PORT), names, limits);
  }

  /**
   * Headers that come too slowly are known to the JDK's server alone, and it reads its limits from
   * properties of the process, which is ours.
   */
  private static void closeSlowConnections(ServerSettings.Limits limits) {
    long reading = limits.reading().toSeconds() + 2;
    System.setProperty("sun.net.httpserver.maxReqTime", String.valueOf(reading));
    long answering = reading + limits.answering().toSeconds() + 10;
    System.setProperty("sun.net.httpserver.maxRspTime", String.valueOf(answering));
    System.setProperty("jdk.httpserver.maxConnections", String.valueOf(4 * limits.queue() + 64));
  }

  /** Waits for Ctrl-C, and then for what is being answered. */
  private static void await(Call call, DetectionServer server, Duration patience) {
    CountDownLatch forever = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              call.console().err().println("finishing what was begun ...");
              boolean all = server.stop(patience);
              call.console().err().println(all ? "stopped" : "stopped; some were not answered");
            },
            "stop-serving");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      forever.await();
    } catch (InterruptedException _) {
      Runtime.getRuntime().removeShutdownHook(hook);
      server.stop(patience);
    }
  }
}
