import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { yamlMistakesMax } from '../../src/config/document.ts';
import type { Kind } from '../../src/config/kind.ts';
import { boolean, listOf } from '../../src/config/kinds/scalars.ts';
import { Place, show, shownCharactersMax } from '../../src/config/place.ts';
import { distributions, distributionsMax } from '../../src/config/settings/distributions.ts';
import { peerRangesMax } from '../../src/config/settings/listen.ts';
import { load, problemsOf } from './support.ts';

function isTaken(kind: Kind<unknown>, raw: unknown): boolean {
  return kind.parse(raw, new Place('x', '/', [])) !== undefined;
}

describe('limits of the configuration', () => {
  it('listOf takes as many items as its limits say, and none beyond', () => {
    const kind = listOf(boolean, { min: 1, max: 3 });
    const lengths = [0, 1, 3, 4].map((length) => isTaken(kind, Array(length).fill(true)));
    assert.deepEqual(lengths, [false, true, true, false]);
  });

  it('allowedPeers names as many ranges as its limit, and none beyond', async () => {
    const peers = (count: number): string =>
      `listen: { uwsgi: { allowedPeers: ${JSON.stringify(Array(count).fill('10.0.0.1'))} } }`;
    assert.ok('configuration' in (await load(peers(peerRangesMax))));
    assert.ok('problems' in (await load(peers(peerRangesMax + 1))));
  });

  it('distributions are as many as their limit, and none beyond', () => {
    const raws = Array.from({ length: distributionsMax }, (_, index) => ({
      relativeUrl: `d${index}`,
      root: '/srv',
    }));
    assert.equal(isTaken(distributions, raws), true);
    assert.equal(isTaken(distributions, [...raws, { relativeUrl: 'more', root: '/srv' }]), false);
  });

  it('show cuts a value behind its limit', () => {
    // Two of the characters are the quotes.
    assert.equal(show('x'.repeat(shownCharactersMax - 2)).endsWith('"'), true);
    const cut = show('x'.repeat(shownCharactersMax - 1));
    assert.equal(cut.endsWith('x…'), true);
    assert.equal(cut.length, shownCharactersMax + 1);
  });

  it('readDocument tells as many mistakes of YAML as its limit, and none beyond', async () => {
    const twice = (count: number): string => `${'a: 1\n'.repeat(count + 1)}`;
    const countOf = async (count: number): Promise<number> =>
      (await problemsOf(twice(count))).filter((each) => each.includes('must be unique')).length;
    assert.equal(await countOf(yamlMistakesMax), yamlMistakesMax);
    assert.equal(await countOf(yamlMistakesMax + 1), yamlMistakesMax);
  });
});
