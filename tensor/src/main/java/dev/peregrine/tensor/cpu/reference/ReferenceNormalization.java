package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.shape.Shape;
import java.util.List;

/** Batch normalisation: with given statistics, with those of the batch, and the gradient. */
final class ReferenceNormalization {
  private ReferenceNormalization() {}

  static Numbers given(BatchNorm op, Numbers[] in) {
    Numbers x = in[0];
    double[] gamma = in[1].values;
    double[] beta = in[2].values;
    double[] mean = in[3].values;
    double[] variance = in[4].values;
    Numbers y = Numbers.zeros(x.shape);
    for (int i = 0; i < y.values.length; i++) {
      int c = i % gamma.length;
      double deviation = Math.sqrt(variance[c] + op.epsilon());
      y.values[i] = gamma[c] * (x.values[i] - mean[c]) / deviation + beta[c];
    }
    if (op.activation() != null) {
      for (int i = 0; i < y.values.length; i++) {
        y.values[i] = ReferencePointwise.function(op.activation(), y.values[i]);
      }
    }
    return y;
  }

  static List<Numbers> train(BatchNormTrain op, Numbers x, Numbers gamma, Numbers beta) {
    int channels = x.shape.channels();
    int rows = x.shape.rows();
    Numbers mean = Numbers.zeros(Shape.of(channels));
    for (int i = 0; i < x.values.length; i++) {
      mean.values[i % channels] += x.values[i] / rows;
    }
    Numbers variance = Numbers.zeros(Shape.of(channels));
    for (int i = 0; i < x.values.length; i++) {
      double difference = x.values[i] - mean.values[i % channels];
      variance.values[i % channels] += difference * difference / rows;
    }
    BatchNorm norm = new BatchNorm(op.epsilon(), op.activation());
    Numbers y = given(norm, new Numbers[] {x, gamma, beta, mean, variance});
    return List.of(y, mean, variance);
  }

  static List<Numbers> grad(BatchNormGrad op, Numbers[] in) {
    Numbers x = in[0];
    double[] gamma = in[1].values;
    double[] beta = in[2].values;
    double[] mean = in[3].values;
    double[] variance = in[4].values;
    double[] dy = in[5].values;
    int channels = x.shape.channels();
    int rows = x.shape.rows();
    Numbers dx = Numbers.zeros(x.shape);
    Numbers dgamma = Numbers.zeros(in[1].shape);
    Numbers dbeta = Numbers.zeros(in[1].shape);

    double[] normal = new double[x.values.length];
    double[] g = new double[x.values.length];
    for (int i = 0; i < normal.length; i++) {
      int c = i % channels;
      normal[i] = (x.values[i] - mean[c]) / Math.sqrt(variance[c] + op.epsilon());
      g[i] = dy[i];
      if (op.activation() != null) {
        g[i] *= ReferencePointwise.derivative(op.activation(), gamma[c] * normal[i] + beta[c]);
      }
      dbeta.values[c] += g[i];
      dgamma.values[c] += g[i] * normal[i];
    }
    for (int i = 0; i < normal.length; i++) {
      int c = i % channels;
      double centred = g[i] - dbeta.values[c] / rows - normal[i] * dgamma.values[c] / rows;
      dx.values[i] = gamma[c] / Math.sqrt(variance[c] + op.epsilon()) * centred;
    }
    return List.of(dx, dgamma, dbeta);
  }
}
