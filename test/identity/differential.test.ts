/** What we accept is no more than what pkijs accepts, whatever is sent. */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createPki, daysFrom, type Pki } from '../support/pki.ts';
import { randomSource } from '../support/random.ts';
import { parsed } from './chain-fixture.ts';
import {
  type ChainOf,
  type ChangeKind,
  change,
  makeChains,
  ourProblem,
  type Presented,
  pkijsProblem,
  present,
} from './differential-fixture.ts';
import { strictness } from './stricter-than-pkijs.ts';

/** Changes in all. */
const changesInAll = 100_000;

/** So many of each kind in turn: what is signed costs most. */
const turns: readonly ChangeKind[] = [
  ...Array.from({ length: 19 }, () => 'bytes' as const),
  ...Array.from({ length: 5 }, () => 'values' as const),
  'signed values',
];

/** Of so many that we refuse though they are signed, pkijs is asked about one. */
const askedOneIn = 16;

/** How many are judged before others may have their turn. */
const batch = 500;

const fixtures = path.join(import.meta.dirname, '../fixtures/entitlement');

describe('the judgement of chains, beside that of pkijs,', () => {
  let pki: Pki;
  let chains: readonly ChainOf[];
  const now = new Date();

  before(async () => {
    pki = createPki();
    chains = await makeChains(pki);
  });
  after(() => pki[Symbol.dispose]());

  it('is the same for chains that nobody changed, at all times', async () => {
    for (const { path: credentials, store } of chains) {
      const presented = present(credentials, store);
      for (const [days, isAccepted] of [
        [-2, false],
        [0, true],
        [400, false],
      ] as const) {
        const at = daysFrom(now, days);
        assert.equal(ourProblem(presented, at) === undefined, isAccepted);
        assert.equal((await pkijsProblem(presented, at)) === undefined, isAccepted);
      }
    }
  });

  it('is the same for every certificate of the fixtures', async () => {
    const files = readdirSync(path.join(fixtures, 'certs'));
    assert.ok(files.length > 20);
    let accepted = 0;
    for (const file of files) {
      const certificate = readCertificate(path.join('certs', file));
      const { notBefore, notAfter } = parsed(certificate);
      const inTheMiddle = new Date((notBefore.getTime() + notAfter.getTime()) / 2);
      for (const authority of ['ca.pem', 'other-ca.pem']) {
        const presented = present([certificate, readCertificate(authority)]);
        for (const at of [inTheMiddle, daysFrom(notAfter, 1)]) {
          const ours = ourProblem(presented, at);
          const theirs = await pkijsProblem(presented, at);
          assert.equal(ours === undefined, theirs === undefined, `${file}: ${ours}, ${theirs}`);
          if (ours === undefined) accepted += 1;
        }
      }
    }
    assert.ok(accepted > 15, `${accepted} were accepted`);
  });

  it(`T84 never accepts what pkijs refuses, in ${changesInAll} changes; and is stricter for listed reasons alone`, async () => {
    const random = randomSource(8);
    let accepted = 0;
    const unlisted = new Set<string>();
    for (let round = 0; round < changesInAll; round += 1) {
      if (round % batch === 0) await new Promise(setImmediate);
      const kind = turns[round % turns.length] ?? 'bytes';
      const changed = change(chainFor(random), kind, random);
      const ours = ourProblem(changed, now);
      const isAsked = kind === 'signed values' && random(askedOneIn) === 0;
      if (ours !== undefined && !isAsked) continue;
      const theirs = await pkijsProblem(changed, now);
      if (ours === undefined) {
        accepted += 1;
        assert.equal(theirs, undefined, `round ${round}: ${describeSent(changed)}`);
      } else if (theirs === undefined && !strictness.some(({ reason }) => reason.test(ours))) {
        unlisted.add(ours);
      }
    }
    assert.deepEqual([...unlisted], []);
    // Changes of a name, a number or a harmless extension leave a certificate that is as good.
    assert.ok(accepted > changesInAll / 100, `only ${accepted} were accepted`);
  });

  /** Signing with RSA takes the longest. */
  function chainFor(random: (below: number) => number): ChainOf {
    const cheap = chains.filter(({ name }) => !name.startsWith('RSA'));
    const from = random(8) === 0 ? chains : cheap;
    const chain = from[random(from.length)];
    assert.ok(chain);
    return chain;
  }
});

function readCertificate(name: string): { readonly der: Uint8Array } {
  const pem = readFileSync(path.join(fixtures, name));
  return { der: new Uint8Array(new X509Certificate(pem).raw) };
}

function describeSent({ sent, anchor }: Presented): string {
  return [...sent, anchor].map((der) => Buffer.from(der).toString('base64')).join('\n');
}
