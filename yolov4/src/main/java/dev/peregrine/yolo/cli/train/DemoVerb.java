package dev.peregrine.yolo.cli.train;

import dev.peregrine.nn.train.Listener;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.RunFolder;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.demo.Demo;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Shows the whole way in a few minutes: paints pictures, trains on them, finds the objects. */
public final class DemoVerb implements Verb {
  private static final Key<Double> MINUTES =
      Key.number("minutes", "3", 0.01, 10_000, "how long to train, about");
  private static final Key<Path> PLACE =
      new Key<>(
          RunFolder.OUT.name(),
          "runs/demo",
          Key.Need.OPTIONAL,
          "the folder of everything that is made; with a number where it exists",
          Path::of);

  @Override
  public String name() {
    return "demo";
  }

  @Override
  public String summary() {
    return "paints pictures, trains a small network on them and draws what it finds, in minutes";
  }

  @Override
  public String example() {
    return "./yolo demo";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(MINUTES, PLACE);
  }

  @Override
  public int run(Call call) {
    Device device = call.device();
    RunFolder folder =
        RunFolder.numbered(call, call.get(PLACE), Map.of("lanes", device.description()));
    TrainingProgress progress =
        new TrainingProgress(call.console(), folder.path(), Optional::empty);
    Demo.Guide guide =
        new Demo.Guide() {
          @Override
          public void say(String sentence) {
            call.print(sentence);
          }

          @Override
          public Listener watch() {
            return progress;
          }
        };
    Demo.Result result =
        Call.on(
            device,
            () -> Demo.run(folder.path(), call.get(MINUTES), call.get(Call.SEED), device, guide));
    call.print(result.scores().toText().stripTrailing());
    call.print(
        String.format(Locale.ROOT, "AP50 %.3f on pictures held back", result.scores().ap50()));
    call.print("found objects: " + result.sheet());
    call.print("curves and weights: " + result.folder());
    return Failure.NONE;
  }
}
