/** A name that nobody has given before. */

import { randomBytes } from 'node:crypto';

export function newToken(): string {
  return randomBytes(12).toString('hex');
}
