/** The digests that yum metadata may have: createrepo_c knows all of ours. */

import { digestAlgorithms } from '../../storage/digest.ts';
import type { Value } from '../../stores/document.ts';
import { choice } from '../config-fields.ts';

/** Kept as it was sent: what createrepo_c is told is found when it is published. */
export const checksumType = choice(Object.keys(digestAlgorithms));

/** What is wrong with the type that a client asks for; packages are known by SHA-256 whatever it is. */
export function checksumTypeProblem(type: Value = null): string | undefined {
  if (type === null || checksumType.read(type) !== undefined) return undefined;
  return `Cannot take the checksum type: expected ${checksumType.expected}`;
}
