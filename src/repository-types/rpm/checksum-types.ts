/** The digests that yum metadata may have. */

import type { Value } from '../../stores/document.ts';

/** By Pulp's names; createrepo_c knows the values. */
export const checksumTypes: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha: 'sha1',
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
};

/** What is wrong with the type that a client asks for; packages are known by SHA-256 whatever it is. */
export function checksumTypeProblem(type: Value | undefined): string | undefined {
  if (type === undefined || type === null) return undefined;
  if (typeof type === 'string' && Object.hasOwn(checksumTypes, type)) return undefined;
  return `Cannot take the checksum type: expected one of ${Object.keys(checksumTypes).join(', ')}`;
}
