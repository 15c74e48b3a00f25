import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { repositoryRoot } from '../support/source-tree.ts';

it('docs/plugins.md prints the time within which a change is in force', () => {
  const guide = readFileSync(path.join(repositoryRoot, 'docs/plugins.md'), 'utf8');
  assert.ok(guide.includes(`**within ${changeReachesWithinMilliseconds} milliseconds**`));
});
