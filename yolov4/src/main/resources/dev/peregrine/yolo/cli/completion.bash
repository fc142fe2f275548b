# Completes the command yolo. Install it with
#   ./yolo completion bash > ~/.yolo-completion && echo '. ~/.yolo-completion' >> ~/.bashrc
_yolo() {
  local line=${COMP_LINE:0:COMP_POINT} IFS=$' \t\n'
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
    IFS=$'\n'
    COMPREPLY+=($(compgen -P "$kept" -f -- "$value"))
  fi
}
complete -F _yolo yolo
