/** How many workers a pool has. */

import { type Kind, kindOf } from '../kind.ts';

/** How many workers one pool may have. */
export const workersMax = 1024;

/** A number, or one for each core of the host that runs it. */
export const workers: Kind<number | 'auto'> = kindOf(
  `a whole number from 1 to ${workersMax}, or auto`,
  (raw) => (raw === 'auto' || isCount(raw) ? raw : undefined),
  (text) => (/^\d+$/.test(text) ? Number(text) : text),
);

function isCount(raw: unknown): raw is number {
  return Number.isInteger(raw) && Number(raw) >= 1 && Number(raw) <= workersMax;
}
