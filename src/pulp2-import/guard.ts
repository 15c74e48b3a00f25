/** Who may have a repository, by what Pulp 2 went by: a repository's own CA before the global one. */

import { entriesFor } from './protected-listing.ts';
import type { NamedAuthority, Protection, UsableAuthority } from './protection.ts';
import { type Repository, urlOf } from './published.ts';

/** A rule that lets somebody in. */
export type Grant =
  /** The rule of that name, with this CA. */
  | { readonly rule: 'entitlement' | 'certificate'; readonly authority: UsableAuthority }
  | { readonly rule: 'public' };

export type Access = Grant | { readonly rule: 'nobody' };

/** The access to a repository that lets in nobody whom Pulp would have refused, and its reasons as notes. */
export async function guard(repository: Repository, protection: Protection): Promise<Access> {
  const { notes, authenticators } = protection;
  const about = repository.relativeUrl;
  if (repository.published.https !== undefined && authenticators.length > 0) {
    const names = authenticators.map(({ name }) => name).join(', ');
    notes.add(
      'not carried over',
      `Pulp asked ${names} as well, of which nothing is known here; nobody has access until a policy says what it said`,
      about,
    );
    return { rule: 'nobody' };
  }
  if (isRestricted(repository, protection)) return { rule: 'nobody' };
  const own = await ownAuthority(repository, protection);
  if (own !== undefined) return protect(own, repository, protection);
  const { globalAuthority, listing } = protection;
  const isListed = entriesFor(listing, about).length > 0;
  if (globalAuthority.state !== 'absent' && (isListed || repository.published.https)) {
    return protect(globalAuthority, repository, protection);
  }
  return isListed ? closeListed(repository, protection) : open(repository, protection);
}

/** Whether Apache asked more of clients than a certificate. */
function isRestricted(
  { kind, relativeUrl: about, published }: Repository,
  { apache, publishingOf, ignoresRestrictions, notes }: Protection,
): boolean {
  if (ignoresRestrictions) return false;
  const schemes = (['http', 'https'] as const).filter((scheme) => published[scheme] !== undefined);
  const restrictions = schemes.flatMap((scheme) => {
    const publishing = publishingOf(kind, scheme);
    return publishing === undefined ? [] : apache.restrictionsOn(publishing, about);
  });
  if (restrictions.length === 0) return false;
  const all = [...new Set(restrictions)].map((each) => JSON.stringify(each)).join(', ');
  notes.add(
    'not carried over',
    `Apache asked more of its clients by ${all}; nobody has access until a policy says the same`,
    about,
  );
  return true;
}

/** The CA of the repository itself; undefined where the global one decides. */
async function ownAuthority(
  repository: Repository,
  { listing, notes, authorityOf, databaseAuthorityOf }: Protection,
): Promise<NamedAuthority | undefined> {
  const { relativeUrl: about, id } = repository;
  const entries = entriesFor(listing, about);
  const ids = new Set(entries.map(([, each]) => each));
  if (ids.size > 1) {
    const keys = entries.map(([key]) => key).join(', ');
    notes.add(
      'not carried over',
      `the protected paths ${keys} all stand in its URL, and Pulp took any of them; nobody has access until a policy says which CA decides`,
      about,
    );
    return { state: 'unusable', file: keys, name: about, problem: 'several CAs may decide' };
  }
  const [[key, listed] = ['', undefined]] = entries;
  const authority = await ownFile(listed ?? id, authorityOf);
  if (authority === undefined || authority.state === 'absent') {
    const stored = await databaseAuthorityOf(repository);
    if (stored === undefined) return undefined;
    notes.add(
      'stricter',
      `${stored.file}: without auth_cert Pulp did not ask for it, and auth_ca alone protects here`,
      about,
    );
    return stored;
  }
  if (listed === undefined) {
    notes.add(
      'stricter',
      `${authority.file} is there, but the listing of protected repositories does not have it, so that Pulp did not ask for it; auth_ca alone protects here`,
      about,
    );
  } else if (key !== about) {
    notes.add(
      'different',
      `Pulp protected it by the CA of ${key}, because that stands in its URL; it keeps this CA, and other repositories are told apart by whole segments`,
      about,
    );
  }
  return authority;
}

async function ownFile(
  id: string | undefined,
  authorityOf: Protection['authorityOf'],
): Promise<NamedAuthority | undefined> {
  return id === undefined ? undefined : authorityOf(id);
}

function protect(
  authority: NamedAuthority,
  repository: Repository,
  protection: Protection,
): Access {
  const { notes } = protection;
  const about = repository.relativeUrl;
  if (authority.state !== 'usable') {
    const problem = authority.state === 'unusable' ? authority.problem : 'it is not there';
    notes.add(
      'not carried over',
      `its CA file ${authority.file} cannot be used: ${problem}; nobody has access until it is mended`,
      about,
    );
    return { rule: 'nobody' };
  }
  noteHowPulpWas(repository, protection);
  return { rule: 'entitlement', authority };
}

/** What is protected from now on, and was not always. */
function noteHowPulpWas(
  { kind, relativeUrl: about, published }: Repository,
  { auth, notes }: Protection,
): void {
  if (!auth.isEnabled) {
    notes.add(
      'stricter',
      'repository authentication was switched off in Pulp, which let everybody in; it is protected now. Write access: public where that was meant',
      about,
    );
  } else if (published.http !== undefined) {
    notes.add(
      'stricter',
      'it was published over plain HTTP as well, where Pulp asked for nothing; now the same is asked for everywhere',
      about,
    );
  }
  const prefix = urlOf[kind];
  if (auth.isEnabled && !auth.urlPrefixes.includes(prefix) && published.https !== undefined) {
    notes.add(
      'different',
      `${prefix} is not in repo_url_prefixes, so that Pulp let nobody in there; now those have access whose certificate grants /${about}`,
      about,
    );
  }
}

function closeListed({ relativeUrl: about }: Repository, { notes }: Protection): Access {
  notes.add(
    'stricter',
    'it is listed as protected, but there is no CA file of it and no global one, which made Pulp let everybody in; nobody has access until a policy names a CA',
    about,
  );
  return { rule: 'nobody' };
}

/** What Pulp protected by nothing. */
function open(repository: Repository, protection: Protection): Access {
  const { apache, publishingOf, frontAuthority, notes } = protection;
  const { kind, relativeUrl: about, published } = repository;
  const publishing = published.http === undefined ? publishingOf(kind, 'https') : undefined;
  if (publishing === undefined || !apache.requiresCertificate(publishing, about)) {
    return { rule: 'public' };
  }
  if (frontAuthority.state === 'usable') {
    notes.add(
      'different',
      `Apache required a certificate of ${frontAuthority.file}; now the rule certificate does`,
      about,
    );
    return { rule: 'certificate', authority: frontAuthority };
  }
  const problem = frontAuthority.state === 'unusable' ? frontAuthority.problem : 'it is not there';
  notes.add(
    'not carried over',
    `Apache required a certificate, and its CA file ${frontAuthority.file} cannot be used: ${problem}; nobody has access until a policy names a CA`,
    about,
  );
  return { rule: 'nobody' };
}
