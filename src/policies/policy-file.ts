/** Files of policies: read as the configuration is, and shown so that they can be edited and read again. */

import { stringify } from 'yaml';
import { parseText } from '../config/document.ts';
import { isMapping } from '../config/setting.ts';
import { PortcullisError } from '../errors.ts';
import { readTextFile } from '../identity/read-file.ts';

/** The longest file read, in bytes: a tree of the longest size, with room for indentation. */
export const policyFileBytesMax = 1024 * 1024;

/**
 * A file of YAML or JSON with a mapping of some of `keys`.
 *
 * @param option that names the file, as `--file`
 * @throws PortcullisError FILE_UNREADABLE
 */
export async function readPolicyFile(
  file: string,
  option: string,
  keys: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const act = `read ${option}`;
  const { value, problems } = parseText(file, await readTextFile(file, policyFileBytesMax, act));
  const [problem] = problems;
  if (problem !== undefined) throw new PortcullisError('FILE_UNREADABLE', problem.message);
  const names = isMapping(value) ? Object.keys(value) : [];
  if (isMapping(value) && names.length > 0 && names.every((name) => keys.includes(name))) {
    return value;
  }
  const right = `it should be a mapping of ${keys.join(' and ')}, as "access: public"`;
  throw new PortcullisError('FILE_UNREADABLE', `Cannot ${act} ${file}: ${right}`);
}

/** The lines of what {@link readPolicyFile} reads. */
export function policyLines(fields: Readonly<Record<string, unknown>>): readonly string[] {
  const text = stringify(fields, { lineWidth: 0, aliasDuplicateObjects: false });
  return text.trimEnd().split('\n');
}
