package dev.peregrine.tensor.plan;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A graph made ready to run on a device: prepared kernels in order, packed weights, one arena.
 *
 * <p>Everything is resolved when the plan is prepared, so a run is a loop over kernels that
 * allocates nothing. Between runs the inputs keep what was written to them and the outputs what was
 * computed. Variables are read again at each run. Constants are packed or copied when the plan is
 * prepared: a model that is trained on changes no plan, unless its arrays were traced as variables.
 *
 * <p>A plan is for one thread at a time; a second run that begins while one is under way fails.
 * Prepare one plan for each thread that needs one.
 */
public final class Plan {
  private static final int WARM_UP_RUNS = 2;
  private static final int TIMED_RUNS = 9;

  private final Graph graph;
  private final Device device;
  private final MemoryPlan memoryPlan;
  private final Program program;
  private final AtomicBoolean running = new AtomicBoolean();

  /** A graph and the numbers of its constants, which go one by one as kernels pack them. */
  private record Bare(Graph graph, Map<Value, Tensor> numbers) {
    static Bare of(Graph written) {
      Memory.requireNumbers(written);
      Map<Value, Tensor> numbers = new HashMap<>();
      return new Bare(written.withoutNumbers(numbers), numbers);
    }
  }

  private Plan(Bare bare, Device device, Runnable freed) {
    this.graph = bare.graph();
    this.device = device;
    this.memoryPlan = MemoryPlan.of(graph);
    Memory memory = new Memory(graph, bare.numbers(), memoryPlan, device);
    this.program = new Program(graph, memory, device, freed);
  }

  /**
   * Makes a graph ready: computes once what depends on constants alone, applies {@link
   * Passes#inference}, prepares all kernels and takes all memory.
   *
   * <p><b>Errors</b> {@link DeviceException} if a constant is symbolic or the device does not know
   * an element type.
   *
   * @param graph the graph as it was traced
   * @param device where it will run
   * @return the plan
   */
  public static Plan prepare(Graph graph, Device device) {
    return prepare(() -> graph, device);
  }

  /**
   * Makes a graph ready that nobody else holds, so that the memory of its numbers is free again as
   * soon as kernels have packed them.
   *
   * <p><b>Errors</b> as {@link #prepare(Graph, Device)}.
   *
   * @param graph gives the graph as it was traced; called once
   * @param device where it will run
   * @return the plan
   */
  public static Plan prepare(Supplier<Graph> graph, Device device) {
    return prepare(graph, device, () -> {});
  }

  /**
   * Makes a graph ready as {@link #prepare(Supplier, Device)} does, and says when numbers have
   * become garbage, so that a program that must stay small may collect them.
   *
   * <p><b>Errors</b> as {@link #prepare(Graph, Device)}.
   *
   * @param graph gives the graph as it was traced; called once
   * @param device where it will run
   * @param freed called once the graph is rewritten, when numbers that were folded into others are
   *     needed no more, and then whenever kernels have packed another 64 MiB
   * @return the plan
   */
  public static Plan prepare(Supplier<Graph> graph, Device device, Runnable freed) {
    Bare bare = Bare.of(rewrite(graph, device));
    freed.run();
    return new Plan(bare, device, freed);
  }

  private static Graph rewrite(Supplier<Graph> source, Device device) {
    Graph graph = source.get();
    Memory.requireNumbers(graph);
    return Passes.inference(device.storage()).apply(Precomputation.apply(graph, device));
  }

  /**
   * Makes a graph ready without rewriting it.
   *
   * <p><b>Errors</b> as {@link #prepare}.
   *
   * @param graph the graph, after the passes of the caller's choice
   * @param device where it will run
   * @return the plan
   */
  public static Plan prepareAsWritten(Graph graph, Device device) {
    return new Plan(Bare.of(graph), device, () -> {});
  }

  /**
   * Returns the graph that the plan runs, after its passes.
   *
   * @return the graph; its constants have shapes but no numbers, which kernels have packed
   */
  public Graph graph() {
    return graph;
  }

  /**
   * Returns where it runs.
   *
   * @return the device
   */
  public Device device() {
    return device;
  }

  /**
   * Returns where values lie.
   *
   * @return the memory plan
   */
  public MemoryPlan memory() {
    return memoryPlan;
  }

  /**
   * Returns what is run.
   *
   * @return the steps, in order
   */
  public List<Step> steps() {
    return program.steps;
  }

  /**
   * Returns the memory of an input, to be filled before {@link #run()}, for instance with {@link
   * Device#write}.
   *
   * @param index its position
   * @return always the same buffer
   */
  public Buffer input(int index) {
    return at("input", program.inputs, index);
  }

  /**
   * Returns the memory of an output, valid from the end of a run to the begin of the next; to be
   * read with {@link Device#read}. It may be a channel slice of something wider.
   *
   * @param index its position
   * @return the buffer; always the same one unless the output is a variable
   */
  public Buffer output(int index) {
    return at("output", program.outputs, index);
  }

  /**
   * Fills an input.
   *
   * @param index its position
   * @param numbers {@code float[]}, {@code double[]}, {@code int[]} or {@code byte[]} by the type
   *     of the input, one number an element, in row-major order
   */
  public void write(int index, Object numbers) {
    Buffer input = input(index);
    requireLength("input", index, input.spec(), numbers);
    device.write(numbers, input);
  }

  /**
   * Copies an output.
   *
   * @param index its position
   * @param numbers where it is copied to, of the same kinds as {@link #write} takes
   */
  public void read(int index, Object numbers) {
    Buffer output = output(index);
    requireLength("output", index, output.spec(), numbers);
    device.read(output, numbers);
  }

