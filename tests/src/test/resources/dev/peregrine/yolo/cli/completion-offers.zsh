# completion-offers.zsh SCRIPT OUT LINE...: writes to OUT what zsh offers at the tab key after each line,
# a line each with | after every offer. The shell is a real one, at a terminal of its own.
zmodload zsh/zpty || exit 3
script=$1 out=$2; shift 2
print -r -- 'PROMPT= RPROMPT=
autoload -Uz compinit && compinit -u -D
source '${(q)script}'
compadd() {
  # Calls that only ask what would match are left alone.
  if (( ${@[(I)-O]} + ${@[(I)-A]} + ${@[(I)-D]} )); then builtin compadd "$@"; return; fi
  local -a hits; builtin compadd -O hits "$@"
  (( $#hits )) && print -rn -- "${(j:|:)hits}|" >> '${(q)out}'
  builtin compadd "$@"
}
end-line() { print >> '${(q)out}'; BUFFER=; CURSOR=0 }
zle -N end-line; bindkey "^B" end-line
end-shell() { print -n END >> '${(q)out}'; exit }
zle -N end-shell; bindkey "^E" end-shell
bindkey "^I" complete-word; setopt no_list_ambiguous no_auto_menu no_beep' > $out.rc
zpty -b shell zsh -f -i
zpty -w shell "source ${(q):-$out.rc}; : > ${(q)out}.ready"
repeat 1200; do [[ -e $out.ready ]] && break; zpty -r -t shell ignored; sleep 0.05; done
: > $out
for line; do zpty -n -w shell "$line"$'\t\x02'; done
zpty -n -w shell $'\x05'
repeat 1200; do [[ $(<$out) == *END ]] && break; zpty -r -t shell ignored; sleep 0.05; done
zpty -d shell
