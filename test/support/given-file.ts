/** Files as types of repositories are given them. */

import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { GivenUnit } from '../../src/repository-types/repository-type.ts';
import type { TemporaryDirectory } from './temporary.ts';

/** A unit of `bytes`, which lie in `directory` under a name that says nothing. */
export function givenUnit(
  directory: TemporaryDirectory,
  bytes: string | Uint8Array | undefined,
  fields: Partial<Pick<GivenUnit, 'unitKey' | 'unitMetadata'>> = {},
): GivenUnit {
  const rest = { unitKey: {}, unitMetadata: {}, ...fields, signal: AbortSignal.timeout(60_000) };
  if (bytes === undefined) return { file: undefined, ...rest };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = directory.file(sha256);
  writeFileSync(path, bytes);
  const workDirectory = async () => mkdtempSync(directory.file('work-'));
  const size = Buffer.byteLength(bytes);
  return { file: { path, sha256, size, workDirectory }, ...rest };
}
