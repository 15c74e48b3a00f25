/** Plays a request for content dry, and says what the client would get and why. */

import { type ExplainQuery, type Explanation, explainPolicy } from '../access/explain.ts';
import { PortcullisError } from '../errors.ts';
import { readAddress } from '../front/address.ts';
import { readClientCertificate } from '../front/client-certificate.ts';
import { queryOf } from '../front/evidence.ts';
import { parseAuthorization } from '../http/basic.ts';
import type { ClientCertificate, Evidence } from '../model.ts';
import {
  accessRequestFor,
  locate,
  refusalOfLink,
  refusalOfVerdict,
  type Target,
} from './decide.ts';
import { whyNothing } from './find.ts';
import { outcomeOf, type Refusal, refusalOf, refuse } from './refusal.ts';
import type { ContentParts } from './serve.ts';

export type ExplainParts = Pick<ContentParts, 'resolve' | 'ask' | 'find' | 'settings'>;

/** @throws PortcullisError USAGE when the query itself cannot be read */
export async function explainRequest(
  query: ExplainQuery,
  parts: ExplainParts,
): Promise<Explanation> {
  const evidence = evidenceOf(query);
  const target = locate(targetOf(query.target), parts.resolve);
  if ('refusal' in target) {
    return { ...nothingFound(target.refusal), path: target.path };
  }
  const { distribution, path, policy } = target;
  const request = accessRequestFor(target, query.method ?? 'GET', evidence);
  const { verdict, tree } = await explainPolicy(policy, request, parts.ask);
  const known = { distribution: distribution.relativeUrl, path, tree };
  if (verdict.outcome !== 'allow') {
    const status = refusalOfVerdict(verdict)?.status ?? 503;
    return {
      ...known,
      outcome: verdict.outcome,
      status,
      reason: verdict.reason,
      principal: undefined,
    };
  }
  const { principal, rule } = verdict;
  const response = await responseTo(target, parts);
  if (typeof response !== 'number') return { ...nothingFound(response), ...known, principal };
  return { ...known, outcome: 'allow', status: response, reason: `allowed by ${rule}`, principal };
}

function nothingFound(refusal: Refusal): Explanation {
  return {
    outcome: outcomeOf(refusal) === 'fault' ? 'fault' : 'not-found',
    status: refusal.status,
    reason: refusal.reason,
    distribution: undefined,
    path: undefined,
    principal: undefined,
    tree: undefined,
  };
}

/** The status of what is delivered to those who may have it, or why there is nothing to deliver. */
async function responseTo(
  target: Target,
  { find, settings }: ExplainParts,
): Promise<number | Refusal> {
  const { distribution, path, pathInDistribution } = target;
  try {
    const found = await find(distribution.root, pathInDistribution);
    if (found === undefined)
      return absent(whyNothing(pathInDistribution, settings.visibleDotNames));
    const refusal = refusalOfLink(target, found);
    if (refusal !== undefined) return absent(refusal.reason);
    if (found.kind === 'file') return 200;
    if (!distribution.listing) return absent('it is a directory, and the distribution lists none');
    return path.endsWith('/') ? 200 : 301;
  } catch (error) {
    return refusalOf(error);
  }
}

function absent(reason: string): Refusal {
  return refuse('NOT_FOUND', `access is allowed, but ${reason}`);
}

/** Whoever names a file means a certificate: no rule has to say that it holds none. */
function certificateOf({ certificatePem }: ExplainQuery): ClientCertificate | undefined {
  if (certificatePem === undefined) return undefined;
  const certificate = readClientCertificate(certificatePem, 'front') ?? {
    unusable: 'its file is empty',
  };
  if (!('unusable' in certificate)) return certificate;
  throw new PortcullisError('USAGE', `Cannot explain: ${certificate.unusable}`);
}

function bearerOf({ bearer }: ExplainQuery): string | undefined {
  if (bearer === undefined) return undefined;
  const read = parseAuthorization(`Bearer ${bearer}`);
  if (read.kind === 'bearer') return read.credential;
  const reason = read.kind === 'malformed' ? read.reason : 'it is none';
  throw new PortcullisError('USAGE', `Cannot explain with the token: ${reason}`);
}

/** A whole URL is taken too, as it stands in a client's configuration or in a log. */
function targetOf(target: string): string {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] ?? '';
  const rest = target.slice(origin.length);
  return Buffer.from(rest === '' ? '/' : rest, 'utf8').toString('latin1');
}

function evidenceOf(query: ExplainQuery): Evidence {
  const address = readAddress(query.address);
  if (query.address !== undefined && address === undefined) {
    throw new PortcullisError(
      'USAGE',
      `Cannot read the address "${query.address}": it is not an IP address`,
    );
  }
  return Object.freeze({
    address,
    secure: query.secure ?? true,
    certificate: certificateOf(query),
    basic:
      query.user === undefined
        ? undefined
        : Object.freeze({ user: query.user, password: query.password ?? '' }),
    bearer: bearerOf(query),
    query: queryOf(targetOf(query.target)),
    remoteUser: query.remoteUser === '' ? undefined : query.remoteUser,
  });
}
