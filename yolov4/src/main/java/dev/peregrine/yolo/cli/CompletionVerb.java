package dev.peregrine.yolo.cli;

import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.Verb;
import java.util.List;
import java.util.function.Supplier;

/** Prints the script by which a shell completes this command line. */
final class CompletionVerb implements Verb {
  private static final Key<Completion.Shell> SHELL =
      Key.choice("shell", "", Completion.Shell.class, "which shell: bash or zsh").required();

  private final Supplier<List<Verb>> verbs;

  /**
   * Makes the verb.
   *
   * @param verbs all there are, this one too
   */
  CompletionVerb(Supplier<List<Verb>> verbs) {
    this.verbs = verbs;
  }

  @Override
  public String name() {
    return "completion";
  }

  @Override
  public String summary() {
    return "prints the script by which bash or zsh completes verbs, keys and values";
  }

  @Override
  public String example() {
    return "./yolo completion bash > ~/.yolo-completion && echo '. ~/.yolo-completion' >>"
        + " ~/.bashrc";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(SHELL);
  }

  @Override
  public String bareKey() {
    return SHELL.name();
  }

  @Override
  public int run(Call call) {
    call.console().out().print(Completion.script(call.get(SHELL), verbs.get()));
    return Failure.NONE;
  }
}
