package dev.peregrine.docs;

import dev.peregrine.architecture.Sources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A page of the documentation, taken apart into what can be compiled, run and compared.
 *
 * <p>The language of a fence says what happens to it: {@code java} is compiled and run, {@code sh}
 * is run line by line, {@code text} is what the block before it prints, and a fence without a
 * language holds formulas and sketches. {@code sh slow} takes minutes or files that are not in the
 * project: its calls are checked and not run. {@code java from FILE} quotes a file of the project.
 *
 * @param file the page
 * @param text all of it
 * @param blocks its fenced blocks in their order
 */
public record Page(Path file, String text, List<Block> blocks) {
  private static final Pattern FENCE =
      Pattern.compile("(?m)^ *```([\\w ./-]*)\\n(.*?)^ *```$", Pattern.DOTALL);

  /**
   * A fenced block.
   *
   * @param language the word behind the opening fence, with what follows it
   * @param text its lines
   * @param line the line of the opening fence, from 1
   */
  public record Block(String language, String text, int line) {}

  /** Reads a page of the project. */
  static Page read(Path file) {
    try {
      String text = Files.readString(file);
      Matcher fence = FENCE.matcher(text);
      List<Block> blocks = new ArrayList<>();
      while (fence.find()) {
        int line = 1 + (int) text.substring(0, fence.start()).lines().count();
        blocks.add(new Block(fence.group(1).strip(), fence.group(2), line));
      }
      return new Page(file, text, List.copyOf(blocks));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The README and everything in {@code docs}. */
  public static List<Page> all() {
    return Stream.concat(
            Stream.of(Page.read(Sources.root().resolve("README.md"))), in("docs").stream())
        .toList();
  }

  /** The chapters of the book, in their order. */
  public static List<Page> chapters() {
    return in("docs/book");
  }

  private static List<Page> in(String folder) {
    try (Stream<Path> files = Files.walk(Sources.root().resolve(folder))) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .map(Page::read)
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * Tells whether what was printed is what is shown, where a shown line of three dots stands for
   * any number of lines, and the one character "…" for any part of a line.
   */
  public static boolean shows(String shown, String printed) {
    if (shown.isBlank()) {
      return printed.isBlank();
    }
    StringBuilder pattern = new StringBuilder();
    shown
        .stripTrailing()
        .lines()
        .forEach(line ->
            pattern.append(
                line.strip().equals("...")
                    ? "(?:[^\\n]*\\n)*"
                    : Stream.of(line.stripTrailing().split("…", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining("[^\\n]*", "", "[ \\t]*\\n"))));
    return Pattern.matches(pattern.toString(), printed.stripTrailing() + "\n");
  }

  @Override
  public String toString() {
    return Sources.root().relativize(file).toString();
  }
}
