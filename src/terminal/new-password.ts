/** A password that somebody shall have: asked for twice, so that it is what they meant. */

import { PortcullisError } from '../errors.ts';
import { readSecret } from './prompt.ts';

export interface NewPasswordQuestions {
  readonly first: string;
  readonly again: string;
}

const plain: NewPasswordQuestions = { first: 'Password: ', again: 'Password again: ' };

/**
 * From a terminal, without showing it; else the first line of the standard input.
 *
 * @returns undefined when it was interrupted at the terminal
 * @throws PortcullisError USAGE when the two differ
 */
export async function readNewPassword(
  questions: NewPasswordQuestions = plain,
): Promise<string | undefined> {
  const typed = await readSecret(questions.first);
  if (typed === undefined || !process.stdin.isTTY) return typed;
  const again = await readSecret(questions.again);
  if (again === undefined || Buffer.from(again).equals(Buffer.from(typed))) return again;
  throw new PortcullisError('USAGE', 'Cannot take the password: the two differ, try again');
}
