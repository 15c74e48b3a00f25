/**
 * When something is done again and again: an ISO 8601 interval, as `2026-01-01T00:00:00Z/P1D`,
 * `R3/2026-01-01T00:00:00Z/PT6H` or `P1W`.
 */

import { repositoryLimits } from './limits.ts';

export interface Interval {
  readonly start: Date;
  readonly period: Period;
  /** How often; undefined for ever. */
  readonly runs: number | undefined;
}

export interface Period {
  /** Of the calendar, in UTC. */
  readonly months: number;
  readonly milliseconds: number;
}

const shape = /^(?:R(?<runs>\d{0,9})\/)?(?:(?<start>[^/]+)\/)?(?<period>P[^/]+)$/;
const startShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?<zone>Z|[+-]\d\d:\d\d)?$/;
const periodShape =
  /^P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** The shortest month. */
const month = 28 * day;

/**
 * @param now the start of one that says none
 * @returns a clause that says what is wrong
 */
export function parseInterval(text: string, now: Date): Interval | { readonly problem: string } {
  const groups = shape.exec(text)?.groups;
  if (groups === undefined) {
    return { problem: 'it is no ISO 8601 interval, as 2026-01-01T00:00:00Z/P1D' };
  }
  const start = groups.start === undefined ? now : readStart(groups.start);
  if (start === undefined) {
    return { problem: 'its start is no date and time, as 2026-01-01T00:00:00Z' };
  }
  const period = readPeriod(groups.period ?? '');
  if (period === undefined) {
    return { problem: 'its period is none, as P1D, PT6H or P1W, of whole numbers' };
  }
  const { schedulePeriodSecondsMin } = repositoryLimits;
  if (period.months * month + period.milliseconds < schedulePeriodSecondsMin * second) {
    return { problem: `its period is shorter than ${schedulePeriodSecondsMin} seconds` };
  }
  const runs = groups.runs === undefined || groups.runs === '' ? undefined : Number(groups.runs);
  if (runs === 0) return { problem: 'it never runs' };
  return { start, period, runs };
}

/** The first run after `after`; the start itself is one. Undefined when no date is that late. */
export function nextRun({ start, period }: Interval, after: Date): Date | undefined {
  if (start > after) return start;
  const elapsed = after.getTime() - start.getTime();
  // No month is longer than 31 days, so it is never too many.
  const longest = period.months * 31 * day + period.milliseconds;
  for (let run = Math.floor(elapsed / longest); ; run += 1) {
    const at = runAt(start, period, run);
    if (Number.isNaN(at.getTime())) return undefined;
    if (at > after) return at;
  }
}

/** Months are counted from the start, so that the 31st comes back after a short month. */
function runAt(start: Date, { months, milliseconds }: Period, run: number): Date {
  const first = new Date(start);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() + months * run);
  const last = new Date(first);
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  first.setUTCDate(Math.min(start.getUTCDate(), last.getUTCDate()));
  return new Date(first.getTime() + milliseconds * run);
}

/** What names no zone is UTC. */
function readStart(text: string): Date | undefined {
  const match = startShape.exec(text);
  if (match === null) return undefined;
  const start = new Date(match.groups?.zone === undefined ? `${text}Z` : text);
  return Number.isNaN(start.getTime()) || isRolledOver(text, start) ? undefined : start;
}

/** A day that its month does not have becomes one of the next month. */
function isRolledOver(text: string, start: Date): boolean {
  const written = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(written.getTime())) return true;
  if (written.toISOString().slice(0, 10) !== text.slice(0, 10)) return true;
  return Math.abs(start.getTime() - written.getTime()) > 2 * day;
}

function readPeriod(text: string): Period | undefined {
  const match = periodShape.exec(text);
  if (match === null || text.endsWith('T')) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return {
    months: years * 12 + months,
    milliseconds: weeks * 7 * day + days * day + hours * hour + minutes * minute + seconds * second,
  };
}
