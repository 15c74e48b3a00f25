/**
 * Paths that come from elsewhere: the API, manifests, metadata, headers of packages (T27, T28). A path
 * that is refused is never repaired: two who repair differently are the classic hole.
 */

/** One segment, in bytes of UTF-8: what file systems keep. */
export const segmentBytesMax = 255;
/** The whole path, in bytes of UTF-8. */
export const relativePathBytesMax = 4096;

/**
 * Why `text` is no path of whole segments below a directory; undefined when it is one.
 *
 * @returns words that follow the name of the path, as `has a segment ..`
 */
export function relativePathProblem(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (!text.isWellFormed()) return 'is not valid Unicode';
  if (/\p{Cc}/u.test(text)) return 'has a control character';
  // Many who read lists of names by lines take these for ends of lines.
  if (/[\p{Zl}\p{Zp}]/u.test(text)) return 'has a line separator';
  if (text.includes('\\')) return 'has a backslash';
  if (text.startsWith('/')) return 'begins with a slash; it has to be relative';
  if (text.endsWith('/')) return 'ends with a slash';
  if (Buffer.byteLength(text) > relativePathBytesMax) {
    return `is longer than ${relativePathBytesMax} bytes`;
  }
  for (const segment of text.split('/')) {
    if (segment === '') return 'has an empty segment';
    if (segment === '.' || segment === '..') return `has a segment ${segment}`;
    if (Buffer.byteLength(segment) > segmentBytesMax) {
      return `has a segment of more than ${segmentBytesMax} bytes`;
    }
  }
  return undefined;
}

/** As {@link relativePathProblem}, of a path that is one segment. */
export function fileNameProblem(text: string): string | undefined {
  return text.includes('/') ? 'has a slash' : relativePathProblem(text);
}
