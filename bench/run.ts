/**
 * Measures. README.md says what the numbers mean.
 *
 *     npm run bench                        beside nginx alone, then the kinds of sockets
 *     npm run bench -- peers|sockets 10    one of them, with 10 seconds for each measurement
 *     npm run bench -- memory 1000000      one worker over so many requests; it takes minutes
 *     npm run bench -- people 300          calls of the API with many users, so many calls each time
 *     npm run bench -- revocation 10       requests while a million entries of a list are read
 *     npm run bench -- edge 10             decisions that nginx remembers, plain and over TLS
 *     npm run bench -- policies 100000     decisions among 10,000 distributions beside 10
 *     npm run bench -- published 20000     files of 10,000 distributions of the store beside 10, so many
 *     npm run bench -- storage 2048        an upload of so many mebibytes
 *     npm run bench -- publishing 20000    a repository of so many packages, beside createrepo_c alone
 *     npm run bench -- uploading 2048      an upload of so many mebibytes by portcullis-admin, broken off once
 *     npm run bench -- consistency 1000    what clients read during so many publishes
 *     npm run bench -- crash 200           so many workers that are killed while repositories change
 *     npm run bench -- first-sight 2000    what so many certificates cost that were never seen before
 */

import { availableParallelism } from 'node:os';
import { isInstalled } from '../test/support/processes.ts';
import { comparePeers } from './compare-peers.ts';
import { comparePeople } from './compare-people.ts';
import { compareSockets } from './compare-sockets.ts';
import { measureConsistency } from './consistency.ts';
import { measureCrashes } from './crash.ts';
import { compareEdge } from './edge.ts';
import { compareFirstSights } from './first-sight.ts';
import { comparePolicies } from './policies.ts';
import { comparePublished } from './published.ts';
import { measurePublishing } from './publishing.ts';
import { measureRevocationLists } from './revocation-lists.ts';
import { measureStorage } from './storage.ts';
import { measureUploading } from './uploading.ts';
import { watchMemory } from './watch-memory.ts';

const sections = {
  peers: { measure: comparePeers, numberDefault: 3 },
  sockets: { measure: compareSockets, numberDefault: 3 },
  memory: { measure: watchMemory, numberDefault: 1_000_000 },
  people: { measure: comparePeople, numberDefault: 300 },
  revocation: { measure: measureRevocationLists, numberDefault: 10 },
  policies: { measure: comparePolicies, numberDefault: 100_000 },
  storage: { measure: measureStorage, numberDefault: 2048 },
  published: { measure: comparePublished, numberDefault: 20_000 },
  publishing: { measure: measurePublishing, numberDefault: 20_000 },
  uploading: { measure: measureUploading, numberDefault: 2048 },
  consistency: { measure: measureConsistency, numberDefault: 1000 },
  crash: { measure: measureCrashes, numberDefault: 200 },
  edge: { measure: compareEdge, numberDefault: 5 },
  'first-sight': { measure: compareFirstSights, numberDefault: 2000 },
};

const missing = ['nginx', 'wrk', 'openssl'].filter((program) => !isInstalled(program));
if (missing.length > 0) {
  throw new Error(
    `Cannot run the benchmark: install ${missing.join(', ')} (as root on Debian: apt-get)`,
  );
}
const given = process.argv.slice(2);
const names = given.filter((word) => Number.isNaN(Number(word)));
const number = given.map(Number).find((value) => !Number.isNaN(value));
if (number !== undefined && !(number > 0)) {
  throw new Error('Cannot run the benchmark: its number is above 0');
}
console.log(`Node ${process.version}, ${availableParallelism()} cores`);
for (const name of names.length > 0 ? names : ['peers', 'sockets']) {
  const section = sections[name as keyof typeof sections];
  if (section === undefined) {
    throw new Error(
      `Cannot run the benchmark ${name}: there are ${Object.keys(sections).join(', ')}`,
    );
  }
  await section.measure(number ?? section.numberDefault);
}
