/** The directives of an Apache configuration file, with the sections around them. */

export interface Section {
  /** Lower case, as `directory`. */
  readonly name: string;
  readonly argument: string;
}

export interface Directive {
  /** Lower case. */
  readonly name: string;
  readonly arguments: readonly string[];
  /** The outermost first. */
  readonly sections: readonly Section[];
}

/** How deep sections may nest; what is deeper is not read. */
export const sectionDepthMax = 32;

/** Whatever a line may be: what Apache would refuse does not matter to whoever reads a running server's file. */
export function parseDirectives(text: string): readonly Directive[] {
  const directives: Directive[] = [];
  const sections: Section[] = [];
  for (const line of text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const [word = '', ...rest] = wordsOf(line.trim());
    if (word === '' || word.startsWith('#')) continue;
    if (word.startsWith('</')) sections.pop();
    else if (word.startsWith('<')) {
      const name = word.slice(1).toLowerCase().replace(/>$/, '');
      sections.push({ name, argument: rest.join(' ').replace(/\s*>$/, '') });
      if (sections.length > sectionDepthMax) break;
    } else directives.push({ name: word.toLowerCase(), arguments: rest, sections: [...sections] });
  }
  return directives;
}

/** Words, or texts between double quotes, which may hold a `\"`. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? [];
  return words.map((word) =>
    word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word,
  );
}
