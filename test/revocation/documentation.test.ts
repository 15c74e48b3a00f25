import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  refreshSeconds,
  revocationListsMax,
  staleSecondsMax,
} from '../../src/plugin-revocation.ts';
import {
  clockSkewSecondsMax,
  entriesMax,
  fetchSecondsMax,
  filePollSeconds,
  firstReadSecondsMax,
  inForceWithinSeconds,
  issuersPerListMax,
  listNumberBytesMax,
  listsPerSourceMax,
  readHeapMegabytesMax,
  readSecondsMax,
  sourceBytesMax,
} from '../../src/revocation/limits.ts';
import { repositoryRoot } from '../support/source-tree.ts';

describe('docs/revocation.md', () => {
  const page = readFileSync(path.join(repositoryRoot, 'docs/revocation.md'), 'utf8');
  const sentences = [
    `| sources of one rule | ${revocationListsMax} |`,
    `| bytes of a source | ${sourceBytesMax} |`,
    `| entries of a list | ${entriesMax} |`,
    `| lists in one source | ${listsPerSourceMax} |`,
    `| CAs of one name whose keys are tried on a list | ${issuersPerListMax} |`,
    `| bytes of a list's number | ${listNumberBytesMax} |`,
    `| seconds for a response of a URL | ${fetchSecondsMax} |`,
    `| seconds for reading and verifying a source | ${readSecondsMax} |`,
    `| megabytes of objects meanwhile | ${readHeapMegabytesMax} |`,
    `| seconds of \`allow-for\` | ${staleSecondsMax} |`,
    `thisUpdate at most ${clockSkewSecondsMax} s ahead`,
    `${refreshSeconds.min} to ${refreshSeconds.max}`,
    `refreshSeconds: ${refreshSeconds.default} `,
    `| ${filePollSeconds + inForceWithinSeconds} seconds after it was replaced |`,
    `| \`refreshSeconds\` + ${inForceWithinSeconds} seconds after it was published |`,
    `waits up to ${firstReadSecondsMax} seconds for the first reading`,
  ];
  for (const sentence of sentences) {
    it(`docs/revocation.md says: ${sentence}`, () => {
      assert.ok(page.includes(sentence));
    });
  }
});
