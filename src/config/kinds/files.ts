/** Paths of files and directories, and permission bits. */

import path from 'node:path';
import { type Kind, kindOf } from '../kind.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
const controlCharacter = /[\u0000-\u001f\u007f]/;

/** An absolute path; a relative one starts at the directory of the configuration file. */
export const filePath: Kind<string> = kindOf('a path without control characters', (raw, place) =>
  isPathText(raw) ? path.resolve(place.baseDirectory, raw) : undefined,
);

/** As {@link filePath}, for directives of nginx that would take a `$` for the name of a variable. */
export const nginxFilePath: Kind<string> = kindOf(
  'a path without control characters and without $',
  (raw, place) => {
    const absolute = isPathText(raw) ? path.resolve(place.baseDirectory, raw) : '$';
    return absolute.includes('$') ? undefined : absolute;
  },
);

/** As {@link filePath}, but never `/`: nobody means to serve the whole file system. */
export const rootDirectory: Kind<string> = kindOf(
  'a path of a directory other than /, without control characters',
  (raw, place) => {
    if (!isPathText(raw)) return undefined;
    const absolute = path.resolve(place.baseDirectory, raw);
    return absolute === '/' ? undefined : absolute;
  },
);

/**
 * Permission bits. A YAML number is refused, because YAML 1.2 reads 0660 as six hundred and sixty.
 */
export const fileMode: Kind<number> = kindOf(
  "permission bits as quoted octal text, as '0660'",
  (raw) =>
    typeof raw === 'string' && /^0?[0-7]{3}$/.test(raw) ? Number.parseInt(raw, 8) : undefined,
);

/** The name of a file that begins with a dot. */
export const dotName: Kind<string> = kindOf(
  'a file name that begins with a dot, as .treeinfo',
  (raw) => (isPathText(raw) && /^\.(?!\.?$)[^/]*$/.test(raw) ? raw : undefined),
);

/** A plugin's module: a path, made absolute, or the name of an npm package. */
export const moduleName: Kind<string> = kindOf(
  'the name of an npm package, or a path that begins with ./, ../ or /',
  (raw, place) => {
    if (!isPathText(raw)) return undefined;
    if (/^\.{0,2}\//.test(raw)) return path.resolve(place.baseDirectory, raw);
    return /^(@[a-z0-9-][a-z0-9._-]*\/)?[a-z0-9-][a-z0-9._-]*$/.test(raw) ? raw : undefined;
  },
);

/** Whether `raw` may be a path: not empty, and without what ends a line or a C string. */
export function isPathText(raw: unknown): raw is string {
  return typeof raw === 'string' && raw !== '' && !controlCharacter.test(raw);
}
