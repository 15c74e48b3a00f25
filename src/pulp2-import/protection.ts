/** Reads how an installation protects its repositories. */

import { show } from '../config/place.ts';
import type { ApacheFacts, Publishing } from './apache.ts';
import { findAuthenticators, ownAuthenticator } from './authenticators.ts';
import { readAuthority } from './authorities.ts';
import type { NamedAuthority, Protection } from './guard.ts';
import type { Installation } from './installation.ts';
import type { Notes } from './notes.ts';
import { readProtectedListing } from './protected-listing.ts';
import { urlOf } from './published.ts';
import { readRepoAuth } from './repo-auth.ts';
import { RevocationLists } from './revocation.ts';

export interface ProtectionParts {
  readonly installation: Installation;
  readonly apache: ApacheFacts;
  readonly publishings: readonly Publishing[];
  /** Authenticators whose answer is not missed. */
  readonly withoutAuthenticators: readonly string[];
  readonly notes: Notes;
}

/** @throws PortcullisError FILE_UNREADABLE when a file that decides about all cannot be read */
export async function readProtection(parts: ProtectionParts): Promise<Protection> {
  const { installation, apache, publishings, withoutAuthenticators, notes } = parts;
  const auth = await readRepoAuth(installation, notes);
  const missed = [...auth.disabledAuthenticators, ...withoutAuthenticators];
  const authenticators = auth.isEnabled ? await findAuthenticators(installation) : [];
  const places = [...apache.revocationLists, ...auth.revocationLists];
  const missing = apache.requiresLists ? 'refuse' : 'allow';
  const revocation = await RevocationLists.read(installation, places, missing);
  const read = authorityReader(installation, auth.certificatesMax, revocation, notes);
  return {
    ...{ apache, revocation, notes },
    auth: {
      ...auth,
      isEnabled: auth.isEnabled && !auth.disabledAuthenticators.includes(ownAuthenticator),
    },
    listing: await readProtectedListing(installation, auth.listingFile, notes),
    authenticators: authenticators.filter(({ name }) => !missed.includes(name)),
    publishingOf: (kind, scheme) =>
      publishings.find((each) => each.url === urlOf[kind] && each.scheme === scheme),
    globalAuthority: await read('global.pem', `${auth.globalBundleDirectory}/pulp-global-repo.ca`),
    frontAuthority:
      apache.clientAuthority === undefined
        ? { state: 'absent', file: 'SSLCACertificateFile', name: 'apache.pem' }
        : await read('apache.pem', apache.clientAuthority),
    authorityOf: async (id) =>
      isRepositoryId(id)
        ? read(`repository-${id}.pem`, `${auth.bundleDirectory}/${id}/consumer-${id}.ca`)
        : { state: 'unusable', file: show(id), name: '', problem: 'that is no id of a repository' },
  };
}

type AuthorityReader = (name: string, file: string) => Promise<NamedAuthority>;

/** Reads each file once, and notes what it leaves out of it. */
function authorityReader(
  installation: Installation,
  certificatesMax: number,
  revocation: RevocationLists,
  notes: Notes,
): AuthorityReader {
  const known = new Map<string, NamedAuthority>();
  return async (name, file) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const read = await readAuthority(installation, file, certificatesMax);
    const authority =
      read.state === 'usable'
        ? { ...read, name, revocation: revocation.of(read.pem) }
        : { ...read, name };
    known.set(name, authority);
    noteReservations(authority, notes);
    return authority;
  };
}

function noteReservations(authority: NamedAuthority, notes: Notes): void {
  if (authority.state !== 'usable') return;
  for (const reservation of authority.reservations) {
    notes.add('stricter', `${authority.file}: ${reservation}`);
  }
  if (authority.hasRoot) return;
  notes.add(
    'different',
    `${authority.file} ends in no root, by which Pulp accepted no certificate; a CA without an issuer in the file is trusted here`,
  );
}

/** As Pulp demands it; in a path it leads nowhere else. */
function isRepositoryId(id: string): boolean {
  return /^[.\-_A-Za-z0-9]{1,200}$/.test(id) && id !== '.' && id !== '..';
}
