package dev.peregrine.yolo.darknet;

import dev.peregrine.yolo.darknet.Section.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The grammar of a cfg: lines without blanks, {@code [section]}, {@code key=value}, and comments
 * from {@code #} or a leading {@code ;} to the end of the line.
 */
final class CfgText {
  private static final Pattern BLANK_BETWEEN = Pattern.compile("(?<=\\d)\\s+(?=\\d)");

  private static final Pattern BLANK = Pattern.compile("[\\s\uFEFF]");

  private CfgText() {}

  static List<Section> parse(String text, String file) {
    List<Section> sections = new ArrayList<>();
    String name = "";
    int start = 0;
    List<Entry> entries = new ArrayList<>();
    int number = 0;
    for (String raw : text.lines().toList()) {
      number++;
      String line = content(raw);
      if (line.isEmpty()) {
        continue;
      }
      if (line.startsWith("[")) {
        if (start > 0) {
          sections.add(new Section(name, start, entries));
        }
        if (!line.endsWith("]") || line.length() < 3) {
          throw SectionReader.error(
              file,
              number,
              "'" + SectionReader.shown(raw.strip()) + "' is not a section: write [name]");
        }
        name = line.substring(1, line.length() - 1);
        start = number;
        entries = new ArrayList<>();
        continue;
      }
      int equals = line.indexOf('=');
      if (start == 0 || equals < 1) {
        throw SectionReader.error(
            file,
            number,
            "'"
                + SectionReader.shown(raw.strip())
                + "' "
                + (start == 0
                    ? "stands before the first section: a cfg starts with [net]"
                    : "is neither [section] nor key=value"));
      }
      entries.add(new Entry(line.substring(0, equals), line.substring(equals + 1), number));
    }
    if (start > 0) {
      sections.add(new Section(name, start, entries));
    }
    return sections;
  }

  private static String content(String raw) {
    int comment = raw.indexOf('#');
    String kept = comment < 0 ? raw : raw.substring(0, comment);
    // A published file (cspx-p7-mish_hp) lacks a comma between two anchors.
    String list =
        kept.strip().startsWith("anchors") ? BLANK_BETWEEN.matcher(kept).replaceAll(",") : kept;
    String line = BLANK.matcher(list).replaceAll("");
    return line.startsWith(";") ? "" : line;
  }

  static String write(List<Section> sections) {
    StringBuilder text = new StringBuilder();
    for (Section section : sections) {
      if (!text.isEmpty()) {
        text.append('\n');
      }
      text.append('[').append(section.name()).append("]\n");
      for (Entry entry : section.entries()) {
        text.append(entry.key()).append('=').append(entry.value()).append('\n');
      }
    }
    return text.toString();
  }
}
