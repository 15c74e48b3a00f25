import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { storeLimits } from '../../src/stores/limits.ts';
import { mongodbLimits } from '../../src/stores/mongodb/client.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { type Expected, kib, mib, pageSays, seconds } from '../support/documentation.ts';

const page = 'docs/stores.md';
const limits = storeLimits;

const expected: readonly Expected[] = [
  ['Every process sees a change within', seconds(changeReachesWithinMilliseconds)],
  ['a document, as JSON', mib(limits.documentBytesMax), `${limits.documentDepthMax} levels`],
  ['an `_id`', `${limits.idBytesMax} bytes`],
  ['text in an indexed field', `${limits.indexedBytesMax} bytes`],
  ['a filter', `${limits.filterDepthMax} levels`, `${limits.filterNodesMax} conditions`],
  ['a filter', '10,000 values', `paths of ${limits.pathCharactersMax} characters`],
  ['a filter', kib(limits.filterTextBytesMax), `patterns of ${limits.patternCharactersMax}`],
  ['a query', `${limits.sortFieldsMax} fields to sort by`, `${limits.fieldsMax} to give`],
  ['a result', '200,000 documents', mib(limits.resultBytesMax)],
  ['waiting for others who change the same', seconds(limits.contentionMillisecondsMax)],
  ['until a server that takes', seconds(mongodbLimits.serverSelectionMillisecondsMax)],
  ['one command', seconds(mongodbLimits.commandMillisecondsMax)],
  ['until a majority', seconds(mongodbLimits.majorityMillisecondsMax)],
  ['connections of one process', `${mongodbLimits.connectionsMax}`],
];

describe(page, () => {
  for (const [subject, ...values] of expected) {
    it(`${page} says of "${subject}": ${values.join(', ')}`, () => {
      pageSays(page, [subject, ...values]);
    });
  }

  it(`${page} says the values above that stand in words of its own`, () => {
    assert.deepEqual([limits.filterValuesMax, limits.resultDocumentsMax], [10_000, 200_000]);
  });
});
