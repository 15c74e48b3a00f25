/** Whether somebody of a chain was revoked, by what the responders of its CAs answer. */

import { PortcullisError } from '../../errors.ts';
import type { Certificate } from '../../identity/certificate.ts';
import type { RevocationVerdict } from '../../identity/chain.ts';
import { describeName } from '../../identity/distinguished-name.ts';
import type { OcspOptions } from '../../plugin.ts';
import { isoTime } from '../describe.ts';
import { reasonNames } from '../serial-table.ts';
import { responderUrlOf } from './authority-access.ts';
import { unreachableSeconds } from './limits.ts';
import type { Answered, OcspResponders } from './responders.ts';

interface Link {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly isClient: boolean;
}

interface AskedLink extends Link {
  readonly url: string;
  readonly answered: Answered;
}

/**
 * Asks about every certificate of the path but the anchor, or about the client's alone. That somebody
 * was revoked, or is not known, counts before anything that cannot be told.
 *
 * @param path from the client's certificate to the anchor, verified: its URLs are what its CAs wrote
 * @throws PortcullisError CANNOT_DECIDE when a responder that counts cannot be asked, or its answer is
 *   of no use: nobody may take that for a "no"
 */
export async function askAboutPath(
  path: readonly Certificate[],
  now: Date,
  { responders, options }: { readonly responders: OcspResponders; readonly options: OcspOptions },
): Promise<RevocationVerdict> {
  const links = linksOf(path, options).map((link) => ({ ...link, url: urlFor(link, options) }));
  const asked = await Promise.all(
    links.map(async (link): Promise<AskedLink> => {
      const answered = await responders.ask({ ...link, options });
      return { ...link, answered };
    }),
  );
  for (const link of asked) {
    const problem = refusalOf(link);
    if (problem !== undefined) return { problem };
  }
  const good = asked.map((link) => goodUntil(link, now, options));
  return {
    until: new Date(Math.min(...good.map(({ until }) => until.getTime()))),
    basis: good.flatMap(({ basis }) => basis).join(' and '),
  };
}

function linksOf(path: readonly Certificate[], { certificates }: OcspOptions): readonly Link[] {
  const links = path.slice(0, -1).map((certificate, index) => {
    return { certificate, issuer: path[index + 1] ?? certificate, isClient: index === 0 };
  });
  return certificates === 'client' ? links.slice(0, 1) : links;
}

function urlFor({ certificate, isClient }: Link, { responder }: OcspOptions): string {
  const url = responder ?? responderUrlOf(certificate);
  if (url !== undefined) return url;
  const whose = isClient ? 'it' : `its CA ${describeName(certificate.subject)}`;
  const help = isClient ? '' : ', or certificates: client and a revocation list for CAs';
  throw cannotTell(`${whose} names no OCSP responder; set a responder${help}`);
}

/** A clause for who may not come in. */
function refusalOf({ certificate, isClient, url, answered }: AskedLink): string | undefined {
  if ('problem' in answered) return undefined;
  const { status } = answered.answer;
  const { serial, subject } = certificate;
  if (status.is === 'good') return undefined;
  const whose = isClient ? 'its' : `its CA ${describeName(subject)} is refused: the`;
  if (status.is !== 'revoked') {
    return `${whose} serial number ${serial} is not known to the OCSP responder ${url}`;
  }
  const reason = status.reason === undefined ? undefined : reasonNames[status.reason];
  const why = reason === undefined ? '' : `, for ${reason}`;
  return `${whose} serial number ${serial} was revoked, as the OCSP responder ${url} says, on ${textOf(status.since)}${why}`;
}

function goodUntil(
  { url, answered }: AskedLink,
  now: Date,
  { unreachable }: OcspOptions,
): { readonly until: Date; readonly basis: readonly string[] } {
  if (!('problem' in answered)) {
    const { answer, until } = answered;
    const dates = `its answer of ${textOf(answer.thisUpdate)}, asked anew after ${textOf(until)}`;
    return { until, basis: [`the list of the OCSP responder ${url} (${dates})`] };
  }
  if (unreachable === 'refuse' || answered.isReached) {
    throw cannotTell(`the OCSP responder ${url} cannot be gone by: ${answered.problem}`);
  }
  return { until: new Date(now.getTime() + unreachableSeconds * 1000), basis: [] };
}

function textOf(date: Date): string {
  return isoTime(Math.floor(date.getTime() / 1000));
}

function cannotTell(state: string): PortcullisError {
  return new PortcullisError(
    'CANNOT_DECIDE',
    `Cannot tell whether the certificate was revoked: ${state}`,
  );
}
