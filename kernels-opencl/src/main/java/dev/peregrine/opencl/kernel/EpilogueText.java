package dev.peregrine.opencl.kernel;

import dev.peregrine.tensor.op.Epilogue;

/** Renders fused steps as macros: further parameters of a kernel, and what is done to a result. */
final class EpilogueText {
  /** Inputs of a convolution before those of its epilogue. */
  private static final int OWN_INPUTS = 2;

  private EpilogueText() {}

  /**
   * Defines the macros.
   *
   * <p>{@code EPILOGUE(value, row, channel)} is a statement for each step; {@code
   * EPILOGUE_PARAMETERS} begins with a comma for each value that it reads.
   */
  static Sources define(Sources sources, Epilogue epilogue) {
    StringBuilder parameters = new StringBuilder();
    StringBuilder statements = new StringBuilder();
    int next = 0;
    for (Epilogue.Step step : epilogue.steps()) {
      switch (step) {
        case Epilogue.Bias _ -> {
          parameters.append(", IN(real, extra").append(next).append(')');
          statements.append("value += AT(extra").append(next).append(", 0, channel); ");
          next++;
        }
        case Epilogue.Add _ -> {
          parameters.append(", IN(stored, extra").append(next).append(')');
          statements.append("value += GET(extra").append(next).append(", row, channel); ");
          next++;
        }
        case Epilogue.Activate activate ->
            statements
                .append("value = ")
                .append(PointwiseKernels.function(activate.kind()))
                .append("(value); ");
      }
    }
    return (epilogue.widened() ? sources.define("WIDENED", "") : sources)
        .define("EPILOGUE_PARAMETERS", parameters)
        .define("EPILOGUE(value, row, channel)", statements);
  }

  /** The next arguments are the inputs of the steps. */
  static Pass bind(Pass pass, Epilogue epilogue) {
    return pass.in(OWN_INPUTS, OWN_INPUTS + epilogue.inputs());
  }
}
