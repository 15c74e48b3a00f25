/** What is wrong with a tree, for whoever sent it: each problem under its place. */

import type { Problem } from '../../model.ts';
import { boundedProblems, type ValueProblem } from '../value-problem.ts';

/** Characters of one problem that are sent back: options of rules may be in it. */
export const problemCharactersMax = 500;

export function policyProblems(problems: readonly Problem[]): readonly ValueProblem[] {
  return boundedProblems(
    problems.map(({ at, message }) => ({
      property: at,
      problem: message.slice(0, problemCharactersMax),
    })),
  );
}
