/** What the tests of session certificates share. */

import { chmodSync } from 'node:fs';
import { createLogger } from '../../src/log.ts';

export const silent = createLogger({ level: 'error', write: () => undefined });

/** A key that openssl made, readable by its owner alone. */
export function secretFile(file: string): string {
  chmodSync(file, 0o600);
  return file;
}
