package dev.peregrine.nn.block;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Pooling.upsample;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import java.util.ArrayList;
import java.util.List;

/** Necks: what mixes the maps of a backbone's stages before the heads. */
public final class Necks {
  private Necks() {}

  /** What a neck does where two maps have met. */
  @FunctionalInterface
  public interface Block {
    /**
     * Applies the block.
     *
     * @param p its room
     * @param x the maps after one another, {@code [N, H, W, C]}
     * @param channels of its result
     * @return {@code [N, H, W, channels]}
     */
    Tensor apply(Params p, Tensor x, int channels);
  }

  /** What is made of a level as soon as the neck has it. */
  @FunctionalInterface
  public interface Level {
    /**
     * Looks at a level.
     *
     * @param level its number, 0 the finest
     * @param x its map
     * @return what the neck gives for it
     */
    Tensor apply(int level, Tensor x);
  }

  /**
   * Path aggregation: coarse maps are enlarged and joined to finer ones, then back down.
   *
   * <p><b>Shapes</b> tap i {@code [N, H / 2^i, W / 2^i, C_i]}, and top one level coarser than the
   * last tap; level i of the result is {@code [N, H / 2^i, W / 2^i, channels[i]]} before {@code
   * out}.
   *
   * <p><b>Source</b> Liu et al. 2018, "Path aggregation network", with concatenation instead of
   * sums: Bochkovskiy, Wang and Liao 2020.
   *
   * @param p the room of the neck
   * @param taps maps of the backbone, finest first
   * @param top the coarsest map
   * @param channels of the levels, finest first; one more than taps
   * @param block what is done where two maps have met
   * @param activation after each convolution of the neck itself
   * @param out what is made of each level
   * @return what {@code out} made of the levels, finest first
   */
  public static List<Tensor> pan(
      Params p,
      List<Tensor> taps,
      Tensor top,
      List<Integer> channels,
      Block block,
      Unary.Kind activation,
      Level out) {
    int last = taps.size();
    Tensor[] met = new Tensor[last + 1];
    met[last] = top;
    for (int i = last - 1; i >= 0; i--) {
      Params up = p.at("up", i);
      int width = channels.get(i);
      Tensor coarse = upsample(convBn(up.at("reduce"), met[i + 1], width, 1, 1, activation), 2);
      Tensor lateral = convBn(up.at("lateral"), taps.get(i), width, 1, 1, activation);
      met[i] = block.apply(up.at("block"), concat(-1, lateral, coarse), width);
    }
    List<Tensor> outs = new ArrayList<>();
    Tensor x = met[0];
    outs.add(out.apply(0, x));
    for (int i = 1; i <= last; i++) {
      Params down = p.at("down", i);
      int width = channels.get(i);
      Tensor fine = convBn(down.at("halve"), x, width, 3, 2, activation);
      x = block.apply(down.at("block"), concat(-1, fine, met[i]), width);
      outs.add(out.apply(i, x));
    }
    return outs;
  }
}
