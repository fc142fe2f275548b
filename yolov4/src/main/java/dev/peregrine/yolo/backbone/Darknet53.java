package dev.peregrine.yolo.backbone;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.block.Blocks.residual;
import static dev.peregrine.tensor.op.Unary.Kind.LEAKY_RELU;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Darknet53: five stages of residual units, the backbone of YOLOv3.
 *
 * <p><b>Cost</b> as a classifier of 1000 classes 41.6 million parameters and 18.6 GFLOP at 256.
 *
 * <p><b>Source</b> Redmon and Farhadi 2018, "YOLOv3"; {@code darknet53.cfg}.
 *
 * @param scale factors of width and depth
 */
public record Darknet53(Scale scale) implements Backbone {
  private static final int[] DEPTHS = {1, 2, 8, 8, 4};

  @Override
  public String name() {
    return scale.of("darknet53");
  }

  @Override
  public List<Tensor> stages(Params p, Tensor image) { // [N, 256, 256, 3]
    Tensor x = convBn(p.at("stem"), image, scale.channels(32), 3, 1, LEAKY_RELU);
    List<Tensor> stages = new ArrayList<>();
    for (int i = 0; i < DEPTHS.length; i++) { // [N, 128, 128, 64] to [N, 8, 8, 1024]
      int channels = scale.channels(64 << i);
      Params stage = p.at("stage", i);
      x = convBn(stage.at("down"), x, channels, 3, 2, LEAKY_RELU);
      for (int j = 0; j < scale.repeats(DEPTHS[i]); j++) {
        x = residual(stage.at("unit", j), x, channels / 2, LEAKY_RELU);
      }
      stages.add(x);
    }
    return stages;
  }
}
