/** Times as people type them. */

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** What `readDuration` takes, for messages and manuals. */
export const durationExamples = '90s, 15m, 12h or 7d';

/** @returns seconds, at least one; undefined for what is no time */
export function readDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^([1-9]\d{0,7})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (unitSeconds[unit] ?? Number.NaN);
  return Number.isNaN(seconds) ? undefined : seconds;
}
