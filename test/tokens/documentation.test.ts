import { describe, it } from 'node:test';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { tokenChecksumCharacters, tokenRandomCharacters } from '../../src/token-form.ts';
import { pathPatternCharactersMax } from '../../src/tokens/path-pattern.ts';
import {
  addressesMax,
  customerCharactersMax,
  descriptionCharactersMax,
  distributionsMax,
  overlapSecondsMax,
  pathPatternsMax,
  reasonCharactersMax,
} from '../../src/tokens/token.ts';
import { usageEntriesMax, usageFlushSeconds } from '../../src/tokens/usage-book.ts';
import { type Expected, pageSays } from '../support/documentation.ts';

const said: readonly Expected[] = [
  ['Scanners of secrets find', `${tokenRandomCharacters + tokenChecksumCharacters}`],
  ["characters of a customer's name", `${customerCharactersMax}`],
  ['characters of a description', `${descriptionCharactersMax}`, `${reasonCharactersMax}`],
  ['distributions of a token', `${distributionsMax}`],
  ['patterns of a token', `${pathPatternsMax}`],
  ['characters of a pattern', `${pathPatternCharactersMax}`],
  ['addresses of a token', `${addressesMax}`],
  ['seconds that a rotation may overlap', `${overlapSecondsMax}`],
  ['are in force', `${changeReachesWithinMilliseconds} milliseconds`],
  ['Workers for content write', `every ${usageFlushSeconds} seconds`, `${usageEntriesMax}`],
];

describe('docs/tokens.md', () => {
  for (const expected of said) {
    it(`has the numbers of the code: ${expected[0]}`, () => pageSays('docs/tokens.md', expected));
  }
});
