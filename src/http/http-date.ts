/** HTTP dates (RFC 9110 §5.6.7), to the second. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const time = '(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})';
const month = `(?<month>${months.join('|')})`;

/** IMF-fixdate, and the two obsolete forms that a recipient has to accept. */
const forms: readonly RegExp[] = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>[0-9]{2}) ${month} (?<year>[0-9]{4}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>[0-9]{2})-${month}-(?<year>[0-9]{2}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} ${month} (?<day>[ 0-9][0-9]) ${time} (?<year>[0-9]{4})$`),
];

/** @param seconds since 1970, UTC */
export function formatHttpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString();
}

/**
 * Seconds since 1970, or undefined for anything that is not an HTTP date. A two-digit year is the
 * nearest one that is not more than 50 years ahead of `now` (RFC 9110 §5.6.7).
 */
export function parseHttpDate(text: string, now: Date = new Date()): number | undefined {
  for (const form of forms) {
    const fields = form.exec(text)?.groups;
    if (fields) return secondsOf(fields, now);
  }
  return undefined;
}

function secondsOf(fields: Readonly<Record<string, string>>, now: Date): number | undefined {
  const yearText = fields.year ?? '';
  const year = yearText.length === 2 ? nearestYear(Number(yearText), now) : Number(yearText);
  const monthIndex = months.indexOf(fields.month ?? '');
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map((name) =>
    Number(fields[name]),
  ) as [number, number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, monthIndex, day);
  // A leap second, :60, is the second after it, as everywhere in POSIX time.
  if (date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 60) return undefined;
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

function nearestYear(twoDigits: number, now: Date): number {
  const thisYear = now.getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
