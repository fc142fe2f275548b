package dev.peregrine.yolo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Console;
import dev.peregrine.yolo.cli.kit.RunFolder;
import dev.peregrine.yolo.cli.train.DemoVerb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Where runs go. */
class RunFolderTest {
  @TempDir Path folder;

  private final Call call = new Call(new DemoVerb(), Map.of("minutes", "2.5"), Console.system());

  @Test
  void runsAreNumberedAndNeverOverwritten() {
    Path wanted = folder.resolve("deep/run");
    assertThat(RunFolder.numbered(call, wanted, Map.of()).path()).isEqualTo(wanted);
    assertThat(RunFolder.numbered(call, wanted, Map.of()).path())
        .isEqualTo(folder.resolve("deep/run2"));
    RunFolder third = RunFolder.numbered(call, wanted, Map.of());
    assertThat(third.exists()).isFalse();
    assertThat(third.path()).isEqualTo(folder.resolve("deep/run3"));
    assertThat(third.path()).isEqualTo(folder.resolve("deep/run3"));
    assertThat(third.exists()).isTrue();
  }

  @Test
  void settingsAreValidYaml() throws Exception {
    Path made =
        RunFolder.numbered(
                call,
                folder.resolve("run"),
                Map.of("note", "a \"quoted\" \\ word: yes\nno", "decay", "5.0E-4", "hash", "0012"))
            .path();
    Object read =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(made.resolve("args.yaml")));
    assertThat(read).isInstanceOf(Map.class);
    Map<?, ?> settings = (Map<?, ?>) read;
    assertThat(settings.get("verb")).isEqualTo("demo");
    assertThat(settings.get("minutes")).isEqualTo(2.5);
    assertThat(settings.get("verbose")).isEqualTo(false);
    assertThat(settings.get("note")).isEqualTo("a \"quoted\" \\ word: yes\nno");
    assertThat(settings.get("decay")).isEqualTo(5e-4);
    assertThat(settings.get("hash")).isEqualTo("0012");
    assertThat(settings.get("java")).asString().contains(Runtime.version().toString());
  }
}
