package dev.peregrine.tensor.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("simd")
class ConvolutionKernelsTest {
  private static final Workers ONE = new Workers(1);
  private static final Workers THREE = new Workers(3);

  /** A convolution of batch, rows and columns of the input, channels in and out. */
  record Case(int n, int h, int w, int in, int out, Window window, int groups) {
    Shape x() {
      return Shape.of(n, h, w, in);
    }

    Shape filters() {
      return Shape.of(window.kernelHeight(), window.kernelWidth(), in / groups, out);
    }

    Shape y() {
      return Shape.of(n, window.outHeight(h), window.outWidth(w), out);
    }
  }

  static Stream<Case> awkward() {
    return Stream.of(
        new Case(1, 13, 13, 64, 64, Window.same(3, 1), 1),
        new Case(2, 26, 27, 8, 40, Window.same(3, 1), 1),
        new Case(3, 5, 3, 70, 33, Window.same(3, 1), 1),
        new Case(2, 2, 3, 17, 100, Window.same(3, 1), 1),
        new Case(3, 6, 9, 16, 16, Window.of(3), 1),
        new Case(1, 4, 30, 130, 65, Window.of(3), 1),
        new Case(2, 7, 10, 24, 20, new Window(3, 3, 1, 1, 2, 0, 0, 2, 1, 1), 1),
        new Case(2, 30, 66, 20, 36, Window.same(3, 1), 1),
        new Case(1, 20, 19, 300, 33, Window.same(1, 1), 1),
        new Case(1, 13, 13, 150, 255, Window.same(1, 1), 1),
        new Case(1, 9, 9, 1024, 40, Window.same(1, 1), 1),
        new Case(1, 17, 15, 200, 70, Window.same(3, 2), 1),
        new Case(3, 13, 18, 48, 40, Window.same(3, 2), 1),
        new Case(1, 21, 20, 37, 33, Window.of(3).stride(2), 1),
        new Case(1, 20, 21, 33, 64, Window.of(3).stride(2).pad(0, 0, 1, 1), 1),
        new Case(2, 10, 9, 64, 17, Window.of(3).stride(2).pad(2, 3, 0, 1), 1),
        new Case(2, 3, 3, 32, 32, Window.same(3, 2), 1),
        new Case(1, 1, 2, 40, 8, Window.same(3, 2), 1),
        new Case(3, 33, 35, 3, 32, Window.same(3, 2), 1),
        new Case(1, 12, 12, 4, 8, Window.of(2).stride(2), 1),
        new Case(1, 9, 11, 5, 7, Window.of(1).stride(2), 1),
        new Case(1, 9, 11, 5, 7, Window.of(2).stride(3).pad(1), 1),
        new Case(2, 15, 16, 6, 9, Window.same(5, 3), 1),
        new Case(1, 16, 16, 6, 9, Window.same(3, 1).dilation(2).pad(2), 1),
        new Case(1, 14, 15, 4, 5, Window.same(3, 2).dilation(2), 1),
        new Case(1, 14, 15, 4, 5, Window.of(3).stride(4).dilation(6).pad(7), 1),
        new Case(1, 5, 4, 3, 2, Window.of(7).pad(5), 1),
        new Case(1, 1, 1, 1, 1, Window.same(3, 1), 1),
        new Case(1, 7, 6, 5, 3, new Window(3, 2, 1, 2, 0, 1, 2, 3, 2, 1), 1),
        new Case(1, 7, 6, 5, 3, new Window(1, 5, 2, 1, 3, 0, 0, 4, 1, 1), 1),
        new Case(2, 10, 10, 12, 18, Window.same(3, 1), 3),
        new Case(1, 10, 10, 64, 128, Window.same(3, 2), 2),
        new Case(1, 12, 11, 128, 128, Window.same(3, 2), 32),
        new Case(1, 10, 11, 20, 20, Window.same(3, 1), 20),
        new Case(2, 9, 9, 35, 35, Window.same(3, 2), 35),
        new Case(1, 9, 9, 7, 21, Window.same(3, 1), 7));
  }

  /** Windows, sizes and channels drawn at random, always the same. */
  static Stream<Case> drawn() {
    SplittableRandom random = new SplittableRandom(7);
    return IntStream.range(0, 60).mapToObj(_ -> draw(random));
  }

