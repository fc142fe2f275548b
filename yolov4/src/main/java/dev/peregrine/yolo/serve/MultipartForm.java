package dev.peregrine.yolo.serve;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A form with files, as browsers and {@code curl -F} send it.
 *
 * <p><b>Source</b> RFC 7578, and RFC 2046 section 5.1 for the boundaries.
 */
final class MultipartForm {
  private static final Pattern BOUNDARY =
      Pattern.compile(
          ";\\s*boundary=(?:\"([^\"]{1,70})\"|([^;\\s\"]{1,70}))", Pattern.CASE_INSENSITIVE);
  private static final Pattern DISPOSITION =
      Pattern.compile("(?im)^content-disposition:[ \\t]*form-data[ \\t]*(;.*)$");
  private static final Pattern PARAMETER =
      Pattern.compile("(?i);[ \\t]*(name|filename)=(?:\"([^\"]*)\"|([^;\\s\"]+))");
  private static final int MOST_PARTS = 32;
  private static final int MOST_HEADER = 4096;
  private static final byte[] BLANK_LINE = {'\r', '\n', '\r', '\n'};

  private MultipartForm() {}

  /**
   * A part of a form.
   *
   * @param name of its field
   * @param file the file's name; empty for a field that is no file
   * @param content its bytes
   */
  record Part(String name, String file, byte[] content) {
    boolean isFile() {
      return !file.isEmpty();
    }

    String text() {
      return new String(content, StandardCharsets.UTF_8);
    }
  }

  /**
   * Takes a form apart.
   *
   * <p><b>Errors</b> {@link Refusal} 400 where it is damaged.
   *
   * @param type the request's content type
   * @param body the whole form
   */
  static List<Part> parse(String type, byte[] body) {
    Matcher boundary = BOUNDARY.matcher(type);
    if (!boundary.find()) {
      throw damaged("its Content-Type has no boundary");
    }
    String text = boundary.group(1) == null ? boundary.group(2) : boundary.group(1);
    byte[] first = ("--" + text).getBytes(StandardCharsets.ISO_8859_1);
    byte[] delimiter = ("\r\n--" + text).getBytes(StandardCharsets.ISO_8859_1);
    int at = starts(body, 0, first) ? first.length : after(body, delimiter, 0);
    List<Part> parts = new ArrayList<>();
    while (at >= 0 && !starts(body, at, new byte[] {'-', '-'})) {
      int header = find(body, BLANK_LINE, at);
      if (header < 0 || header - at > MOST_HEADER) {
        throw damaged("a part has no end of its headers");
      }
      int content = header + BLANK_LINE.length;
      int end = find(body, delimiter, content);
      if (end < 0) {
        throw damaged("it ends within a part");
      }
      if (parts.size() == MOST_PARTS) {
        throw damaged("it has more than " + MOST_PARTS + " parts");
      }
      String headers = new String(body, at, header - at, StandardCharsets.UTF_8);
      parts.add(part(headers, Arrays.copyOfRange(body, content, end)));
      at = end + delimiter.length;
    }
    if (at < 0) {
      throw damaged("its boundary does not occur");
    }
    return parts;
  }

  private static Part part(String headers, byte[] content) {
    Matcher disposition = DISPOSITION.matcher(headers);
    if (!disposition.find()) {
      throw damaged("a part has no Content-Disposition of form-data");
    }
    String name = "";
    String file = "";
    Matcher parameter = PARAMETER.matcher(disposition.group(1));
    while (parameter.find()) {
      String value = parameter.group(2) == null ? parameter.group(3) : parameter.group(2);
      if (parameter.group(1).toLowerCase(Locale.ROOT).equals("name")) {
        name = value;
      } else {
        file = value.isEmpty() ? "picture" : value;
      }
    }
    return new Part(name, file, content);
  }

  private static Refusal damaged(String how) {
    return new Refusal(400, "the form is damaged: " + how);
  }

  private static boolean starts(byte[] body, int at, byte[] what) {
    return at + what.length <= body.length
        && Arrays.equals(body, at, at + what.length, what, 0, what.length);
  }

  private static int after(byte[] body, byte[] what, int from) {
    int at = find(body, what, from);
    return at < 0 ? at : at + what.length;
  }

  private static int find(byte[] body, byte[] what, int from) {
    for (int at = from; at + what.length <= body.length; at++) {
      if (body[at] == what[0] && starts(body, at, what)) {
        return at;
      }
    }
    return -1;
  }
}
