package dev.peregrine.bench.peers;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts races: one virtual machine for each number of threads, since OpenMP reads its own from the
 * environment.
 *
 * <p>Arguments, all {@code key=value}, with what holds without them:
 *
 * <ul>
 *   <li>{@code net=yolov4-tiny}: a network of the library, a cfg file, or the name of one in the
 *       folder {@code cfg/darknet} of {@code PEREGRINE_REFERENCE}
 *   <li>{@code weights=FILE}: darknet weights; formula weights otherwise
 *   <li>{@code size=416}, {@code batch=1}, {@code threads=1,2}
 *   <li>{@code race=inference} or {@code training}
 *   <li>{@code peers=onnxruntime,opencv,libtorch}; also {@code onnxruntime-softplus}, with Mish as
 *       PyTorch exports it
 *   <li>{@code rounds=7}, {@code slice=400}: milliseconds of measuring in each turn, {@code
 *       warmup=6}: seconds for our own engine before the first round
 *   <li>{@code out=FOLDER}: where tables are written too, as Markdown and CSV
 * </ul>
 */
public final class Peers {
  private Peers() {}

  /**
   * Runs the races.
   *
   * @param args as above
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    List<Integer> runs = List.of();
    try {
      runs = Arguments.parse(args).threads();
    } catch (IllegalArgumentException fault) {
      System.err.println(fault.getMessage());
      System.exit(2);
    }
    int status = 0;
    for (int threads : runs) {
      status = Math.max(status, child(args, threads));
    }
    System.exit(status);
  }

  private static int child(String[] args, int threads) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add(Race.class.getName());
    command.addAll(List.of(args));
    command.add("threads=" + threads);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    // Not an argument: ONNX Runtime 1.29 crashes where the command line exceeds 4,096 characters.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("OMP_NUM_THREADS", String.valueOf(threads));
    // OpenMP's threads wait busily for 200 ms after their work, unless told to stop within a pause.
    builder.environment().put("KMP_BLOCKTIME", "20");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    Process race = builder.start();
    // Who ends this program ends the race.
    Thread end = new Thread(race::destroy);
    Runtime.getRuntime().addShutdownHook(end);
    int status = race.waitFor();
    Runtime.getRuntime().removeShutdownHook(end);
    return status;
  }
}
