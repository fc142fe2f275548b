package dev.peregrine.nn.io;

import dev.peregrine.tensor.FormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON of a file header: objects, arrays, strings, numbers, true, false and null, nothing
 * else.
 *
 * <p>The header of a safetensors file is all the JSON this module meets, so it depends on no
 * library for it.
 */
final class JsonReader {
  private static final int MAX_DEPTH = 16;
  private static final int SHOWN = 100;

  private final String where;
  private final String text;
  private int at;

  private JsonReader(String where, String text) {
    this.where = where;
    this.text = text;
  }

  /** Parses an object; numbers come as Double, texts as String. */
  static Map<String, Object> object(String where, String text) {
    JsonReader reader = new JsonReader(where, text);
    reader.blanks();
    Object value = reader.value(0);
    reader.blanks();
    if (reader.at < text.length()) {
      throw reader.error("ends before its text does");
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw reader.error("must be an object");
    }
    Map<String, Object> object = new LinkedHashMap<>();
    map.forEach((key, element) -> object.put((String) key, element));
    return object;
  }

  /** A value of a file as an error shows it. */
  static String shown(Object value) {
    String text = String.valueOf(value);
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  private FormatException error(String what) {
    return new FormatException(
        where
            + ": the JSON header "
            + what
            + " (at character "
            + at
            + "); the file is damaged or of another format");
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private char next() {
    if (at >= text.length()) {
      throw error("breaks off");
    }
    return text.charAt(at++);
  }

  private boolean take(char wanted) {
    blanks();
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void require(char wanted) {
    if (!take(wanted)) {
      throw error("lacks a '" + wanted + "'");
    }
  }

  private Object value(int depth) {
    if (depth > MAX_DEPTH) {
      throw error("is nested more than " + MAX_DEPTH + " deep");
    }
    blanks();
    char first = next();
    return switch (first) {
      case '{' -> members(depth);
      case '[' -> elements(depth);
      case '"' -> string();
      case 't' -> word("true", Boolean.TRUE);
      case 'f' -> word("false", Boolean.FALSE);
      case 'n' -> word("null", "null");
      default -> number();
    };
  }

  private Object word(String word, Object value) {
    if (!text.startsWith(word, at - 1)) {
      throw error("has an unknown word");
    }
    at += word.length() - 1;
    return value;
  }

  private Map<String, Object> members(int depth) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (take('}')) {
      return map;
    }
    do {
      require('"');
      String key = string();
      require(':');
      if (map.put(key, value(depth + 1)) != null) {
        throw error("names '" + shown(key) + "' twice");
      }
    } while (take(','));
    require('}');
    return map;
  }

  private List<Object> elements(int depth) {
    List<Object> list = new ArrayList<>();
    if (take(']')) {
      return list;
    }
    do {
      list.add(value(depth + 1));
    } while (take(','));
    require(']');
    return list;
  }

  private String string() {
    StringBuilder out = new StringBuilder();
    for (char c = next(); c != '"'; c = next()) {
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = next();
      switch (escaped) {
        case '"', '\\', '/' -> out.append(escaped);
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'u' -> out.append(unicode());
        default -> throw error("has the unknown escape '\\" + escaped + "'");
      }
    }
    return out.toString();
  }

  private char unicode() {
    if (at + 4 > text.length()) {
      throw error("breaks off");
    }
    String digits = text.substring(at, at + 4);
    at += 4;
    try {
      return (char) Integer.parseInt(digits, 16);
    } catch (NumberFormatException _) {
      throw error("has the wrong escape '\\u" + digits + "'");
    }
  }

  private Double number() {
    int start = at - 1;
    while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    try {
      return Double.valueOf(text.substring(start, at));
    } catch (NumberFormatException _) {
      throw error("has the wrong number '" + text.substring(start, Math.min(at, start + 20)) + "'");
    }
  }

  /** Writes a text as a JSON string. */
  static String quote(String value) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : value.toCharArray()) {
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
