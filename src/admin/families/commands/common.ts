/** What the commands of all types of repositories have in common. */

import type { RepositoryFamily } from '../family.ts';

/** `rpm repo create`. */
export function pathOf({ word }: RepositoryFamily, ...words: readonly string[]): readonly string[] {
  return [word, 'repo', ...words];
}
