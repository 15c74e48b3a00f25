/** A password that somebody shall have: asked for twice, so that it is what they meant. */

import { PortcullisError } from '../errors.ts';
import { readSecret } from './prompt.ts';

/**
 * From a terminal, without showing it; else the first line of the standard input.
 *
 * @returns undefined when it was interrupted at the terminal
 * @throws PortcullisError USAGE when the two differ
 */
export async function readNewPassword(): Promise<string | undefined> {
  const typed = await readSecret('Password: ');
  if (typed === undefined || !process.stdin.isTTY) return typed;
  const again = await readSecret('Password again: ');
  if (again === undefined || Buffer.from(again).equals(Buffer.from(typed))) return again;
  throw new PortcullisError('USAGE', 'Cannot take the password: the two differ, try again');
}
