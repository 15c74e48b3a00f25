/** Completion in zsh, with what each word means beside it. */

import { helpWord } from '../arguments.ts';
import type { Choice, Position } from './positions.ts';

/** A function that walks the words before the cursor as the program does. */
export function zshScript(positions: readonly Position[]): string {
  return `#compdef portcullis-admin
# zsh completion of portcullis-admin
_portcullis_admin_look() {
  case "$1" in
${positions.map(caseOf).join('\n')}
  esac
}
_portcullis_admin() {
  local place='' word
  local -i index
  local -a next flags valued
  _portcullis_admin_look "$place"
  for ((index = 2; index < CURRENT; index++)); do
    word=\${words[index]}
    if (( \${valued[(Ie)$word]} )); then
      ((index++))
    elif [[ $word != ${helpWord.word} ]] && (( \${next[(I)\${(b)word}:*]} )); then
      place=\${place:+$place }$word
      _portcullis_admin_look "$place"
    fi
  done
  word=\${words[CURRENT-1]}
  if [[ $word == --config ]]; then
    _files
  elif (( \${valued[(Ie)$word]} )); then
    _message value
  elif [[ \${words[CURRENT]} == -* ]]; then
    _describe option flags
  else
    _describe command next
  fi
}
if [[ \${funcstack[1]-} == _portcullis-admin ]]; then
  _portcullis_admin "$@"
else
  compdef _portcullis_admin portcullis-admin
fi
`;
}

function caseOf({ path, words, flags, valued }: Position): string {
  return `    ${quote(path)})
      next=(${choicesOf(words)})
      flags=(${choicesOf(flags)})
      valued=(${valued.join(' ')})
      ;;`;
}

/** zsh takes what is behind the colon for the meaning of the word. */
function choicesOf(choices: readonly Choice[]): string {
  return choices.map(({ word, text }) => quote(`${word}:${text}`)).join(' ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
