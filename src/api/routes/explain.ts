/** Explaining: plays a request that a client would make, or one of the decision log. */

import { z } from 'zod';
import type { ExplainQuery } from '../../access/explanation.ts';
import { presentExplanation } from '../../access/present-explanation.ts';
import type { DecisionEntry } from '../../audit/entry.ts';
import { type Missing, replay } from '../../audit/play-decision.ts';
import { presentDecision } from '../../audit/present-decision.ts';
import { findDecision } from '../../audit/search.ts';
import { findSeenCertificate } from '../../audit/seen-certificates.ts';
import { decisionSchema } from '../access/decision-schema.ts';
import { explanationSchema } from '../access/explanation-schema.ts';
import {
  type FindCertificate,
  hypotheticalRequest,
  propertyOfQuery,
  readHypotheticalRequest,
} from '../access/hypothetical-request.ts';
import { invalidValue, missingResource, missingValues } from '../failures.ts';
import { Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Route, route } from '../route.ts';

const body = z.strictObject({
  ...hypotheticalRequest,
  url: hypotheticalRequest.url.nullish(),
  /** Of the decision log, in place of `url`; what else is given counts more than what was logged. */
  request_id: z.string().min(1).max(200).nullish(),
});

type Body = z.output<typeof body>;

type Parts = Pick<ApiParts, 'play' | 'store'>;

export function createExplainRoutes(parts: Parts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v2/access/explain/',
      operation: 'EXECUTE',
      summary: 'What a client would get and why: nothing is charged, remembered or logged',
      body,
      answer: {
        status: 200,
        schema: explanationSchema.extend({
          logged: decisionSchema.nullable(),
          missing: z.array(z.string()),
        }),
      },
      refusals: [404],
      handle: async ({ body: asked, caller: { login } }) => explain(asked, login, parts),
    }),
  ];
}

/** A request to be played, with what the log says of it. */
interface Asked {
  readonly query: ExplainQuery;
  readonly logged: DecisionEntry | undefined;
  readonly missing: readonly string[];
}

async function explain(asked: Body, guesser: string, parts: Parts): Promise<Outcome> {
  const { request_id: requestId, ...given } = asked;
  const read =
    requestId == null
      ? await readWritten(given, guesser, parts)
      : await readLogged(requestId, given, guesser, parts);
  if (read instanceof Failure) return read;
  const played = await parts.play(read.query);
  if (played instanceof Failure) return played;
  if ('problem' in played) return invalidValue(propertyOfQuery[played.property], played.problem);
  const logged = read.logged === undefined ? null : { ...presentDecision(read.logged) };
  return ok({ ...presentExplanation(played), logged, missing: read.missing });
}

type Given = Omit<Body, 'request_id'>;

async function readWritten(
  { url, ...given }: Given,
  guesser: string,
  { store }: Parts,
): Promise<Asked | Failure> {
  if (url == null) return missingValues(['url']);
  const query = await readHypotheticalRequest({ ...given, url }, guesser, finderIn(store));
  return query instanceof Failure ? query : { query, logged: undefined, missing: [] };
}

async function readLogged(
  requestId: string,
  { url, ...given }: Given,
  guesser: string,
  { store }: Parts,
): Promise<Asked | Failure> {
  if (url != null) return invalidValue('url', 'the request of the log has one');
  const entry = await findDecision(store, requestId);
  if (entry === undefined) return missingResource({ request_id: requestId });
  const { request, missing } = await replay(entry, store);
  if (request === undefined) {
    return invalidValue(
      'request_id',
      `its method is ${entry.method}, and content has GET and HEAD`,
    );
  }
  const { target, user: loggedUser, ...evidence } = request;
  const user = given.user ?? (given.token == null ? loggedUser : undefined);
  const written = { ...given, url: target, user };
  const query = await readHypotheticalRequest(written, guesser, finderIn(store));
  if (query instanceof Failure) return query;
  return {
    query: { ...evidence, ...query },
    logged: entry,
    missing: missing.filter((part) => !isGiven(part, given)),
  };
}

function isGiven(part: Missing, given: Given): boolean {
  if (part !== 'certificate') return given[part] != null;
  return (given.certificate ?? given.fingerprint) != null;
}

function finderIn(store: Parts['store']): FindCertificate {
  return (fingerprint) => findSeenCertificate(store, fingerprint);
}
