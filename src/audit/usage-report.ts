/** Tells how much was downloaded, by whom and from which distribution; and forgets what is too old. */

import { PortcullisError } from '../errors.ts';
import { parseFilter } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import { tidyDocumentsMax, usageHourDays, usageRowsMax } from './limits.ts';
import { readPair, startOf, type Usage, type UsageUnit, unitMilliseconds } from './usage.ts';
import { readUsageState, usageSums } from './usage-writer.ts';

export interface UsageQuery {
  readonly unit: UsageUnit;
  /** The hours or days that these lie in, and those between. */
  readonly from: Date;
  readonly until: Date;
  readonly principal?: string;
  readonly distribution?: string;
  /** What is told apart; sums over everything else. */
  readonly by: readonly UsageAxis[];
}

export const usageAxes = ['time', 'distribution', 'principal'] as const;

export type UsageAxis = (typeof usageAxes)[number];

export interface UsageRow extends Usage {
  /** The beginning of the hour or day; undefined where times are not told apart. */
  readonly time: Date | undefined;
  readonly distribution: string | undefined;
  readonly principal: string | undefined;
}

/**
 * The rows by time, then by bytes, the most first.
 *
 * @throws PortcullisError RESULT_TOO_LARGE above {@link usageRowsMax} rows
 */
export async function reportUsage(
  store: Pick<Store, 'find'>,
  query: UsageQuery,
): Promise<readonly UsageRow[]> {
  const { unit, from, until } = query;
  const first = new Date(startOf(unit, from.getTime()));
  const filter = parseFilter({ unit, start: { $gte: first, $lte: until } });
  const rows = new Map<string, UsageRow>();
  for (const document of await store.find(usageSums, { filter })) {
    for (const [pair, usage] of readUsageState(document).sums) {
      const place = { ...readPair(pair), time: document.start as Date };
      if (isMeant(place, query)) add(rows, place, usage, query);
    }
  }
  return [...rows.values()].sort(
    (one, other) =>
      (one.time?.getTime() ?? 0) - (other.time?.getTime() ?? 0) || other.bytes - one.bytes,
  );
}

/** @returns how many documents were removed */
export async function tidyUsage(
  store: Pick<Store, 'find' | 'remove'>,
  usageDays: number,
  now: Date,
): Promise<number> {
  const days: Readonly<Record<UsageUnit, number>> = { hour: usageHourDays, day: usageDays };
  let removed = 0;
  for (const unit of ['hour', 'day'] as const) {
    const oldest = startOf(unit, now.getTime()) - days[unit] * unitMilliseconds.day;
    const filter = parseFilter({ unit, start: { $lt: new Date(oldest) } });
    const query = { filter, fields: [], limit: tidyDocumentsMax };
    for (const { _id } of await store.find(usageSums, query)) {
      if ((await store.remove(usageSums, _id)) === 'removed') removed += 1;
    }
  }
  return removed;
}

interface Place {
  readonly time: Date;
  readonly distribution: string;
  readonly principal: string;
}

function isMeant(place: Place, { principal, distribution }: UsageQuery): boolean {
  return (
    (principal === undefined || place.principal === principal) &&
    (distribution === undefined || place.distribution === distribution)
  );
}

function add(
  rows: Map<string, UsageRow>,
  place: Place,
  { downloads, bytes }: Usage,
  { by }: UsageQuery,
): void {
  const row = {
    time: by.includes('time') ? place.time : undefined,
    distribution: by.includes('distribution') ? place.distribution : undefined,
    principal: by.includes('principal') ? place.principal : undefined,
  };
  const key = JSON.stringify(row);
  const known = rows.get(key) ?? { ...row, downloads: 0, bytes: 0 };
  if (!rows.has(key) && rows.size >= usageRowsMax) {
    throw new PortcullisError(
      'RESULT_TOO_LARGE',
      `Cannot tell the usage: there are more than ${usageRowsMax} rows; ask for less time, or for one distribution`,
    );
  }
  rows.set(key, {
    ...known,
    downloads: known.downloads + downloads,
    bytes: known.bytes + bytes,
  });
}
