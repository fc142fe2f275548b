package dev.peregrine.yolo.onnx;

import static dev.peregrine.yolo.onnx.OnnxNodes.real;

import dev.peregrine.tensor.op.Unary;
import java.util.List;

/** Writes functions of one value; what ONNX has no operator for is composed. */
final class OnnxActivations {
  private final OnnxNodes nodes;
  private final MishForm mish;

  OnnxActivations(OnnxNodes nodes, MishForm mish) {
    this.nodes = nodes;
    this.mish = mish;
  }

  String apply(Unary.Kind kind, String x) {
    return switch (kind) {
      case NEGATE -> of("Neg", x);
      case ABS -> of("Abs", x);
      case EXP -> of("Exp", x);
      case LOG -> of("Log", x);
      case SQRT -> of("Sqrt", x);
      case TANH -> of("Tanh", x);
      case ATAN -> of("Atan", x);
      case LOGISTIC -> of("Sigmoid", x);
      case SOFTPLUS -> of("Softplus", x);
      case RELU -> of("Relu", x);
      case RELU6 -> of("Clip", x, nodes.scalar(0), nodes.scalar(6));
      case LEAKY_RELU -> nodes.add("LeakyRelu", List.of(x), real("alpha", Unary.LEAKY_SLOPE));
      case MISH -> mish(x);
      case SWISH -> of("Mul", x, of("Sigmoid", x));
      case HARD_SWISH -> {
        String gate =
            nodes.add("HardSigmoid", List.of(x), real("alpha", 1 / 6.0), real("beta", 0.5));
        yield of("Mul", x, gate);
      }
    };
  }

  private String mish(String x) {
    return switch (mish) {
      case FAST -> {
        String one = nodes.scalar(1);
        String gate = of("Sigmoid", of("Neg", x));
        String q = of("Mul", gate, gate);
        yield of("Div", of("Mul", x, of("Sub", one, q)), of("Add", one, q));
      }
      case SOFTPLUS_TANH -> of("Mul", x, of("Tanh", of("Softplus", x)));
      case OPERATOR -> of("Mish", x);
    };
  }

  private String of(String type, String... inputs) {
    return nodes.add(type, List.of(inputs));
  }
}
