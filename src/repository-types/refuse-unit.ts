/** Refusals of units, and what the fields of units may be. */

import type { JsonObject } from '../repositories/documents.ts';
import { fileNameProblem } from '../storage/relative-path.ts';
import type { UnitRefusal } from './repository-type.ts';

/** Pulp's code for an upload that cannot be imported. */
const importFailed = 'PLP0047';

export function refuseUnit(refused: string, code: string = importFailed): UnitRefusal {
  return { code, refused };
}

/** Of the unit key that a client sent, what does not agree with what the file says. */
export function keyProblem(
  given: JsonObject,
  read: JsonObject,
  unitKey: readonly string[],
): string | undefined {
  const differing = unitKey.find(
    (name) => (given[name] ?? null) !== null && given[name] !== read[name],
  );
  if (differing === undefined) return undefined;
  return `Cannot take the file as this unit: its ${differing} is another than in the unit key`;
}

/** What is wrong with a name that becomes a part of a path or of metadata; undefined for a good one. */
export function nameProblem(what: string, name: string): string | undefined {
  const problem = fileNameProblem(name);
  return problem === undefined ? undefined : `Cannot take the unit: its ${what} ${problem}`;
}

/** Text that every store keeps and every terminal shows: what has no meaning in it is replaced. */
export function cleanText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it replaces.
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '\ufffd');
}
