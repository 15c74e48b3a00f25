/** The decision log: searched by client, path, distribution, outcome, time and request. */

import { z } from 'zod';
import { searchEntriesMax } from '../../audit/limits.ts';
import { presentDecision } from '../../audit/present-decision.ts';
import { type DecisionQuery, type PageMark, searchDecisions } from '../../audit/search.ts';
import { readAddress } from '../../front/address.ts';
import { canonicalizePath, encodePath } from '../../http/canonical-path.ts';
import { normalizeFingerprint } from '../../plugin.ts';
import { decisionSchema } from '../access/decision-schema.ts';
import { queryNumber, queryTime } from '../access/query-values.ts';
import { ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { one, type Route, route } from '../route.ts';

/** Entries on one page, unless it is asked for another number. */
const pageEntries = 100;

/** Anything that a client may have sent, as the log has it. */
const name = z.string().min(1).max(1000);

const fingerprint = z.string().transform((written, context): string => {
  const normal = normalizeFingerprint(written);
  if (normal !== undefined) return normal;
  context.addIssue('it is no SHA-256 fingerprint of 64 hex digits');
  return z.NEVER;
});

const address = z.string().transform((written, context): string => {
  const read = readAddress(written);
  if (read !== undefined) return read;
  context.addIssue('it is not an IP address');
  return z.NEVER;
});

const path = z.string().transform((written, context): string => {
  const canonical = canonicalizePath(written);
  if (canonical.ok) return encodePath(canonical.path);
  context.addIssue(`it is no canonical path: ${canonical.reason}`);
  return z.NEVER;
});

const mark = z.string().transform((written, context): PageMark => {
  const [, time, given] = /^(\d{1,15})\.(\d{1,9})$/.exec(written) ?? [];
  if (time !== undefined) return { time: Number(time), given: Number(given) };
  context.addIssue('it is no "next" of another page');
  return z.NEVER;
});

const query = {
  request_id: one(name),
  principal: one(name),
  fingerprint: one(fingerprint),
  address: one(address),
  user: one(name),
  distribution: one(name),
  /** The path itself, and what lies below it. */
  path: one(path),
  outcome: one(z.enum(['allow', 'deny', 'fault', 'not-found', 'refused'])),
  status: one(queryNumber(100, 599)),
  from: one(queryTime),
  until: one(queryTime),
  limit: one(queryNumber(1, searchEntriesMax)),
  after: one(mark),
} as const;

export function createDecisionRoutes({
  store,
  keepsDecisions,
}: Pick<ApiParts, 'store' | 'keepsDecisions'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/access/log/',
      operation: 'READ',
      summary: 'Decisions about requests for content, the latest first, a page at a time',
      query,
      answer: {
        status: 200,
        schema: z.object({
          is_kept: z.boolean(),
          entries: z.array(decisionSchema),
          lost: z.int(),
          next: z.string().nullable(),
        }),
      },
      handle: async ({ query: { request_id: requestId, path: pathPrefix, ...given } }) => {
        const { limit = pageEntries, ...rest } = given;
        const asked = { ...rest, limit, requestId, pathPrefix };
        const present = Object.entries(asked).filter(([, value]) => value !== undefined);
        const page = await searchDecisions(store, Object.fromEntries(present) as DecisionQuery);
        return ok({
          is_kept: keepsDecisions,
          entries: page.entries.map((entry) => ({ ...presentDecision(entry) })),
          lost: page.lost,
          next: page.next === undefined ? null : `${page.next.time}.${page.next.given}`,
        });
      },
    }),
  ];
}
