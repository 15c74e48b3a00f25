/**
 * Answers what nginx asks before it serves a file by itself. What it may go by is in its key, whole: the
 * client's certificate, its address, and the path or the distribution. A request with more evidence than
 * that, a refusal and a fault are answered by the steps of every other request, which nginx then passes on.
 */

import type { ServerResponse } from 'node:http';
import type { Allowance } from '../access/decision.ts';
import { evaluateWithHold, type Hold } from '../access/hold.ts';
import type { AskRule } from '../access/policy.ts';
import {
  type EdgeQuestion,
  edgeAnswers,
  edgeDecidedHeader,
  readEdgeQuestion,
} from '../front/edge-question.ts';
import type { Evidence } from '../model.ts';
import { accessRequestFor, locate, type Target } from './decide.ts';
import { decidedMembers } from './edge-log.ts';
import type { ContentListener, ContentParts, FrontParts, RequestScope } from './serve.ts';

export interface EdgeParts extends Pick<ContentParts, 'resolve' | 'ask' | 'settings'> {
  /** The longest time for which nginx may go by an allow, in whole seconds; 0: it is always passed. */
  readonly seconds: number;
  readonly now: () => Date;
}

/** Questions of nginx are answered; every other request goes to `listener`. */
export function withEdgeDecisions(
  listener: ContentListener,
  parts: EdgeParts,
  { readEvidence, handOff }: FrontParts,
): ContentListener {
  if (handOff !== 'x-accel-redirect') return listener;
  return (request, response, scope) => {
    const asked = readEdgeQuestion(parts.settings.internalPrefix, request.url ?? '');
    if (asked === undefined) return listener(request, response, scope);
    answerTo({ ...asked, readEvidence: () => readEvidence(request), scope }, parts).then(
      (answer) => send(response, answer),
      // Whatever is wrong, it is said when the request is passed on.
      () => send(response, passed),
    );
  };
}

interface Question {
  readonly question: EdgeQuestion;
  readonly rawTarget: string;
  readonly readEvidence: () => Evidence;
  readonly scope: RequestScope;
}

interface Answer {
  readonly status: (typeof edgeAnswers)[keyof typeof edgeAnswers];
  /** Unix time of the last second in which nginx may go by it; undefined: it may not. */
  readonly until?: number;
  readonly decided?: string;
}

const passed: Answer = { status: edgeAnswers.pass };

async function answerTo(question: Question, parts: EdgeParts): Promise<Answer> {
  const { rawTarget, scope } = question;
  const startedAt = parts.now();
  const evidence = question.readEvidence();
  if (parts.seconds === 0 || hasMoreThanKey(evidence)) return passed;
  const target = locate(rawTarget, parts.resolve, evidence.secure);
  // A token in the path is evidence, too, and what is served has another path.
  if ('refusal' in target || target.pathToken !== undefined) return passed;
  // nginx has no root for what the store serves, and cannot know which publication is the present one.
  if (target.distribution.stored !== undefined) return passed;
  const ask: AskRule = (rule, request) => parts.ask(rule, request, scope);
  const request = accessRequestFor(target, 'GET', evidence);
  const { verdict, hold } = await evaluateWithHold(target.policy, request, ask);
  if (verdict.outcome === 'fault') return passed;
  const kept = { status: edgeAnswers.pass, until: lastSecond(startedAt, parts.seconds) };
  if (verdict.outcome === 'deny' || hold === undefined) return kept;
  return answerToAllow(question.question, { target, verdict, hold, evidence, startedAt }, parts);
}

interface Allowed {
  readonly target: Target;
  readonly verdict: Allowance;
  readonly hold: Hold;
  readonly evidence: Evidence;
  readonly startedAt: Date;
}

function answerToAllow(
  question: EdgeQuestion,
  { target, verdict, hold, evidence, startedAt }: Allowed,
  { seconds }: EdgeParts,
): Answer {
  const until = lastSecond(startedAt, Math.min(seconds, hold.seconds));
  const isUniform = hold.scope === 'distribution' && target.isAlone === true;
  if (question === 'distribution' && !isUniform) return { status: edgeAnswers.askByPath, until };
  const decided = decidedMembers({
    distribution: target.distribution.relativeUrl,
    verdict,
    certificate: evidence.certificate,
  });
  // What cannot be written down is not done.
  if (decided === undefined) return { status: edgeAnswers.pass, until };
  return { status: edgeAnswers.serve, until, decided };
}

/** What is in no key of nginx: a decision that went by it would be another client's as well (T65, T66). */
function hasMoreThanKey({ address: _, secure, certificate: __, ...rest }: Evidence): boolean {
  return !secure || Object.values(rest).some((part) => part !== undefined);
}

/**
 * nginx counts whole seconds and goes by an answer to the end of the last one. They are counted from
 * before the rules were asked, so that no delay on the way makes them more.
 */
function lastSecond(startedAt: Date, seconds: number): number {
  return Math.floor(startedAt.getTime() / 1000) + Math.floor(seconds) - 1;
}

function send(response: ServerResponse, { status, until, decided }: Answer): void {
  if (response.headersSent) return;
  response.statusCode = status;
  if (until === undefined) response.setHeader('Cache-Control', 'no-store');
  else response.setHeader('X-Accel-Expires', `@${until}`);
  if (decided !== undefined) response.setHeader(edgeDecidedHeader, decided);
  if (status !== edgeAnswers.serve) response.setHeader('Content-Length', 0);
  response.end();
}