  private static Case draw(SplittableRandom random) {
    Window window =
        new Window(
            random.nextInt(1, 5),
            random.nextInt(1, 5),
            random.nextInt(1, 4),
            random.nextInt(1, 4),
            random.nextInt(4),
            random.nextInt(4),
            random.nextInt(4),
            random.nextInt(4),
            random.nextInt(1, 4),
            random.nextInt(1, 4));
    int groups = random.nextInt(4) == 0 ? random.nextInt(1, 4) : 1;
    return new Case(
        random.nextInt(1, 3),
        random.nextInt(10, 24),
        random.nextInt(10, 24),
        groups * random.nextInt(1, 20),
        groups * random.nextInt(1, 40),
        window,
        groups);
  }

  @ParameterizedTest
  @MethodSource({"awkward", "drawn"})
  void forwardIsTheSumOfAllProducts(Case c) {
    float[] x = ConvolutionOracle.random(c.x().size(), 1);
    float[] w = ConvolutionOracle.random(c.filters().size(), 2);
    double[] expected =
        ConvolutionOracle.forward(x, w, c.x(), c.filters(), c.y(), c.window(), c.groups());
    Conv2d op = new Conv2d(c.window(), c.groups(), Epilogue.NONE);
    for (int gap : new int[] {0, 5}) {
      Buffer[] inputs = {
        ConvolutionOracle.fenced(x, c.x(), gap), ConvolutionOracle.fenced(w, c.filters(), gap)
      };
      Kernel kernel =
          ConvolutionKernels.forward(op, signature(op, c.x(), c.filters()), gap == 0 ? ONE : THREE);
      check(c, kernel, inputs, c.y(), gap, expected);
      check(c, kernel.withConstants(new Buffer[] {null, inputs[1]}), inputs, c.y(), gap, expected);
    }
  }

  static Stream<Case> polyphase() {
    return awkward().filter(c -> c.groups == 1 && c.window.equals(polyphase(c.window)));
  }

  /** Returns a window as the polyphase form computes it, with the padding of another. */
  private static Window polyphase(Window like) {
    return Window.of(3)
        .stride(2)
        .pad(like.padTop(), like.padLeft(), like.padBottom(), like.padRight());
  }

  /** Also where few channels, tiles or large borders make others faster. */
  @ParameterizedTest
  @MethodSource("polyphase")
  void thePolyphaseFormIsTheSumOfAllProducts(Case c) {
    float[] x = ConvolutionOracle.random(c.x().size(), 1);
    float[] w = ConvolutionOracle.random(c.filters().size(), 2);
    double[] expected =
        ConvolutionOracle.forward(x, w, c.x(), c.filters(), c.y(), c.window(), c.groups());
    Window window = c.window;
    PackedFilters filters =
        new PackedFilters(
            ConvGroups.of(1, c.in, c.out),
            ConvAxis.forward(c.h, window.outHeight(c.h), 3, 2, window.padTop(), 1),
            ConvAxis.forward(c.w, window.outWidth(c.w), 3, 2, window.padLeft(), 1));
    for (int gap : new int[] {0, 5}) {
      Buffer[] inputs = {
        ConvolutionOracle.fenced(x, c.x(), gap), ConvolutionOracle.fenced(w, c.filters(), gap)
      };
      Kernel kernel =
          WinogradKernel.of(
              WinogradForm.POLYPHASE, c.n, filters, false, Epilogue.NONE, gap == 0 ? ONE : THREE);
      check(c, kernel, inputs, c.y(), gap, expected);
      check(c, kernel.withConstants(new Buffer[] {null, inputs[1]}), inputs, c.y(), gap, expected);
    }
  }

  @ParameterizedTest
  @MethodSource({"awkward", "drawn"})
  void inputGradIsTheSumOfAllProducts(Case c) {
    float[] dy = ConvolutionOracle.random(c.y().size(), 3);
    float[] w = ConvolutionOracle.random(c.filters().size(), 2);
    double[] expected =
        ConvolutionOracle.inputGrad(dy, w, c.x(), c.filters(), c.y(), c.window(), c.groups());
    Conv2dInputGrad op = new Conv2dInputGrad(c.window(), c.groups(), c.x());
    for (int gap : new int[] {0, 5}) {
      Buffer[] inputs = {
        ConvolutionOracle.fenced(dy, c.y(), gap), ConvolutionOracle.fenced(w, c.filters(), gap)
      };
      Kernel kernel =
          ConvolutionKernels.inputGrad(
              op, signature(op, c.y(), c.filters()), gap == 0 ? ONE : THREE);
      check(c, kernel, inputs, c.x(), gap, expected);
    }
  }

