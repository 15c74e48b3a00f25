/** Whether somebody of a chain was revoked, by the lists in force and by what a rule says of old ones. */

import { PortcullisError } from '../errors.ts';
import type { Certificate } from '../identity/certificate.ts';
import type { RevocationVerdict } from '../identity/chain.ts';
import { describeName } from '../identity/distinguished-name.ts';
import type { RevocationOptions } from '../plugin.ts';
import { authorityId } from './authority-id.ts';
import { describeList, isoTime } from './describe.ts';
import type { ListInForce, RevocationRegister } from './register.ts';

export interface Jurisdiction {
  readonly register: RevocationRegister;
  /** Of the CAs whose lists can be verified: those of the rule's file. */
  readonly authorities: ReadonlySet<string>;
  /** What is wrong with the sources at the moment, one clause for each. */
  readonly problems: () => readonly string[];
  readonly policy: Pick<RevocationOptions, 'missing' | 'staleSeconds'>;
}

/**
 * Judges every certificate of the path but the anchor, each by the list of the CA above it. That it is
 * on a list counts before anything that is not known, and however old the list is.
 *
 * @param path from the client's certificate to the anchor
 * @throws PortcullisError CANNOT_DECIDE when a list that counts is missing: nobody may take it for a
 *   "no", which `not` would turn into a yes
 */
export function judgePath(
  path: readonly Certificate[],
  now: Date,
  jurisdiction: Jurisdiction,
): RevocationVerdict {
  const links = path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1] ?? certificate;
    return { certificate, issuer, list: jurisdiction.register.find(authorityId(issuer)) };
  });
  for (const [index, { certificate, list }] of links.entries()) {
    const problem = list && revocationProblem(certificate, list, index === 0);
    if (problem !== undefined) return { problem };
  }
  const known: ListInForce[] = [];
  for (const { issuer, list } of links) {
    if (list !== undefined) known.push(list);
    else if (jurisdiction.policy.missing === 'refuse') throw missing(issuer, jurisdiction);
  }
  return goodUntil(known, now, jurisdiction.policy.staleSeconds);
}

function revocationProblem(
  { serial, subject }: Certificate,
  list: ListInForce,
  isClient: boolean,
): string | undefined {
  const revocation = list.serials.find(serial);
  if (revocation === undefined) return undefined;
  const { since, reason } = revocation;
  const whose = isClient ? 'its' : `its CA ${describeName(subject)} was revoked: the`;
  const why = reason === undefined ? '' : `, for ${reason}`;
  return `${whose} serial number ${serial} is on ${describeList(list)} since ${isoTime(since.getTime() / 1000)}${why}`;
}

function goodUntil(
  lists: readonly ListInForce[],
  now: Date,
  staleSeconds: number,
): RevocationVerdict {
  let until = Number.POSITIVE_INFINITY;
  for (const list of lists) {
    const end = list.nextUpdate + staleSeconds;
    if (now.getTime() / 1000 >= end) throw stale(list, staleSeconds);
    until = Math.min(until, end);
  }
  return {
    until: until === Number.POSITIVE_INFINITY ? undefined : new Date(until * 1000),
    basis: lists.map(describeList).join(' and '),
  };
}

function missing(issuer: Certificate, jurisdiction: Jurisdiction): PortcullisError {
  const name = describeName(issuer.subject);
  const problems = jurisdiction.problems();
  const help = jurisdiction.authorities.has(authorityId(issuer))
    ? problems.join('; ') || 'add it to the setting crl of the rule'
    : 'add its certificate to the CA file of the rule, by which its list is verified';
  return cannotTell(`there is no revocation list of ${name}: ${help}`);
}

function stale(list: ListInForce, staleSeconds: number): PortcullisError {
  const allowed = staleSeconds === 0 ? '' : `, even with stale: allow-for ${staleSeconds}`;
  return cannotTell(
    `${describeList(list)} is out of date${allowed}; have the CA publish the next one`,
  );
}

function cannotTell(state: string): PortcullisError {
  return new PortcullisError(
    'CANNOT_DECIDE',
    `Cannot tell whether the certificate was revoked: ${state}`,
  );
}
