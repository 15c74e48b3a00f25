/** Downloads and bytes, by principal and distribution. */

import { z } from 'zod';
import { unitMilliseconds } from '../../audit/usage.ts';
import { reportUsage, type UsageRow, usageAxes } from '../../audit/usage-report.ts';
import { queryTime } from '../access/query-values.ts';
import { invalidValue } from '../failures.ts';
import { ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { many, one, type Route, route } from '../route.ts';

/** Days that are told of, unless it is asked for others. */
const daysTold = 30;

const name = z.string().min(1).max(1000);

const row = z.object({
  time: z.string().nullable(),
  distribution: z.string().nullable(),
  principal: z.string().nullable(),
  downloads: z.int(),
  bytes: z.number(),
});

export function createUsageRoutes({
  store,
  now,
  keepsDecisions,
}: Pick<ApiParts, 'store' | 'now' | 'keepsDecisions'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/access/usage/',
      operation: 'READ',
      summary: 'Downloads and bytes by what is named in `by`: time, distribution, principal',
      query: {
        unit: one(z.enum(['hour', 'day'])),
        from: one(queryTime),
        until: one(queryTime),
        principal: one(name),
        distribution: one(name),
        by: many(z.enum(usageAxes)),
      },
      answer: { status: 200, schema: z.object({ is_kept: z.boolean(), usage: z.array(row) }) },
      handle: async ({ query: { unit = 'day', principal, distribution, by, ...range } }) => {
        const { until = now() } = range;
        const { from = new Date(until.getTime() - daysTold * unitMilliseconds.day) } = range;
        if (from > until) return invalidValue('from', 'it is after "until"');
        const usage = await reportUsage(store, {
          ...{ unit, from, until, by: by.length === 0 ? ['principal', 'distribution'] : by },
          ...(principal !== undefined && { principal }),
          ...(distribution !== undefined && { distribution }),
        });
        return ok({ is_kept: keepsDecisions, usage: usage.map(presentRow) });
      },
    }),
  ];
}

function presentRow({ time, distribution, principal, downloads, bytes }: UsageRow) {
  return {
    time: time?.toISOString() ?? null,
    distribution: distribution ?? null,
    principal: principal ?? null,
    downloads,
    bytes,
  };
}
