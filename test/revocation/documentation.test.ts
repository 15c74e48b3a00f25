import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { answerSeconds, ocspAddressesMax, ocspTimeLimitSeconds } from '../../src/plugin-ocsp.ts';
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
import * as ocsp from '../../src/revocation/ocsp/limits.ts';
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
    `| \`answerSeconds\` + ${ocsp.obeyedMarginSeconds} second after it says so |`,
    `answerSeconds: ${answerSeconds.default}  `,
    `at most: ${answerSeconds.min} to ${answerSeconds.max}`,
    `timeLimitSeconds: ${ocspTimeLimitSeconds.default}  `,
    `# ${ocspTimeLimitSeconds.min} to ${ocspTimeLimitSeconds.max}`,
    `asked about again after ${ocsp.unreachableSeconds} seconds`,
    `producedAt at most ${ocsp.clockSkewSecondsMax} s ahead`,
    `at most ${ocsp.unboundedAnswerSecondsMax} s after thisUpdate`,
    `| bytes of an answer | ${ocsp.answerBytesMax} |`,
    `| certificates of which an answer speaks | ${ocsp.statusesMax} |`,
    `| certificates that come with it | ${ocsp.responderCertificatesMax} |`,
    `| entries of authorityInfoAccess that are looked at | ${ocsp.accessEntriesMax} |`,
    `| characters of a URL in a certificate | ${ocsp.urlCharactersMax} |`,
    `| ranges of \`addresses\` | ${ocspAddressesMax} |`,
    `| answers that a process keeps | ${ocsp.answersKeptMax} |`,
    `| responders that a process knows at once | ${ocsp.respondersMax} |`,
    `| connections to a responder | ${ocsp.connectionLimits.connectionsMax} |`,
    `| questions to it that run or wait | ${ocsp.connectionLimits.pendingMax} |`,
    `| failures in a row after which it is given a rest | ${ocsp.breaker.failures} |`,
    `| seconds of that rest, before one question shows whether it is well again | ${ocsp.breaker.restSeconds} |`,
  ];
  for (const sentence of sentences) {
    it(`docs/revocation.md says: ${sentence}`, () => {
      assert.ok(page.includes(sentence));
    });
  }
});
