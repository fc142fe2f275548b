package dev.peregrine.yolo.cli.input;

import dev.peregrine.yolo.Pretrained;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;

/** The network that a call takes when it names none. */
public final class ShippedModel {
  /** {@code model=} of verbs that may be called without it. */
  public static final Key<String> MODEL =
      new Key<>(
          ModelLoader.MODEL.name(),
          Pretrained.NAME,
          Key.Need.OPTIONAL,
          ModelLoader.MODEL.description(),
          text -> text);

  private ShippedModel() {}

  /** Tells about it, where a call takes it. */
  public static void tell(Call call) {
    if (!call.get(MODEL).equals(Pretrained.NAME)) {
      return;
    }
    if (call.has(ModelLoader.WEIGHTS)) {
      throw new UsageException(
          "weights= are the numbers of a network, and model= must say of which one; "
              + Pretrained.NAME
              + " has its own");
    }
    call.print(
        "model: "
            + Pretrained.NAME
            + ", which comes with the program and finds "
            + String.join(", ", Pretrained.names())
            + "; model= takes another");
  }
}
