/** Values of a query that several routes of the audit take. */

import { z } from 'zod';

/** ISO 8601 with a zone, or a day, which then begins in UTC. */
export const queryTime = z.string().transform((written, context): Date => {
  const isRight =
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(written);
  const time = new Date(isRight ? written : Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  context.addIssue('it is no time as 2026-01-31 or 2026-01-31T12:00:00Z');
  return z.NEVER;
});

export function queryNumber(min: number, max: number) {
  return z.string().transform((written, context): number => {
    const value = /^\d{1,15}$/.test(written) ? Number(written) : Number.NaN;
    if (value >= min && value <= max) return value;
    context.addIssue(`it is no whole number from ${min} to ${max}`);
    return z.NEVER;
  });
}
