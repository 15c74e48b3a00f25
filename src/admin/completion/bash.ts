/** Completion in bash. */

import { helpWord } from '../arguments.ts';
import type { Choice, Position } from './positions.ts';

/** A function that walks the words before the cursor as the program does. */
export function bashScript(positions: readonly Position[]): string {
  return `# bash completion of portcullis-admin
_portcullis_admin_look() {
  case "$1" in
${positions.map(caseOf).join('\n')}
  esac
}
_portcullis_admin() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local place='' next flags valued index word
  COMPREPLY=()
  _portcullis_admin_look "$place"
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ " $valued " == *" $word "* ]]; then
      ((index++))
    elif [[ " $next " == *" $word "* && $word != ${helpWord.word} ]]; then
      place=\${place:+$place }$word
      _portcullis_admin_look "$place"
    fi
  done
  if [[ $previous == --config ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [[ " $valued " == *" $previous "* ]]; then
    return
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "$next" -- "$current")
  fi
}
complete -F _portcullis_admin portcullis-admin
`;
}

function caseOf({ path, words, flags, valued }: Position): string {
  const list = (choices: readonly Choice[]): string => choices.map(({ word }) => word).join(' ');
  return `    '${path}') next='${list(words)}' flags='${list(flags)}' valued='${valued.join(' ')}' ;;`;
}
