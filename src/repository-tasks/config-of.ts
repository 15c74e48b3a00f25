/** A configuration as its type keeps it, in a task: what was checked before may have changed since. */

import type { JsonObject } from '../repositories/documents.ts';
import type { ReadConfig } from '../repository-types/repository-type.ts';
import { TaskFailure } from '../tasks/kind.ts';

/** @throws TaskFailure PLP1014 */
export function configOf(
  type: { readonly readConfig: (raw: JsonObject) => ReadConfig } | undefined,
  raw: JsonObject,
): JsonObject {
  if (type === undefined) throw refused('there is no such type');
  const read = type.readConfig(raw);
  if ('config' in read) return read.config;
  throw refused(read.problems.map(({ message }) => message).join('; '));
}

function refused(why: string): TaskFailure {
  return new TaskFailure('PLP1014', `The configuration is not valid: ${why}.`);
}
