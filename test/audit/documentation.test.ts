import { describe, it } from 'node:test';
import { urlCharactersMax } from '../../src/api/access/hypothetical-request.ts';
import {
  entryPathCharactersMax,
  entryTextCharactersMax,
  flushMilliseconds,
  pendingEntriesMax,
  searchEntriesMax,
  searchSegmentsMax,
  usageFlushMilliseconds,
  usageHourDays,
  usagePairsMax,
  usageShardPairsMax,
  usageShards,
} from '../../src/audit/limits.ts';
import { type Expected, pageSays } from '../support/documentation.ts';

const grouped = (count: number): string => count.toLocaleString('en-US');

const expected: readonly Expected[] = [
  ['`url`', grouped(urlCharactersMax)],
  ['`limit`, `after`', grouped(searchEntriesMax)],
  ['one question looks at', `${grouped(searchSegmentsMax)} pieces`],
  ['An entry is in the store', flushMilliseconds === 1000 ? 'one second' : ''],
  ['holds back', `${grouped(pendingEntriesMax)} entries`],
  ['Texts are cut', `${entryTextCharactersMax}`, grouped(entryPathCharactersMax)],
  ['Sums reach the store', usageFlushMilliseconds === 10_000 ? 'ten seconds' : ''],
  ['Hours are kept', `${usageHourDays} days`],
  ['pairs of a principal', grouped(usageShards * usageShardPairsMax), grouped(usagePairsMax)],
];

describe('docs/explain.md', () => {
  for (const [subject, ...values] of expected) {
    it(`docs/explain.md says the limit of ${subject}`, () => {
      pageSays('docs/explain.md', [subject, ...values]);
    });
  }
});