  @ParameterizedTest
  @MethodSource({"awkward", "drawn"})
  void weightGradIsTheSumOfAllProducts(Case c) {
    float[] x = ConvolutionOracle.random(c.x().size(), 1);
    float[] dy = ConvolutionOracle.random(c.y().size(), 3);
    double[] expected =
        ConvolutionOracle.weightGrad(x, dy, c.x(), c.filters(), c.y(), c.window(), c.groups());
    Conv2dWeightGrad op = new Conv2dWeightGrad(c.window(), c.groups(), c.filters());
    for (int gap : new int[] {0, 5}) {
      Buffer[] inputs = {
        ConvolutionOracle.fenced(x, c.x(), gap), ConvolutionOracle.fenced(dy, c.y(), gap)
      };
      Kernel kernel =
          ConvolutionKernels.weightGrad(op, signature(op, c.x(), c.y()), gap == 0 ? ONE : THREE);
      check(c, kernel, inputs, c.filters(), gap, expected);
    }
  }

  @Test
  void epilogueStepsAreAppliedInTheirOrder() {
    Case c = new Case(2, 15, 14, 21, 77, Window.same(3, 1), 1);
    float[] x = ConvolutionOracle.random(c.x().size(), 1);
    float[] w = ConvolutionOracle.random(c.filters().size(), 2);
    float[] bias = ConvolutionOracle.random(77, 3);
    float[] shortcut = ConvolutionOracle.random(c.y().size(), 4);
    double[] plain = ConvolutionOracle.forward(x, w, c.x(), c.filters(), c.y(), c.window(), 1);
    Epilogue.Step leaky = new Epilogue.Activate(Unary.Kind.LEAKY_RELU);
    Epilogue.Step relu = new Epilogue.Activate(Unary.Kind.RELU);
    double[] usual = new double[plain.length];
    double[] unusual = new double[plain.length];
    for (int i = 0; i < plain.length; i++) {
      double biased = plain[i] + bias[i % 77];
      usual[i] = (biased > 0 ? biased : 0.1 * biased) + shortcut[i];
      double sum = plain[i] + shortcut[i];
      unusual[i] = Math.max((sum > 0 ? sum : 0.1 * sum) + bias[i % 77], 0);
    }
    Epilogue.Step addBias = new Epilogue.Bias();
    Epilogue.Step add = new Epilogue.Add();
    checkEpilogue(c, List.of(addBias, leaky, add), List.of(x, w, bias, shortcut), usual);
    checkEpilogue(c, List.of(add, leaky, addBias, relu), List.of(x, w, shortcut, bias), unusual);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anyNumberOfThreadsGivesTheSameBits(int stride) {
    Case c = new Case(2, 40, 39, 40, 72, Window.same(3, stride), 1);
    Buffer x = ConvolutionOracle.fenced(ConvolutionOracle.random(c.x().size(), 1), c.x(), 0);
    Buffer w =
        ConvolutionOracle.fenced(ConvolutionOracle.random(c.filters().size(), 2), c.filters(), 0);
    Buffer dy = ConvolutionOracle.fenced(ConvolutionOracle.random(c.y().size(), 3), c.y(), 0);
    Conv2d forward = new Conv2d(c.window(), 1, Epilogue.NONE);
    Signature ofX = signature(forward, c.x(), c.filters());
    Conv2dInputGrad byInput = new Conv2dInputGrad(c.window(), 1, c.x());
    Signature ofY = signature(byInput, c.y(), c.filters());
    Conv2dWeightGrad byFilters = new Conv2dWeightGrad(c.window(), 1, c.filters());
    Signature ofBoth = signature(byFilters, c.x(), c.y());
    assertThat(run(ConvolutionKernels.forward(forward, ofX, THREE), c.y(), 0, x, w))
        .containsExactly(run(ConvolutionKernels.forward(forward, ofX, ONE), c.y(), 0, x, w));
    assertThat(run(ConvolutionKernels.inputGrad(byInput, ofY, THREE), c.x(), 0, dy, w))
        .containsExactly(run(ConvolutionKernels.inputGrad(byInput, ofY, ONE), c.x(), 0, dy, w));
    assertThat(run(ConvolutionKernels.weightGrad(byFilters, ofBoth, THREE), c.filters(), 0, x, dy))
        .containsExactly(
            run(ConvolutionKernels.weightGrad(byFilters, ofBoth, ONE), c.filters(), 0, x, dy));
  }

  @Test
  void weightGradHasTheSameBitsWhereItsSumIsSplit() {
    Workers two = new Workers(2);
    for (Case c :
        List.of(
            new Case(3, 48, 47, 35, 72, Window.same(3, 1), 1),
            new Case(3, 48, 47, 35, 72, Window.same(1, 1), 1),
            new Case(3, 48, 47, 35, 72, Window.same(3, 2), 1))) {
      Buffer x = ConvolutionOracle.fenced(ConvolutionOracle.random(c.x().size(), 1), c.x(), 0);
      Buffer dy = ConvolutionOracle.fenced(ConvolutionOracle.random(c.y().size(), 3), c.y(), 0);
      Conv2dWeightGrad op = new Conv2dWeightGrad(c.window(), 1, c.filters());
      Signature signature = signature(op, c.x(), c.y());
      float[] expected =
          run(ConvolutionKernels.weightGrad(op, signature, ONE), c.filters(), 0, x, dy);
      for (Workers workers : List.of(two, THREE)) {
        assertThat(
                run(ConvolutionKernels.weightGrad(op, signature, workers), c.filters(), 0, x, dy))
            .containsExactly(expected);
      }
    }
    two.close();
  }

  private static void checkEpilogue(
      Case c, List<Epilogue.Step> steps, List<float[]> values, double[] expected) {
    Conv2d op = new Conv2d(c.window(), c.groups(), new Epilogue(steps));
    Buffer[] inputs = new Buffer[values.size()];
    for (int i = 0; i < inputs.length; i++) {
      Shape shape =
          i == 0 ? c.x() : i == 1 ? c.filters() : values.get(i).length == 77 ? Shape.of(77) : c.y();
      inputs[i] = ConvolutionOracle.fenced(values.get(i), shape, i);
    }
    Signature signature = Signature.of(op, Arrays.stream(inputs).map(Buffer::spec).toList());
    check(c, ConvolutionKernels.forward(op, signature, THREE), inputs, c.y(), 3, expected);
  }

  private static Signature signature(dev.peregrine.tensor.op.Op op, Shape a, Shape b) {
    return Signature.of(op, List.of(Spec.f32(a.toArray()), Spec.f32(b.toArray())));
  }

  /** Runs a kernel on buffers fenced with NaN. */
  private static float[] run(Kernel kernel, Shape result, int gap, Buffer... inputs) {
    float[] nothing = new float[result.size()];
    Arrays.fill(nothing, Float.NaN);
    HostBuffer output = ConvolutionOracle.fenced(nothing, result, gap);
    float[] dirt = new float[kernel.workspace()];
    Arrays.fill(dirt, Float.NaN);
    HostBuffer workspace = ConvolutionOracle.fenced(dirt, Shape.of(kernel.workspace()), 0);
    kernel.run(inputs, new Buffer[] {output}, workspace);
    return ConvolutionOracle.unfence(output);
  }

  private static void check(
      Case c, Kernel kernel, Buffer[] inputs, Shape result, int gap, double[] expected) {
    float[] actual = run(kernel, result, gap, inputs);
    // A sum of n products of numbers below 1 is exact to about sqrt(n) roundings.
    double terms = 1.0 * c.filters().size() / c.out() + c.n() * c.y().dim(1) * c.y().dim(2);
    double tolerance = 4e-6 * Math.sqrt(terms) + 1e-6;
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
        assertThat(actual[i])
            .as("%s, %s, gap %d, element %d", kernel.algorithm(), c, gap, i)
            .isCloseTo((float) expected[i], org.assertj.core.data.Offset.offset((float) tolerance));
      }
    }
  }
}
