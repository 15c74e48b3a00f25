/** The digests that yum metadata may have: createrepo_c knows all of ours. */

import { digestAlgorithms } from '../../storage/digest.ts';
import type { Value } from '../../stores/document.ts';

/** What is wrong with the type that a client asks for; packages are known by SHA-256 whatever it is. */
export function checksumTypeProblem(type: Value | undefined): string | undefined {
  if (type === undefined || type === null) return undefined;
  if (typeof type === 'string' && Object.hasOwn(digestAlgorithms, type)) return undefined;
  return `Cannot take the checksum type: expected one of ${Object.keys(digestAlgorithms).join(', ')}`;
}
