package dev.peregrine.architecture;

/** Counts the lines of a Java text that hold code: not blank, not only a comment. */
final class CodeLines {
  private final String text;
  private int at;
  private int lines;
  private boolean code;

  private CodeLines(String text) {
    this.text = text;
  }

  static int count(String text) {
    return new CodeLines(text).count();
  }

  private int count() {
    while (at < text.length()) {
      if (text.startsWith("//", at)) {
        skipTo("\n", 0);
      } else if (text.startsWith("/*", at)) {
        skipTo("*/", 2);
      } else if (text.startsWith("\"\"\"", at)) {
        literal("\"\"\"");
      } else if (text.charAt(at) == '"' || text.charAt(at) == '\'') {
        literal(text.substring(at, at + 1));
      } else {
        one();
      }
    }
    endLine();
    return lines;
  }

  private void one() {
    char c = text.charAt(at++);
    if (c == '\n') {
      endLine();
    } else if (!Character.isWhitespace(c)) {
      code = true;
    }
  }

  private void endLine() {
    if (code) {
      lines++;
    }
    code = false;
  }

  /** Passes over a comment; its line breaks end lines that may hold code before it. */
  private void skipTo(String end, int length) {
    int stop = text.indexOf(end, at + 2 - (length == 0 ? 1 : 0));
    stop = stop < 0 ? text.length() : stop + length;
    for (; at < stop; at++) {
      if (text.charAt(at) == '\n') {
        endLine();
      }
    }
  }

  private void literal(String quote) {
    at += quote.length();
    code = true;
    while (at < text.length() && !text.startsWith(quote, at)) {
      if (text.charAt(at) == '\\') {
        at++;
      } else if (text.charAt(at) == '\n') {
        endLine();
        code = true;
      }
      at++;
    }
    at += quote.length();
  }
}
