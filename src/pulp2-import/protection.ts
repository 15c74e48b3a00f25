/** Reads how an installation protects its repositories. */

import { show } from '../config/place.ts';
import type { ApacheFacts, Publishing, Scheme } from './apache.ts';
import { type Authenticator, findAuthenticators, ownAuthenticator } from './authenticators.ts';
import { type Authority, judgeAuthority, readAuthority } from './authorities.ts';
import type { DistributorAuthorities } from './distributors.ts';
import type { Installation } from './installation.ts';
import type { Notes } from './notes.ts';
import { type ProtectedListing, readProtectedListing } from './protected-listing.ts';
import { type Kind, type Repository, urlOf } from './published.ts';
import { type RepoAuth, readRepoAuth } from './repo-auth.ts';
import { FoundRevocationLists, type Revocation } from './revocation.ts';

export type UsableAuthority = Extract<Authority, { readonly state: 'usable' }> & {
  /** Names the copy of the file. */
  readonly name: string;
  readonly revocation?: Revocation | undefined;
};

/** All that is known of the protection of repositories. */
export interface Protection {
  readonly auth: RepoAuth;
  readonly listing: ProtectedListing;
  /** Those that Pulp asks besides its own. */
  readonly authenticators: readonly Authenticator[];
  readonly apache: ApacheFacts;
  readonly revocation: FoundRevocationLists;
  /** What is published of a kind; undefined for nothing. */
  publishingOf(kind: Kind, scheme: Scheme): Publishing | undefined;
  readonly globalAuthority: NamedAuthority;
  /** By which Apache verifies the certificates that it requires. */
  readonly frontAuthority: NamedAuthority;
  /** @param id of a repository */
  authorityOf(id: string): Promise<NamedAuthority>;
  /** The CA that the database has of a repository; undefined when it has none, or was not asked. */
  databaseAuthorityOf(repository: Repository): Promise<NamedAuthority | undefined>;
  /** Whether what Apache asks besides certificates is not missed. */
  readonly ignoresRestrictions: boolean;
  /** Whether the database was asked. */
  readonly hasDatabase: boolean;
  readonly notes: Notes;
}

export type NamedAuthority =
  | UsableAuthority
  | (Exclude<Authority, { readonly state: 'usable' }> & { readonly name: string });

export interface ProtectionParts {
  readonly installation: Installation;
  readonly apache: ApacheFacts;
  readonly publishings: readonly Publishing[];
  /** Authenticators whose answer is not missed. */
  readonly withoutAuthenticators: readonly string[];
  readonly ignoresRestrictions: boolean;
  /** What Pulp's database has; undefined when nobody has exported it. */
  readonly distributors: DistributorAuthorities | undefined;
  readonly notes: Notes;
}

/** @throws PortcullisError FILE_UNREADABLE when a file that decides about all cannot be read */
export async function readProtection(parts: ProtectionParts): Promise<Protection> {
  const { installation, apache, publishings, withoutAuthenticators, distributors, notes } = parts;
  const auth = await readRepoAuth(installation, notes);
  const missed = [...auth.disabledAuthenticators, ...withoutAuthenticators];
  const authenticators = auth.isEnabled ? await findAuthenticators(installation) : [];
  const places = [...apache.revocationLists, ...auth.revocationLists];
  const missing = apache.requiresLists ? 'refuse' : 'allow';
  const revocation = await FoundRevocationLists.read(installation, places, missing);
  const judged = new JudgedAuthorities(auth.certificatesMax, revocation, notes);
  const read = (name: string, file: string) =>
    judged.authority(name, (max) => readAuthority(installation, file, max));
  return {
    ...{ apache, revocation, notes, ignoresRestrictions: parts.ignoresRestrictions },
    hasDatabase: distributors !== undefined,
    databaseAuthorityOf: async ({ kind, relativeUrl }) => {
      const { name, text, place } = distributors?.get(`${kind} ${relativeUrl}`) ?? {};
      if (name === undefined || text === undefined) return undefined;
      return judged.authority(name, async (max) => judgeAuthority(text, `${place}, auth_ca`, max));
    },
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

/** Looks at each CA file once, and notes what is left out of it. */
class JudgedAuthorities {
  readonly #certificatesMax: number;
  readonly #revocation: FoundRevocationLists;
  readonly #notes: Notes;
  readonly #known = new Map<string, NamedAuthority>();

  constructor(certificatesMax: number, revocation: FoundRevocationLists, notes: Notes) {
    this.#certificatesMax = certificatesMax;
    this.#revocation = revocation;
    this.#notes = notes;
  }

  async authority(
    name: string,
    judge: (certificatesMax: number) => Promise<Authority>,
  ): Promise<NamedAuthority> {
    const before = this.#known.get(name);
    if (before !== undefined) return before;
    const found = await judge(this.#certificatesMax);
    const authority =
      found.state === 'usable'
        ? { ...found, name, revocation: this.#revocation.of(found.pem) }
        : { ...found, name };
    this.#known.set(name, authority);
    noteReservations(authority, this.#notes);
    return authority;
  }
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
