package dev.peregrine.yolo.cli;

import dev.peregrine.yolo.cli.kit.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Brings the three ways to write a setting, {@code key=value}, {@code --key value} and {@code
 * --key=value}, into the last one, which the parser reads.
 */
final class Arguments {
  private static final Pattern ASSIGNMENT =
      Pattern.compile("[A-Za-z][A-Za-z0-9_-]*=.*", Pattern.DOTALL);
  private static final Set<String> TRUTHS =
      Set.of("true", "false", "yes", "no", "on", "off", "1", "0");

  private Arguments() {}

  /**
   * Normalises what follows the verb.
   *
   * @param arguments as typed
   * @param keys the verb's keys; a flag takes the next word only if that is true or false
   * @param bareKey the key that a first word without one is the value of; empty for none
   * @return one {@code --key=value} or {@code --flag} each; what is neither stays as it is
   */
  static List<String> normalize(List<String> arguments, List<Key<?>> keys, String bareKey) {
    Map<String, Key<?>> byName = keys.stream().collect(Collectors.toMap(Key::name, key -> key));
    List<String> normal = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (!word.startsWith("--")) {
        boolean bare = i == 0 && !bareKey.isEmpty() && !ASSIGNMENT.matcher(word).matches();
        String setting = bare ? bareKey + "=" + word : word;
        normal.add(ASSIGNMENT.matcher(setting).matches() ? "--" + setting : word);
        continue;
      }
      Key<?> key = byName.get(word.substring(2));
      String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "--";
      if (key != null && takes(key, next)) {
        normal.add(word + "=" + next);
        i++;
      } else {
        normal.add(word);
      }
    }
    return normal;
  }

  private static boolean takes(Key<?> key, String next) {
    return key.need() == Key.Need.FLAG
        ? TRUTHS.contains(next.toLowerCase(Locale.ROOT))
        : !next.startsWith("--");
  }
}
