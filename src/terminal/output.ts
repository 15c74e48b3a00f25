/** What commands write for people: safe for a terminal, and no stack trace for an operator's mistake. */

import { inspect } from 'node:util';
import { ConfigurationProblems, type Locate, problemLine } from '../config/problems.ts';
import { exitStatusOf, PortcullisError } from '../errors.ts';
import type { Problem } from '../model.ts';

/** Control characters, which could drive a terminal, are shown as their escapes. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (character) => {
    return character === '\n' ? character : unicodeEscape(character);
  });
}

/** As JSON writes it: `\u001b`, and two of them for a character beyond the first 65,536. */
export function unicodeEscape(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** One line of one problem. */
export function describeProblem(problem: Problem, locate: Locate): string {
  return printable(problemLine(problem, locate));
}

/** The text for an error that ended a command, and the exit status. */
export function describeFailure(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof ConfigurationProblems) {
    const lines = error.problems.map((problem) => describeProblem(problem, error.locate));
    return { text: lines.join('\n'), code: exitStatusOf(error) };
  }
  if (error instanceof PortcullisError) {
    return { text: printable(error.message), code: exitStatusOf(error) };
  }
  return {
    text: `Portcullis met a defect; please report it with this text:\n${printable(inspect(error))}`,
    code: exitStatusOf(error),
  };
}
