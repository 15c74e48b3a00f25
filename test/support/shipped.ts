/** What deploy/ holds, with the places of a test in it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './source-tree.ts';

/** The file as it is shipped, with the places of the test in it; each place has to be there. */
export function shipped(file: string, places: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(path.join(repositoryRoot, 'deploy', file), 'utf8');
  for (const [place, other] of Object.entries(places)) {
    assert.ok(text.includes(place), `${file} has no ${place}`);
    text = text.replaceAll(place, other);
  }
  return text;
}
