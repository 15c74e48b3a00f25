/** The mistakes that keep a configuration from being used, told all at once. */

import { PortcullisError } from '../errors.ts';
import type { Problem } from '../model.ts';

/** Where a problem was written, as `/etc/portcullis/portcullis.yaml:3:5`, when it is known. */
export type Locate = (at: string) => string | undefined;

/** Mistakes in the configuration, or in what it names: plugins, their options and files. */
export class ConfigurationProblems extends PortcullisError {
  readonly problems: readonly Problem[];
  /** Knows nothing when they were found by who sees the values alone. */
  readonly locate: Locate;

  constructor(problems: readonly Problem[], locate: Locate = () => undefined) {
    super('CONFIG_INVALID', problems.map((problem) => problemLine(problem, locate)).join('\n'));
    this.problems = problems;
    this.locate = locate;
  }
}

/** One line of one problem: where it was written, which setting it is, and what would be right. */
export function problemLine({ at, message }: Problem, locate: Locate): string {
  const where = at === '' ? [] : [locate(at), at];
  return [...where.filter((each) => each !== undefined), message].join(': ');
}

/** Adds the places to the problems that `work` finds behind a right configuration. */
export async function withPlaces<T>(locate: Locate, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ConfigurationProblems)) throw error;
    throw new ConfigurationProblems(error.problems, locate);
  }
}
