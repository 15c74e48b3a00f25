/** Users and groups of the host. */

import { type Kind, kindOf } from '../kind.ts';

/** The greatest user or group number: 4294967295 is (uid_t) -1, which changes nothing (chown(2)). */
export const accountNumberMax = 4_294_967_294;

/** A name (useradd(8)), or a number. Whether the host knows it is found out at the start. */
export const account: Kind<string | number> = kindOf(
  `the name of a user or group of this host, or a number from 0 to ${accountNumberMax}`,
  (raw) => {
    if (typeof raw === 'string' && /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/.test(raw)) return raw;
    const number = typeof raw === 'string' && /^\d{1,10}$/.test(raw) ? Number(raw) : raw;
    return isAccountNumber(number) ? number : undefined;
  },
);

function isAccountNumber(raw: unknown): raw is number {
  return Number.isInteger(raw) && Number(raw) >= 0 && Number(raw) <= accountNumberMax;
}
