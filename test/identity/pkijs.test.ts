import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readSources } from '../support/source-tree.ts';

const sources = new Map(
  readSources(['src/**/*.ts', 'auth-plugins/**/*.ts']).map((file) => [file.path, file]),
);

/** All files of ours that `entry` imports, and those that they import, now or later. */
function reachedFrom(entry: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const targets = sources.get(file)?.imports.flatMap(({ target }) => target ?? []) ?? [];
    waiting.push(...targets.filter((target) => sources.has(target)).map(path.normalize));
  }
  return reached;
}

describe('pkijs', () => {
  it('pkijs is loaded by what signs sessions, and by nothing that lets anybody to content', () => {
    const ofContent = reachedFrom('src/work/content-work.ts');
    assert.ok(ofContent.has('src/identity/chain.ts'));
    assert.ok(!ofContent.has('src/identity/pkijs.ts'));
    assert.ok(reachedFrom('src/work/api-work.ts').has('src/identity/pkijs.ts'));
  });
});
