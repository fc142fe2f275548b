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
