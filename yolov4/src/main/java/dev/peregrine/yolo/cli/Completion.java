package dev.peregrine.yolo.cli;

import dev.peregrine.yolo.Models;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Scripts by which a shell completes verbs, keys and values.
 *
 * <p>They are made of the verbs themselves. picocli's own generator knows {@code --key value} only,
 * not {@code key=value}.
 */
final class Completion {
  /** Shells there are scripts for. */
  enum Shell {
    /** Version 4 and later; version 3 with a blank after each key. */
    BASH,
    /** With its completion system. */
    ZSH
  }

  private static final String BASH_FUNCTION =
      """
      # Completes the command yolo. Install it with
      #   ./yolo completion bash > ~/.yolo-completion && echo '. ~/.yolo-completion' >> ~/.bashrc
      _yolo() {
        local line=${COMP_LINE:0:COMP_POINT} IFS=$' \\t\\n'
        local -a words
        read -ra words <<<"$line"
        [[ $line == *[[:space:]] ]] && words+=("")
        local count=${#words[@]} verb=${words[1]-} words_before=2 word before key= value
        local keys= names= choices= files= dashes= kept=
        word=${words[count - 1]}
        before=${words[count - 2]}
        if [[ " $_yolo_groups " == *" $verb "* ]]; then
          verb="$verb ${words[2]-}"
          words_before=3
        fi
        COMPREPLY=()
        if ((count <= words_before)); then
          [[ $words_before == 3 ]] && names=${verb% *} # what follows the first word of two
          _yolo_verbs "$names"
          COMPREPLY=($(compgen -W "$choices" -- "$word"))
          return
        fi
        if [[ $word == *=* ]]; then
          key=${word%%=*}
          key=${key#--}
          value=${word#*=}
          # Where '=' parts words, the shell replaces only what follows it.
          [[ $COMP_WORDBREAKS == *=* ]] || kept=${word%%=*}=
        elif [[ $before == --?* && $before != *=* ]]; then
          key=${before#--}
          value=$word
        fi
        if [[ -z $key ]]; then
          [[ $word == --* ]] && dashes=--
          _yolo_keys "$verb"
          COMPREPLY=($(compgen -P "$dashes" -W "$keys" -- "${word#--}"))
          ((count == words_before + 1)) && COMPREPLY+=($(compgen -W "$names" -- "$word"))
          [[ ${COMPREPLY[*]-} == *= ]] && compopt -o nospace 2>/dev/null
          return
        fi
        _yolo_values "$verb $key"
        COMPREPLY=($(compgen -P "$kept" -W "$choices" -- "$value"))
        if [[ -n $files ]]; then
          compopt -o filenames 2>/dev/null
          IFS=$'\\n'
          COMPREPLY+=($(compgen -P "$kept" -f -- "$value"))
        fi
      }
      complete -F _yolo yolo
      """;

  private static final String ZSH_FUNCTION =
      """
      # Completes the command yolo. Install it with
      #   ./yolo completion zsh > ~/.yolo-completion && echo '. ~/.yolo-completion' >> ~/.zshrc
      (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
      _yolo() {
        local verb=${words[2]} key names choices keys files words_before=2
        if [[ " $_yolo_groups " == *" $verb "* ]]; then
          (( CURRENT > 2 )) && words_before=3 && verb="$verb ${words[3]}"
        fi
        if (( CURRENT <= words_before )); then
          (( words_before == 3 )) && names=${verb%% *}
          _yolo_verbs "$names"
          compadd -- ${=choices}
          return
        fi
        if [[ $PREFIX == *=* ]]; then
          key=${${PREFIX%%=*}#--}
          compset -P '*='
        elif [[ ${words[CURRENT-1]} == --?* && ${words[CURRENT-1]} != *=* ]]; then
          key=${words[CURRENT-1]#--}
        fi
        if [[ -z $key ]]; then
          _yolo_keys "$verb"
          [[ $PREFIX == --* ]] && compset -P --
          compadd -S '' -- ${=keys}
          (( CURRENT == words_before + 1 )) && compadd -- ${=names}
          return
        fi
        _yolo_values "$verb $key"
        [[ -n $choices ]] && compadd -- ${=choices}
        [[ -n $files ]] && _files
        return 0
      }
      compdef _yolo yolo
      """;

  private Completion() {}

  /** The script of a shell. */
  static String script(Shell shell, List<Verb> verbs) {
    Map<String, List<String>> groups = new TreeMap<>();
    groups.put("", new ArrayList<>(new LinkedHashSet<>(firstWords(verbs))));
    StringBuilder keys = new StringBuilder();
    Map<String, Set<String>> files = new LinkedHashMap<>();
    Map<String, Set<String>> choices = new LinkedHashMap<>();
    for (Verb verb : verbs) {
      String[] words = verb.name().split(" ", 2);
      if (words.length == 2) {
        groups.computeIfAbsent(words[0], word -> new ArrayList<>()).add(words[1]);
      }
      List<String> names = new ArrayList<>();
      String bare = "";
      for (Key<?> key : Call.keys(verb)) {
        names.add(key.name() + "=");
        String place = '"' + verb.name() + " " + key.name() + '"';
        String values = String.join(" ", words(key));
        if (!values.isEmpty()) {
          choices.computeIfAbsent(values, value -> new LinkedHashSet<>()).add(place);
        }
        if (key.takesFiles() && !key.name().equals(Call.DEVICE.name())) {
          files.computeIfAbsent("yes", value -> new LinkedHashSet<>()).add(place);
        }
        if (key.name().equals(verb.bareKey())) {
          bare = values;
        }
      }
      keys.append("    \"").append(verb.name()).append("\") keys='");
      keys.append(String.join(" ", names)).append("' names='").append(bare).append("' ;;\n");
    }
    Map<String, Set<String>> lists = new LinkedHashMap<>();
    groups.forEach((word, list) ->
        lists
            .computeIfAbsent(String.join(" ", list), key -> new LinkedHashSet<>())
            .add('"' + word + '"'));
    groups.remove("");
    return (shell == Shell.BASH ? BASH_FUNCTION : ZSH_FUNCTION)
        + "_yolo_groups='"
        + String.join(" ", groups.keySet())
        + "'\n_yolo_verbs() {\n"
        + cases("choices", lists)
        + "}\n_yolo_keys() {\n  case $1 in\n"
        + keys
        + "  esac\n}\n_yolo_values() {\n"
        + cases("choices", choices)
        + cases("files", files)
        + "}\n";
  }

  private static List<String> words(Key<?> key) {
    return switch (key.name()) {
      case "device" -> List.of("auto", "cpu", "opencl", "reference");
      case "model" -> Models.names();
      default -> key.words();
    };
  }

  private static List<String> firstWords(List<Verb> verbs) {
    return verbs.stream().map(verb -> verb.name().split(" ", 2)[0]).toList();
  }

  private static String cases(String variable, Map<String, Set<String>> places) {
    StringBuilder text = new StringBuilder("  case $1 in\n");
    places.forEach((value, where) ->
        text.append("    ")
            .append(String.join(" | ", where))
            .append(") ")
            .append(variable)
            .append("='")
            .append(value)
            .append("' ;;\n"));
    return text.append("  esac\n").toString();
  }
}
