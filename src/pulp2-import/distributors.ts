/** What Pulp's database alone has of a repository's protection: the distributors, as mongoexport writes them. */

import { PortcullisError } from '../errors.ts';
import { readTextFile } from '../identity/read-file.ts';
import type { Kind } from './published.ts';

/** The longest export, in bytes. */
export const exportBytesMax = 256 * 1024 * 1024;

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
 * Reads a document of JSON a line, the collection `repo_distributors`.
 *
 * @throws PortcullisError FILE_UNREADABLE when it cannot be read, or a line is no distributor
 */
export async function readDistributors(file: string): Promise<DistributorAuthorities> {
  const text = await readTextFile(file, exportBytesMax, 'read the distributors in');
  const found = new Map<`${Kind} ${string}`, DistributorAuthority>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const distributor = parseDistributor(line);
    if (distributor === undefined) {
      throw new PortcullisError(
        'FILE_UNREADABLE',
        `Cannot use ${file}:${index + 1}: it is no distributor in JSON; expected what mongoexport writes of repo_distributors`,
      );
    }
    const { repositoryId, config } = distributor;
    const { auth_ca: yum, ssl_auth_ca_cert: iso, relative_url: relativeUrl } = config;
    const path = typeof relativeUrl === 'string' ? relativeUrl.replaceAll(/^\/+|\/+$/g, '') : '';
    const add = (kind: Kind, text: unknown): void => {
      if (typeof text !== 'string' || text.trim() === '') return;
      const name = `database-${kind}-${index + 1}.pem`;
      found.set(`${kind} ${path || repositoryId}`, { text, name, place: `${file}:${index + 1}` });
    };
    add('yum', yum);
    add('iso', iso);
  }
  return found;
}

interface Distributor {
  readonly repositoryId: string;
  readonly config: Readonly<Record<string, unknown>>;
}

function parseDistributor(line: string): Distributor | undefined {
  try {
    const { repo_id: repositoryId, config } = JSON.parse(line);
    const isRight = typeof repositoryId === 'string' && typeof config === 'object';
    return isRight ? { repositoryId, config: config ?? {} } : undefined;
  } catch {
    return undefined;
  }
}
