/** A password that somebody shall have: asked for twice, so that it is what they meant. */

import { printable } from '../cli/output.ts';
import { readSecret } from '../cli/prompt.ts';
import { PortcullisError } from '../errors.ts';
import type { Failure } from './failure.ts';
import { aborted } from './server/identity.ts';

/**
 * From a terminal, without showing it; else the first line of the standard input.
 *
 * @throws PortcullisError USAGE when the two differ
 */
export async function askNewPassword(login: string): Promise<string | Failure> {
  const first = await readSecret(`Enter password for user [${printable(login)}]: `);
  if (first === undefined) return aborted();
  if (!process.stdin.isTTY) return first;
  const second = await readSecret(`Re-enter password for user [${printable(login)}]: `);
  if (second === undefined) return aborted();
  const isSame = Buffer.from(first).equals(Buffer.from(second));
  if (isSame) return first;
  throw new PortcullisError('USAGE', 'Cannot take the password: the two differ, try again');
}