  private static Buffer at(String what, Buffer[] buffers, int index) {
    if (index < 0 || index >= buffers.length) {
      throw new ShapeException(
          String.format(
              Locale.ROOT, "plan: has %d %ss, and no %s %d", buffers.length, what, what, index));
    }
    return buffers[index];
  }

  private static void requireLength(String what, int index, Spec spec, Object numbers) {
    int length =
        switch (numbers) {
          case float[] floats when spec.dtype() == DType.F32 -> floats.length;
          case double[] doubles when spec.dtype() == DType.F64 -> doubles.length;
          case int[] ints when spec.dtype() == DType.I32 -> ints.length;
          case byte[] bytes when spec.dtype() == DType.U8 -> bytes.length;
          default -> -1;
        };
    if (length != spec.shape().size()) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "plan: %s %d is %s, which takes an array of %d elements of that type, but was given"
                  + " %s",
              what,
              index,
              spec,
              spec.shape().size(),
              length < 0 ? "an array of another type" : length + " elements"));
    }
  }

  /**
   * Runs on what lies in the inputs; takes no memory of the device. The CPU's kernels of
   * convolution, pooling and upsampling, all that detectors are made of, allocate no objects
   * either; others allocate a few small ones.
   *
   * <p><b>Errors</b> {@link DeviceException} if a run of this plan is under way.
   */
  public void run() {
    enter();
    try {
      program.run();
    } finally {
      running.set(false);
    }
  }

  /**
   * Copies the arguments into the inputs, runs, and copies the outputs.
   *
   * <p><b>Errors</b> {@link ShapeException} if an argument has another spec than the input; {@link
   * DeviceException} if a run of this plan is under way.
   *
   * @param arguments one tensor for each input
   * @return the outputs, as tensors of their own on the plan's device
   */
  public List<Tensor> run(Tensor... arguments) {
    enter();
    try {
      copyIn(arguments);
      program.run();
      List<Tensor> results = new ArrayList<>(program.outputs.length);
      for (int i = 0; i < program.outputs.length; i++) {
        Spec spec = graph.outputs().get(i).spec();
        Buffer result = device.allocate(spec);
        Memory.copy(spec, program.outputs[i], result, device);
        results.add(new Tensor(spec, device, result));
      }
      return List.copyOf(results);
    } finally {
      running.set(false);
    }
  }

  /**
   * Runs several times and takes the time of each step.
   *
   * <p><b>Errors</b> as {@link #run(Tensor...)}.
   *
   * @param arguments one tensor for each input, or none to run on what lies in the inputs
   * @return the median times, beside the device's peak of the same moment
   */
  public Profile profile(Tensor... arguments) {
    return profile(TIMED_RUNS, arguments);
  }

  /**
   * Runs as often as wanted and takes the time of each step.
   *
   * <p>The peak is measured before and after the runs; the higher one counts.
   *
   * <p><b>Errors</b> as {@link #run(Tensor...)}.
   *
   * @param runs how often, at least once
   * @param arguments one tensor for each input, or none to run on what lies in the inputs
   * @return the median times, beside the device's peak of the same moment
   */
  public Profile profile(int runs, Tensor... arguments) {
    enter();
    try {
      if (arguments.length > 0) {
        copyIn(arguments);
      }
      for (int i = 0; i < WARM_UP_RUNS; i++) {
        program.run();
      }
      double peakBefore = device.peakGigaflops();
      double[][] times = new double[Math.max(1, runs)][program.steps.size()];
      for (double[] run : times) {
        program.run(run);
      }
      List<Profile.Row> rows = new ArrayList<>();
      for (int i = 0; i < program.steps.size(); i++) {
        int step = i;
        double[] sorted = Arrays.stream(times).mapToDouble(run -> run[step]).sorted().toArray();
        rows.add(new Profile.Row(program.steps.get(i), sorted[sorted.length / 2]));
      }
      return new Profile(rows, Math.max(peakBefore, device.peakGigaflops()));
    } finally {
      running.set(false);
    }
  }

  private void enter() {
    if (!running.compareAndSet(false, true)) {
      throw new DeviceException(
          "plan: a run was started while another run of the same plan is under way; prepare one"
              + " plan for each thread");
    }
  }

  private void copyIn(Tensor[] arguments) {
    if (arguments.length != program.inputs.length) {
      throw new ShapeException(
          "plan: takes " + program.inputs.length + " inputs but was given " + arguments.length);
    }
    for (int i = 0; i < program.inputs.length; i++) {
      Spec spec = graph.inputs().get(i).spec();
      if (!arguments[i].spec().equals(spec)) {
        throw new ShapeException(
            "plan: input "
                + i
                + " is "
                + spec
                + " but was given "
                + arguments[i].spec()
                + "; a plan holds for one shape, prepare another one");
      }
      Memory.copy(spec, arguments[i].to(device).buffer(), program.inputs[i], device);
    }
  }

  /** Returns a table of the steps and the memory that they take. */
  @Override
  public String toString() {
    long constantBytes = graph.constants().stream().mapToLong(leaf -> leaf.spec().bytes()).sum();
    List<List<String>> lines = new ArrayList<>();
    lines.add(StepTable.HEAD);
    program.steps.forEach(step -> lines.add(StepTable.cells(step)));
    return StepTable.align(lines)
        + String.format(
            Locale.ROOT,
            "%d steps on %s, %.3f GFLOP, %s, constants %.1f MiB, workspace %.1f MiB%n",
            program.steps.size(),
            device.name(),
            graph.flops() / 1e9,
            memoryPlan,
            constantBytes / 1048576.0,
            program.workspace == null ? 0 : program.workspace.spec().bytes() / 1048576.0);
  }
}
