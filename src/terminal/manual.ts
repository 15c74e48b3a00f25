/** How manuals are laid out in a terminal, for both programs. */

/** Columns. */
const width = 80;

/** Titles and what stands below them. */
export function manualPage(sections: readonly (readonly [string, string])[]): string {
  return `${sections
    .map(([title, text]) => `${title}\n${text.replaceAll(/^(?=.)/gm, '  ')}`)
    .join('\n\n')}\n`;
}

/** Terms, and what each is. */
export function manualList(rows: readonly (readonly [string, string])[]): string {
  return rows
    .map(([term, text]) => `${term}\n${wrap(text, 4).replaceAll(/^/gm, '    ')}`)
    .join('\n');
}

/** @param indent columns that it will be moved to the right by, besides those of a section */
export function wrap(text: string, indent = 0): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length + 1 > width - 2 - indent) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}
