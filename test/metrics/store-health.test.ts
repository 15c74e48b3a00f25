import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAggregate } from '../../src/metrics/aggregate.ts';
import { storesUp } from '../../src/metrics/store-health.ts';
import { sampleReport, sampleWorker } from './sample.ts';

type Told = readonly [pool: string, isStoreUp: boolean | undefined];

function storesOf(...told: readonly Told[]): ReadonlyMap<string, boolean> {
  const workers = told.map(([pool, isStoreUp], index) => {
    const report = isStoreUp === undefined ? {} : sampleReport(1, { isStoreUp });
    return sampleWorker({ pool, number: index + 1, pid: index + 1, report });
  });
  return storesUp(createAggregate().totals(workers));
}

describe('storesUp', () => {
  test('storesUp() says of a pool what the worst of its workers says', () => {
    const stores = storesOf(['a', true], ['a', false], ['a', true], ['b', true], ['b', true]);
    assert.deepEqual(
      [...stores],
      [
        ['a', false],
        ['b', true],
      ],
    );
  });

  test('storesUp() says nothing of a pool whose workers say nothing', () => {
    assert.deepEqual([...storesOf(['a', undefined], ['b', undefined], ['b', true])], [['b', true]]);
  });
});
