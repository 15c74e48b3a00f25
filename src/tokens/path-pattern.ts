/**
 * The paths that a token is good for: patterns of whole segments, in which `*` stands for exactly one.
 * No regular expression is made of them (T35), and no part of a segment is compared.
 */

/** The longest pattern, in characters. */
export const pathPatternCharactersMax = 1024;

const anySegment = '*';

/** Why `pattern` is none, as a clause; undefined when it is one. */
export function pathPatternProblem(pattern: string): string | undefined {
  if (pattern === '') return 'it is empty';
  if (pattern.length > pathPatternCharactersMax) {
    return `it is longer than ${pathPatternCharactersMax} characters`;
  }
  if (/\p{Cc}/u.test(pattern)) return 'it has a control character';
  for (const segment of pattern.split('/')) {
    if (segment === '') return 'it has an empty segment, or a slash at its begin or end';
    if (segment === '.' || segment === '..') return 'it has a "." or ".." segment';
    if (segment !== anySegment && segment.includes('*')) {
      return 'it has a "*" beside other characters of its segment, and it stands for a whole one';
    }
  }
  return undefined;
}

/**
 * Whether `path` is what `pattern` names, or lies below it.
 *
 * @param path without a slash at its begin; one at its end names a directory and does not count
 */
export function matchesPathPattern(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (given.at(-1) === '') given.pop();
  return (
    wanted.length <= given.length &&
    wanted.every((segment, index) => segment === anySegment || segment === given[index])
  );
}
