package dev.peregrine.yolo.cli;

import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.cli.kit.Versions;
import java.util.List;

/** Says which version this is. */
final class VersionVerb implements Verb {
  @Override
  public String name() {
    return "version";
  }

  @Override
  public String summary() {
    return "says which version of Peregrine and of Java runs";
  }

  @Override
  public String example() {
    return "./yolo version";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of();
  }

  @Override
  public int run(Call call) {
    call.print("Peregrine " + Versions.own() + ", Java " + Versions.java());
    return Failure.NONE;
  }
}
