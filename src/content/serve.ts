/** A request for content, step by step. Nothing else serves bytes. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asker, AskRule } from '../access/policy.ts';
import type { SettleCharges } from '../access/settle.ts';
import type { HandOff } from '../config/configuration.ts';
import type { EvidenceReader } from '../front/evidence.ts';
import type { Evidence } from '../model.ts';
import { settlementOf } from './charge.ts';
import {
  accessRequestFor,
  decide,
  locate,
  type NoTarget,
  refusalOfLink,
  refusalOfVerdict,
  type Served,
} from './decide.ts';
import {
  type DecisionRecord,
  type DecisionSinks,
  logDelivery,
  logRefusal,
  startRecord,
} from './decision-log.ts';
import { deliver } from './deliver.ts';
import type { Delivery, DeliverySettings, Undelivered } from './delivery.ts';
import { type Finder, whyNothing } from './find.ts';
import { findServed } from './find-served.ts';
import { findText, type TextSources } from './find-text.ts';
import { type Learn, locateAgain } from './locate-again.ts';
import { deliverText } from './open-text.ts';
import { type Refusal, type RefusalHeaders, refusalOf, refuse, sendRefusal } from './refusal.ts';
import type { Resolver } from './resolve.ts';

export interface ContentParts extends DecisionSinks, TextSources {
  readonly resolve: Resolver<Served>;
  /** Absent: all that is ever served is known. */
  readonly learn?: Learn | undefined;
  readonly ask: AskRule;
  readonly settleCharges: SettleCharges;
  readonly find: Finder;
  readonly settings: DeliverySettings;
  readonly refusalHeaders: RefusalHeaders;
}

/** What differs from one listener to the next. */
export interface FrontParts {
  readonly readEvidence: EvidenceReader;
  readonly handOff: HandOff;
}

/** What the listener knows of a request that it serves. */
export interface RequestScope {
  /** By which the request is found in the logs. */
  readonly id: string;
  /** Aborts when the request is ended for its time limit, or when its client has gone. */
  readonly signal: AbortSignal;
  /** Whether it was; the client has got its answer then. */
  readonly isOverdue: boolean;
}

export type ContentListener = (
  request: IncomingMessage,
  response: ServerResponse,
  scope: RequestScope,
) => void;

export function createContentListener(parts: ContentParts, front: FrontParts): ContentListener {
  return (request, response, scope) => {
    const method = request.method ?? '';
    const record = startRecord(scope.id, method, request.url ?? '');
    const exchange: Exchange = { ...parts, ...front, request, response, scope, record };
    serve(exchange).then(
      (result) => finish(exchange, result),
      (error: unknown) => finish(exchange, { refusal: refusalOf(error) }),
    );
  };
}

interface Exchange extends ContentParts, FrontParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly scope: RequestScope;
  readonly record: DecisionRecord;
}

type Result = Delivery | Undelivered;

async function serve(exchange: Exchange): Promise<Result> {
  const { request, response, record } = exchange;
  const method = request.method;
  if (method !== 'GET' && method !== 'HEAD') {
    return { refusal: refuse('METHOD_NOT_ALLOWED', 'content is read with GET and HEAD only') };
  }
  const evidence = exchange.readEvidence(request);
  record.evidence = evidence;

  const { url = '' } = request;
  const { secure } = evidence;
  const known = locate(url, exchange.resolve, secure);
  const target = 'refusal' in known ? await locateAgain(known, url, exchange, secure) : known;
  if (target.path !== undefined) record.path = target.path;
  if ('refusal' in target) return (await textAt(target, method, evidence, exchange)) ?? target;
  const { distribution, path, pathInDistribution } = target;
  record.distribution = distribution.relativeUrl;
  // What links from here would tell other servers of it (T62).
  if (target.pathToken !== undefined) response.setHeader('Referrer-Policy', 'no-referrer');

  const { settleCharges, handOff, settings } = exchange;
  const asker = askerOf(exchange);
  const ask = askOf(exchange);
  const accessRequest = accessRequestFor(target, method, evidence, record.requestId);
  const verdict = await decide(target, accessRequest, ask);
  record.verdict = verdict;
  const refusal = refusalOfVerdict(verdict);
  if (refusal !== undefined) return { refusal };

  const place = await findServed(distribution, pathInDistribution, exchange.find);
  if (place === undefined) {
    const reason = whyNothing(pathInDistribution, settings.visibleDotNames);
    return { refusal: refuse('NOT_FOUND', reason) };
  }
  if ('code' in place) return { refusal: place };
  const { found, published } = place;
  record.publication = published?.publication.id;
  const linked = refusalOfLink(target, found);
  if (linked !== undefined) return { refusal: linked };
  const settle = settlementOf(verdict, accessRequest, { settleCharges, asker, record });
  return deliver({
    found,
    distribution,
    published,
    path,
    pathInDistribution,
    request,
    response,
    handOff,
    settings,
    ...(settle && { settle }),
  });
}

/** What is where no distribution is. */
async function textAt(
  { path }: NoTarget,
  method: 'GET' | 'HEAD',
  evidence: Evidence,
  exchange: Exchange,
): Promise<Result | undefined> {
  if (path === undefined) return undefined;
  const { openTexts, below, resolve, record, request, response, settings } = exchange;
  const ask = askOf(exchange);
  const question = { path, method, evidence, requestId: record.requestId };
  const found = await findText(question, { openTexts, below, resolve, ask });
  if (found === undefined || 'refusal' in found) return found;
  record.verdict = found.allowance;
  const { cacheControl } = settings;
  return deliverText({ text: found.text, path, request, response, cacheControl });
}

function askOf(exchange: Exchange): AskRule {
  const asker = askerOf(exchange);
  return (rule, asked) => exchange.ask(rule, asked, asker);
}

/** The signal is made when it is read, and most rules read none. */
function askerOf({ scope, record }: Exchange): Asker {
  return {
    get signal() {
      return scope.signal;
    },
    onRemembered: () => {
      record.isRemembered = true;
    },
  };
}

/** Whose question was given up with its client is no fault that an operator could mend. */
function isFaultOfGone({ code }: Refusal, { signal }: RequestScope): boolean {
  return code === 'CANNOT_DECIDE' && signal.aborted;
}

function finish(exchange: Exchange, result: Result): void {
  const { record, response, refusalHeaders, scope } = exchange;
  if (scope.isOverdue) {
    logRefusal(
      exchange,
      record,
      refuse('REQUEST_OVERDUE', 'its time limit passed before its response began'),
    );
  } else if ('refusal' in result && isFaultOfGone(result.refusal, scope)) {
    logRefusal(exchange, record, refuse('CLIENT_GONE', 'the client went before it was decided'));
  } else if ('refusal' in result) {
    logRefusal(exchange, record, result.refusal);
    sendRefusal(response, result.refusal, record.requestId, refusalHeaders);
  } else {
    logDelivery(exchange, record, result);
  }
}
