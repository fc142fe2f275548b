package dev.peregrine.yolo.backbone;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.block.CspBlocks.csp;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import java.util.ArrayList;
import java.util.List;

/**
 * CSPDarknet53: five partial stages, the backbone of YOLOv4.
 *
 * <p><b>Cost</b> as a classifier of 1000 classes 27.6 million parameters and 13.1 GFLOP at 256.
 *
 * <p><b>Source</b> Wang et al. 2019, "CSPNet"; {@code csdarknet53.cfg}, and with mish {@code
 * csdarknet53-omega.cfg}.
 *
 * @param activation after each convolution: leaky, or mish as in YOLOv4
 * @param scale factors of width and depth
 */
public record CspDarknet53(Unary.Kind activation, Scale scale) implements Backbone {
  private static final int[] DEPTHS = {1, 2, 8, 8, 4};

  @Override
  public String name() {
    return scale.of(activation == Unary.Kind.MISH ? "csdarknet53-omega" : "csdarknet53");
  }

  @Override
  public List<Tensor> stages(Params p, Tensor image) { // [N, 256, 256, 3]
    Tensor x = convBn(p.at("stem"), image, scale.channels(32), 3, 1, activation);
    List<Tensor> stages = new ArrayList<>();
    for (int i = 0; i < DEPTHS.length; i++) { // [N, 128, 128, 64] to [N, 8, 8, 1024]
      int channels = scale.channels(64 << i);
      // The first stage keeps its full width in both projections.
      int part = i == 0 ? channels : channels / 2;
      x = csp(p.at("csp", i), x, channels, part, channels / 2, depth(i), activation);
      stages.add(x);
    }
    return stages;
  }

  private int depth(int stage) {
    return scale.repeats(DEPTHS[stage]);
  }
}
