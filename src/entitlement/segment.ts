/** Segments of paths: those that clients ask for, and the words of certificates that match them. */

/** A word of a certificate's path, ready to be compared. No regular expression is ever made of one. */
export type SegmentPattern =
  | { readonly type: 'literal'; readonly text: string }
  /** The literal texts around variables: first, between each two, and last; empty where there is none. */
  | { readonly type: 'variables'; readonly around: readonly string[] };

/** As yum and dnf write them: `$basearch` and `${basearch}`. */
const variable = /\$(?:[A-Za-z0-9_]+|\{[A-Za-z0-9_]+\})/;

const noSegments: ReadonlySet<string> = new Set(['', '.', '..']);

/** Where a path that is asked for leads. */
export interface AskedPath {
  readonly segments: readonly string[];
  /** Whether it ends with a slash. */
  readonly isDirectory: boolean;
}

/** Undefined for what is not canonical: a variable must match nothing that stands for another place. */
export function parseAskedPath(path: string): AskedPath | undefined {
  const [first, ...rest] = path.split('/');
  if (first !== '' || rest.length === 0) return undefined;
  const isDirectory = rest.at(-1) === '';
  const segments = isDirectory ? rest.slice(0, -1) : rest;
  return segments.some((segment) => noSegments.has(segment))
    ? undefined
    : { segments, isDirectory };
}

export function parsePattern(word: string): SegmentPattern {
  const around = word.split(variable);
  return around.length === 1 ? { type: 'literal', text: word } : { type: 'variables', around };
}

/** Whether a word is a variable and nothing else. */
export function isWholeVariable(word: string): boolean {
  const pattern = parsePattern(word);
  return (
    pattern.type === 'variables' && pattern.around.join('') === '' && pattern.around.length === 2
  );
}

/** A variable stands for one character at least. Takes time in proportion to both lengths (T31, T35). */
export function matchesSegment(pattern: SegmentPattern, segment: string): boolean {
  if (pattern.type === 'literal') return pattern.text === segment;
  const first = pattern.around[0] ?? '';
  const last = pattern.around.at(-1) ?? '';
  if (!segment.startsWith(first) || !segment.endsWith(last)) return false;
  let at = first.length;
  for (const text of pattern.around.slice(1, -1)) {
    const found = segment.indexOf(text, at + 1);
    if (found === -1) return false;
    at = found + text.length;
  }
  return at + 1 <= segment.length - last.length;
}
