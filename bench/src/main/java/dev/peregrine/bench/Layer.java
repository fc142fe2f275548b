package dev.peregrine.bench;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One layer of a network, as often as the network has it: a line of {@code layers.txt}.
 *
 * <p>A line has seven columns: network, operation, window, input, output, epilogue and count, such
 * as {@code tiny@416 conv2d 3x3/2p1 416x416x3 208x208x32 bias+leaky_relu 1}. Sizes are {@code
 * HxWxC} of one picture.
 *
 * @param net the network and the height of its picture
 * @param op a {@link Conv2d}, {@link MaxPool}, {@link Upsample} or {@link BatchNormTrain}
 * @param input {@code [1, H, W, C]}
 * @param output {@code [1, OH, OW, Cout]}
 * @param count how many such layers the network has
 */
record Layer(String net, Op op, Shape input, Shape output, int count) {
  private static final double EPSILON = 1e-5;
  private static final Pattern WINDOW =
      Pattern.compile(
          "(\\d+)x(\\d+)(?:/(\\d+))?(?:p(\\d+)(?:,(\\d+),(\\d+),(\\d+))?)?(?:d(\\d+))?(?:g(\\d+))?");

  /**
   * Reads a line.
   *
   * <p><b>Errors</b> {@link FormatException} if it is none.
   *
   * @param line the seven columns
   * @return the layer
   */
  static Layer parse(String line) {
    String[] columns = line.strip().split("\\s+");
    if (columns.length != 7) {
      throw new FormatException("layers.txt: '" + line + "' has not seven columns");
    }
    Shape input = shape(columns[3]);
    Layer layer =
        new Layer(
            columns[0],
            op(columns[1], columns[2], columns[5]),
            input,
            shape(columns[4]),
            Integer.parseInt(columns[6]));
    Shape law = layer.op.infer(layer.inputs(1)).get(0).shape();
    if (!law.equals(layer.output)) {
      throw new FormatException("layers.txt: '" + line + "' has output " + law);
    }
    return layer;
  }

  private static Shape shape(String text) {
    String[] extents = text.split("x");
    return Shape.of(
        1,
        Integer.parseInt(extents[0]),
        Integer.parseInt(extents[1]),
        Integer.parseInt(extents[2]));
  }

  private static Op op(String name, String window, String epilogue) {
    return switch (name) {
      case "conv2d" -> new Conv2d(window(window), groups(window), epilogue(epilogue));
      case "max_pool" -> new MaxPool(window(window));
      case "upsample" -> new Upsample(Integer.parseInt(window.substring(1)));
      case "batch_norm" ->
          new BatchNormTrain(EPSILON, epilogue.equals("-") ? null : kind(epilogue));
      default -> throw new FormatException("layers.txt: '" + name + "' is no layer");
    };
  }

  private static Unary.Kind kind(String name) {
    return Unary.Kind.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static Epilogue epilogue(String text) {
    Epilogue epilogue = Epilogue.NONE;
    for (String step : text.split("\\+")) {
      epilogue =
          switch (step) {
            case "-" -> epilogue;
            case "bias" -> epilogue.then(new Epilogue.Bias());
            case "add" -> epilogue.then(new Epilogue.Add());
            default -> epilogue.then(new Epilogue.Activate(kind(step)));
          };
    }
    return epilogue;
  }

  private static Matcher match(String text) {
    Matcher matcher = WINDOW.matcher(text);
    if (!matcher.matches()) {
      throw new FormatException("layers.txt: '" + text + "' is no window such as 3x3/2p1");
    }
    return matcher;
  }

  private static Window window(String text) {
    Matcher m = match(text);
    int pad = number(m, 4, 0);
    return new Window(
        number(m, 1, 1),
        number(m, 2, 1),
        number(m, 3, 1),
        number(m, 3, 1),
        pad,
        number(m, 5, pad),
        number(m, 6, pad),
        number(m, 7, pad),
        number(m, 8, 1),
        number(m, 8, 1));
  }

  private static int groups(String text) {
    return number(match(text), 9, 1);
  }

  private static int number(Matcher matcher, int group, int otherwise) {
    return matcher.group(group) == null ? otherwise : Integer.parseInt(matcher.group(group));
  }

  /**
   * Returns what the operation takes.
   *
   * @param batch how many pictures
   * @return the specs of all its inputs, also those of its epilogue
   */
  List<Spec> inputs(int batch) {
    List<Spec> specs = new ArrayList<>(List.of(of(input, batch)));
    int channels = output.channels();
    switch (op) {
      case Conv2d conv -> {
        specs.add(new Spec(DType.F32, filters()));
        for (Epilogue.Step step : conv.epilogue().steps()) {
          switch (step) {
            case Epilogue.Bias _ -> specs.add(Spec.f32(channels));
            case Epilogue.Add _ -> specs.add(of(output, batch));
            case Epilogue.Activate _ -> {}
          }
        }
      }
      case BatchNormTrain _ -> specs.addAll(List.of(Spec.f32(channels), Spec.f32(channels)));
      default -> {}
    }
    return specs;
  }

  /** The shape of a convolution's filters. */
  Shape filters() {
    Conv2d conv = (Conv2d) op;
    return Shape.of(
        conv.window().kernelHeight(),
        conv.window().kernelWidth(),
        input.channels() / conv.groups(),
        output.channels());
  }

  /** A shape of one picture as the spec of several. */
  static Spec of(Shape shape, int batch) {
    return Spec.f32(batch, shape.dim(1), shape.dim(2), shape.dim(3));
  }

  /** Returns what the layer is, without network and count: {@code 3x3p1 64-64 @104 mish}. */
  String label() {
    String channels =
        op instanceof Conv2d ? input.channels() + "-" + output.channels() : "" + input.channels();
    String size = "@" + input.dim(1) + (input.dim(1) == input.dim(2) ? "" : "x" + input.dim(2));
    String what =
        switch (op) {
          case Conv2d _ -> windowText();
          case BatchNormTrain _ -> opText();
          default -> opText() + " " + windowText();
        };
    String epilogue = epilogueText();
    String rest = epilogue.equals("-") || epilogue.equals("bias") ? "" : " " + epilogue;
    return what + " " + channels + " " + size + rest.replace("bias+", "");
  }

  private String opText() {
    return switch (op) {
      case Conv2d _ -> "conv2d";
      case MaxPool _ -> "max_pool";
      case Upsample _ -> "upsample";
      case BatchNormTrain _ -> "batch_norm";
      default -> throw new FormatException("layers.txt: has no place for " + op);
    };
  }

  private String windowText() {
    return switch (op) {
      case Conv2d conv -> text(conv.window()) + (conv.groups() == 1 ? "" : "g" + conv.groups());
      case MaxPool pool -> text(pool.window());
      case Upsample upsample -> "x" + upsample.factor();
      default -> "-";
    };
  }

  private static String text(Window window) {
    return window.toString().replace(" ", "");
  }

  private String epilogueText() {
    return switch (op) {
      case Conv2d conv when !conv.epilogue().steps().isEmpty() ->
          conv.epilogue().toString().substring(1);
      case BatchNormTrain norm when norm.activation() != null -> norm.activation().toString();
      default -> "-";
    };
  }

  private static String text(Shape shape) {
    return shape.dim(1) + "x" + shape.dim(2) + "x" + shape.dim(3);
  }

  /** Returns the line of the file. */
  @Override
  public String toString() {
    return String.format(
        "%-9s %-10s %-13s %-13s %-13s %-16s %d",
        net, opText(), windowText(), text(input), text(output), epilogueText(), count);
  }
}
