/** Which files a repository has already. */

import type { Context } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { type Fields, fieldsOf, listOf } from '../../untrusted.ts';
import type { PlannedFile } from './upload-files.ts';

/** Digests that are asked for at a time. */
const askedMax = 200;

/** Those of whose bytes there is a unit with the key that theirs would have. */
export async function presentOf(
  { call }: Pick<Context, 'call'>,
  planned: readonly PlannedFile[],
): Promise<ReadonlySet<PlannedFile> | Failure> {
  const present = new Set<PlannedFile>();
  for (let at = 0; at < planned.length; at += askedMax) {
    const asked = planned.slice(at, at + askedMax);
    const [first] = asked;
    if (first === undefined) break;
    const { repository, typeId, unitKey } = first.unit;
    const checksum = { $in: asked.map(({ sha256 }) => sha256) };
    const fields = { unit: ['checksum', ...Object.keys(unitKey)] };
    const criteria = { type_ids: [typeId], filters: { unit: { checksum } }, fields };
    const path = ['repositories', repository, 'search', 'units'];
    const answer = await call({ method: 'POST', path, body: { criteria } });
    if (answer instanceof Failure) return answer;
    const units = listOf(answer.body).map((one) => fieldsOf(fieldsOf(one).metadata));
    for (const file of asked) if (units.some((unit) => isOf(file, unit))) present.add(file);
  }
  return present;
}

function isOf({ sha256, unit: { unitKey } }: PlannedFile, unit: Fields): boolean {
  const key = { ...unitKey, checksum: sha256 };
  return Object.entries(key).every(([name, value]) => unit[name] === value);
}
