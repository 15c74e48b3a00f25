/** Plays a request for content dry, and says what the client would get and why. */

import { type ExplainQuery, type Explanation, explainPolicy } from '../access/explain.ts';
import { PortcullisError } from '../errors.ts';
import { readAddress } from '../front/address.ts';
import { readClientCertificate } from '../front/client-certificate.ts';
import type { Evidence } from '../model.ts';
import { accessRequestFor, locate, refusalOfVerdict, type Target } from './decide.ts';
import { type Refusal, refusalOf, refuse } from './refusal.ts';
import type { ContentParts } from './serve.ts';

export type ExplainParts = Pick<ContentParts, 'resolve' | 'ask' | 'find'>;

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
  const { distribution, path } = target;
  const request = accessRequestFor(target, query.method ?? 'GET', evidence);
  const { verdict, tree } = await explainPolicy(distribution.policy, request, parts.ask);
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
  const missing = await findProblem(target, parts);
  const { principal, rule } = verdict;
  return missing === undefined
    ? { ...known, outcome: 'allow', status: 200, reason: `allowed by ${rule}`, principal }
    : { ...nothingFound(missing), ...known, principal };
}

function nothingFound(refusal: Refusal): Explanation {
  return {
    outcome: refusal.status >= 500 ? 'fault' : 'not-found',
    status: refusal.status,
    reason: refusal.reason,
    distribution: undefined,
    path: undefined,
    principal: undefined,
    tree: undefined,
  };
}

async function findProblem(target: Target, parts: ExplainParts): Promise<Refusal | undefined> {
  try {
    const found = await parts.find(target.distribution.root, target.pathInDistribution);
    return found === undefined
      ? refuse('NOT_FOUND', 'access is allowed, but there is no such file')
      : undefined;
  } catch (error) {
    return refusalOf(error);
  }
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
    certificate: readClientCertificate(query.certificatePem, 'front'),
    basic:
      query.user === undefined
        ? undefined
        : Object.freeze({ user: query.user, password: query.password ?? '' }),
    remoteUser: undefined,
  });
}
