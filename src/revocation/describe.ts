/** Lists in the words of operators. */

import type { ListInForce } from './register.ts';

/** As `the revocation list of O=Acme,CN=CA (acme.crl, number 5, of …, next due …)`. */
export function describeList(list: ListInForce): string {
  const { authorityText, source, number, thisUpdate, nextUpdate } = list;
  const facts = [
    source,
    ...(number === undefined ? [] : [`number ${number}`]),
    `of ${isoTime(thisUpdate)}`,
    `the next due ${isoTime(nextUpdate)}`,
  ];
  return `the revocation list of ${authorityText} (${facts.join(', ')})`;
}

/** @param seconds Unix time */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
