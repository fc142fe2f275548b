package dev.peregrine.yolo.cli.train;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import java.util.List;

/** The keys of {@code train} that change layers: how they normalise, and what they leave out. */
final class StyleKeys {
  /** The normalisations under the names that users type. */
  enum Normalization {
    BATCH(LayerStyle.Kind.BATCH),
    CMBN(LayerStyle.Kind.CROSS_MINI_BATCH),
    CBN(LayerStyle.Kind.CROSS_ITERATION),
    SYNC(LayerStyle.Kind.SYNCHRONIZED),
    FRN(LayerStyle.Kind.FILTER_RESPONSE),
    GROUP(LayerStyle.Kind.GROUP);

    private final LayerStyle.Kind kind;

    Normalization(LayerStyle.Kind kind) {
      this.kind = kind;
    }
  }

  private static final Key<Normalization> NORMALIZATION =
      Key.choice(
          "normalization",
          "batch",
          Normalization.class,
          "statistics by which maps are normalised: of the mini-batch, of all since the last step"
              + " (cmbn), of the last four (cbn), of all replicas (sync); frn and group need none,"
              + " and make another network");
  private static final Key<Double> DROPBLOCK =
      Key.number(
          "dropblock",
          "0",
          0,
          0.9,
          "part of the backbone's maps that is cleared in squares, growing from 0 over the run");
  private static final Key<Integer> DROPBLOCK_SIZE =
      Key.whole("dropblock_size", "7", 1, 1000, "rows and columns of such a square");
  private static final Key<Double> DROPPATH =
      Key.number("droppath", "0", 0, 0.9, "how likely a residual branch is left out for a picture");
  private static final Key<Double> DROPCONNECT =
      Key.number("dropconnect", "0", 0, 0.9, "how likely a weight is left out for a mini-batch");
  private static final Key<Boolean> RECOMPUTE =
      Key.flag(
          "recompute",
          false,
          "compute stages once more on the way back instead of keeping what is inside: a third more"
              + " time, a fraction of the memory, the same bits");

  /** How many networks share each mini-batch. */
  static final Key<Integer> REPLICAS =
      Key.whole("replicas", "1", 1, 64, "copies of the network that share each mini-batch");

  /** All of them. */
  static final List<Key<?>> KEYS =
      List.of(NORMALIZATION, DROPBLOCK, DROPBLOCK_SIZE, DROPPATH, DROPCONNECT, RECOMPUTE, REPLICAS);

  private StyleKeys() {}

  /** The style that a call asks for. */
  static LayerStyle of(Call call) {
    return LayerStyle.PLAIN
        .normalizing(call.get(NORMALIZATION).kind)
        .droppingBlocks(call.get(DROPBLOCK), call.get(DROPBLOCK_SIZE))
        .droppingPaths(call.get(DROPPATH))
        .droppingConnections(call.get(DROPCONNECT))
        .recomputing(call.get(RECOMPUTE));
  }
}
