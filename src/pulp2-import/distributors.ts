/** What Pulp's database alone has of a repository's protection: the configurations of its distributors. */

import { fieldsOf, readExport } from './exports.ts';
import type { Kind } from './published.ts';
import { publishedPath } from './published-path.ts';

/** By the kind of a repository and the path under which it is published. */
export type DistributorAuthorities = ReadonlyMap<`${Kind} ${string}`, DistributorAuthority>;

export interface DistributorAuthority {
  /** Of the CA file as Pulp was given it. */
  readonly text: string;
  /** The name of a file that no other has. */
  readonly name: string;
  /** Where it was found. */
  readonly place: string;
}

/**
 * @param file an export of `repo_distributors`
 * @throws PortcullisError FILE_UNREADABLE when it cannot be read, or a line is no distributor
 */
export async function readDistributors(file: string): Promise<DistributorAuthorities> {
  const found = new Map<`${Kind} ${string}`, DistributorAuthority>();
  await readExport(file, 'repo_distributors', (document, line) => {
    const { repo_id: repositoryId, config } = document;
    if (typeof repositoryId !== 'string' || typeof config !== 'object') return undefined;
    const { auth_ca: yum, ssl_auth_ca_cert: iso, relative_url: relativeUrl } = fieldsOf(config);
    const path = typeof relativeUrl === 'string' ? publishedPath(relativeUrl) : '';
    for (const [kind, text] of [
      ['yum', yum],
      ['iso', iso],
    ] as const) {
      if (typeof text !== 'string' || text.trim() === '') continue;
      const name = `database-${kind}-${line}.pem`;
      found.set(`${kind} ${path || repositoryId}`, { text, name, place: `${file}:${line}` });
    }
    return repositoryId;
  });
  return found;
}
