import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { revocationBounds } from '../../src/work/revocation-bounds.ts';
import { loadRight } from '../config/support.ts';

describe('revocationBounds', () => {
  const secondsOf = async (text: string) =>
    revocationBounds(await loadRight(text)).map(({ seconds }) => seconds);

  it('revocationBounds tells what rules remember at most, and that files wait for a reload', async () => {
    assert.deepEqual(await secondsOf('access: { rememberSeconds: 7 }'), [7, undefined]);
  });

  it('revocationBounds tells what comes on top where nginx remembers', async () => {
    const text = 'access: { rememberSeconds: 7 }\nnginx: { edgeDecisionSeconds: 5 }';
    assert.deepEqual(await secondsOf(text), [7, undefined, 5]);
    const last = revocationBounds(await loadRight(text)).at(-1);
    assert.match(last?.change ?? '', /^each of these, where nginx/);
  });
});
