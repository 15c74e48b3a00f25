/** Plays a request for content dry, and says what the client would get and why. */

import { explainPolicy, type FindingsOf } from '../access/explain.ts';
import type { ExplainQuery, Explanation, QueryProblem } from '../access/explanation.ts';
import { mediaTypeOf } from '../http/media-types.ts';
import { maskTokens } from '../token-form.ts';
import {
  accessRequestFor,
  locate,
  refusalOfLink,
  refusalOfVerdict,
  type Target,
} from './decide.ts';
import { redirectLocation } from './deliver-directory.ts';
import { explainText, refused } from './explain-text.ts';
import { whyNothing } from './find.ts';
import { findServed } from './find-served.ts';
import {
  describePlayed,
  readHypotheticalRequest,
  reportCertificate,
} from './hypothetical-request.ts';
import { locateAgain } from './locate-again.ts';
import { type Refusal, refusalOf, refuse } from './refusal.ts';
import { validatorHeaders } from './representation.ts';
import { commonHeaders } from './respond.ts';
import type { ContentParts } from './serve.ts';

export interface ExplainParts
  extends Pick<
      ContentParts,
      'resolve' | 'learn' | 'openTexts' | 'below' | 'ask' | 'find' | 'settings' | 'refusalHeaders'
    >,
    Pick<Explanation, 'bounds'> {
  readonly findingsOf: FindingsOf;
}

/** Nothing is charged, remembered or logged. */
export async function explainRequest(
  query: ExplainQuery,
  parts: ExplainParts,
): Promise<Explanation | QueryProblem> {
  const played = readHypotheticalRequest(query);
  if ('problem' in played) return played;
  const { rawTarget, method, evidence } = played;
  const said = {
    request: describePlayed(played, query),
    certificate: reportCertificate(evidence.certificate),
    bounds: parts.bounds,
  };
  const { secure } = evidence;
  const known = locate(rawTarget, parts.resolve, secure);
  const target = 'refusal' in known ? await locateAgain(known, rawTarget, parts, secure) : known;
  if ('refusal' in target) {
    const text = target.path && (await explainText({ path: target.path, method, evidence }, parts));
    return { ...said, ...nowhere, path: target.path, ...(text || refused(target.refusal, parts)) };
  }
  const { distribution, path, policy } = target;
  const request = accessRequestFor(target, method, evidence);
  const { verdict, tree } = await explainPolicy(policy, request, parts.ask, parts.findingsOf);
  const decided = { ...said, distribution: distribution.relativeUrl, path: maskTokens(path), tree };
  const refusal = refusalOfVerdict(verdict);
  if (refusal !== undefined)
    return { ...decided, principal: undefined, ...refused(refusal, parts) };
  if (verdict.outcome !== 'allow') throw new TypeError('only an allow is no refusal');
  const { principal, rule } = verdict;
  const response = await responseTo(target, parts);
  if ('code' in response) return { ...decided, principal, ...refused(response, parts) };
  return { ...decided, outcome: 'allow', ...response, reason: `allowed by ${rule}`, principal };
}

/** Of a request that leads to no distribution. */
const nowhere = { distribution: undefined, principal: undefined, tree: undefined } as const;

type Answer = Pick<Explanation, 'status' | 'headers'>;

/** What is delivered to those who may have it, or why there is nothing to deliver. */
async function responseTo(
  target: Target,
  { find, settings }: ExplainParts,
): Promise<Answer | Refusal> {
  const { distribution, path, pathInDistribution } = target;
  const headers = commonHeaders(settings.cacheControl);
  try {
    const place = await findServed(distribution, pathInDistribution, find);
    if (place === undefined)
      return absent(whyNothing(pathInDistribution, settings.visibleDotNames));
    if ('code' in place) return place;
    const { found, published } = place;
    const refusal = refusalOfLink(target, found);
    if (refusal !== undefined) return absent(refusal.reason);
    if (found.kind === 'file') {
      const { size, modified, inode } = found;
      const tagged = { size, modified, inode: published && inode };
      const facts = { ...validatorHeaders(tagged), 'Content-Length': String(size) };
      return {
        status: 200,
        headers: { ...headers, 'Content-Type': mediaTypeOf(path), ...facts },
      };
    }
    if (!distribution.listing) return absent('it is a directory, and the distribution lists none');
    return path.endsWith('/')
      ? { status: 200, headers }
      : { status: 301, headers: { ...headers, Location: redirectLocation(path) } };
  } catch (error) {
    return refusalOf(error);
  }
}

function absent(reason: string): Refusal {
  return refuse('NOT_FOUND', `access is allowed, but ${reason}`);
}
