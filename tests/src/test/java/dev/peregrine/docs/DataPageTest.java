package dev.peregrine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.architecture.Sources;
import dev.peregrine.yolo.data.FaultKind;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of faults in {@code docs/data.md} against the kinds there are. */
class DataPageTest {
  @Test
  void theTableShowsEveryKind() throws IOException {
    String page = Files.readString(Sources.root().resolve("docs/data.md"));
    Matcher table =
        Pattern.compile("<!-- faults:[^>]*-->\\n(.*?)<!-- end of faults -->", Pattern.DOTALL)
            .matcher(page);
    assertThat(table.find()).as("docs/data.md has a table of faults").isTrue();
    assertThat(table.group(1))
        .isEqualTo(
            "| fault | severity | what is done |\n|---|---|---|\n"
                + Arrays.stream(FaultKind.values())
                    .map(DataPageTest::row)
                    .collect(Collectors.joining()));
  }

  private static String row(FaultKind kind) {
    return "| %s | %s | %s |\n"
        .formatted(kind.title(), kind.severity().name().toLowerCase(Locale.ROOT), kind.outcome());
  }
}
