/** What commands write for people: safe for a terminal, and no stack trace for an operator's mistake. */

import { inspect } from 'node:util';
import { ConfigurationProblems, type Locate } from '../config/problems.ts';
import { PortcullisError } from '../errors.ts';
import type { Problem } from '../model.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';

/** Control characters, which could drive a terminal, are shown as their escapes. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (character) => {
    if (character === '\n') return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** One line of one problem. */
export function describeProblem({ at, message }: Problem, locate: Locate): string {
  const where = at === '' ? [] : [locate(at), at];
  return printable([...where.filter((each) => each !== undefined), message].join(': '));
}

/** The text for an error that ended a command, and the exit status. */
export function describeFailure(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof ConfigurationProblems) {
    const lines = error.problems.map((problem) => describeProblem(problem, error.locate));
    return { text: lines.join('\n'), code: exitCodes.configuration };
  }
  if (error instanceof PortcullisError) {
    return { text: printable(error.message), code: exitCodeOf(error.code) };
  }
  return {
    text: `Portcullis met a defect; please report it with this text:\n${printable(inspect(error))}`,
    code: exitCodes.software,
  };
}
