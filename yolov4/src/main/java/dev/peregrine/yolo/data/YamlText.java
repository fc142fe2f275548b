package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** What may be asked of a YAML text before it is read into lists and maps. */
public final class YamlText {
  private static final int LONGEST_WORD = 10_000;
  private static final int SHOWN = 200;

  private YamlText() {}

  /**
   * Checks that a text is YAML, nests little, has no endless words and no tags. Lists in one
   * another would exhaust a reader's stack, and a number of a million digits takes minutes to
   * convert.
   *
   * <p><b>Errors</b> {@link FormatException} with file and line.
   *
   * @param file what errors call it
   * @param text the whole text
   * @param settings how it will be read
   * @param deepest how many lists and maps may be in one another
   */
  public static void requirePlain(String file, String text, LoadSettings settings, int deepest) {
    try {
      ParserImpl events = new ParserImpl(settings, new StreamReader(settings, text));
      int depth = 0;
      while (events.hasNext()) {
        Event event = events.next();
        switch (event.getEventId()) {
          case SequenceStart, MappingStart -> depth++;
          case SequenceEnd, MappingEnd -> depth--;
          default -> {}
        }
        // A tag names a type to make, which no description needs, and some are too odd for the
        // parser.
        if (tag(event).isPresent()) {
          throw new FormatException(
              file + ":" + line(event.getStartMark()) + ": tags such as !x are not understood");
        }
        if (depth > deepest) {
          throw new FormatException(
              file + ":" + line(event.getStartMark()) + ": lists are nested too deeply");
        }
        if (event instanceof ScalarEvent word && word.getValue().length() > LONGEST_WORD) {
          throw new FormatException(
              "%s:%d: a word has %d characters, too many for a description"
                  .formatted(file, line(event.getStartMark()), word.getValue().length()));
        }
      }
    } catch (YamlEngineException failure) {
      throw failure(file, failure);
    } catch (IllegalArgumentException | IndexOutOfBoundsException failure) {
      // What the parser does not check itself, such as the digits of an escape.
      throw new FormatException(file + " is not valid YAML: " + shown(failure.toString()), failure);
    }
  }

  /**
   * The error of a text that is no YAML.
   *
   * @param file what errors call it
   * @param failure what the parser says
   * @return an exception to throw
   */
  public static FormatException failure(String file, YamlEngineException failure) {
    if (failure instanceof MarkedYamlEngineException marked) {
      return new FormatException(
          "%s:%d: not valid YAML: %s"
              .formatted(file, line(marked.getProblemMark()), shown(marked.getProblem())),
          failure);
    }
    return new FormatException(
        "%s is not valid YAML: %s".formatted(file, shown(String.valueOf(failure.getMessage()))),
        failure);
  }

  private static Optional<String> tag(Event event) {
    return switch (event) {
      case ScalarEvent word -> word.getTag();
      case CollectionStartEvent list -> list.getTag();
      default -> Optional.empty();
    };
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(place -> place.getLine() + 1).orElse(1);
  }

  private static String shown(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
