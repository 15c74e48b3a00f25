import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPki, type Pki } from '../support/pki.ts';
import { ourProblem, pkijsProblem, present } from './differential-fixture.ts';
import { type Issuing, strictness } from './stricter-than-pkijs.ts';

describe('what pkijs accepts and we refuse', () => {
  let pki: Pki;
  let issuing: Issuing;

  before(async () => {
    pki = createPki();
    const root = await pki.authority();
    issuing = { pki, root, client: await pki.client(root) };
  });
  after(() => pki[Symbol.dispose]());

  for (const { reason, why, example } of strictness) {
    it(`${reason.source}: ${why}`, async () => {
      const presented = present(await example(issuing));
      assert.match(ourProblem(presented, new Date()) ?? 'accepted', reason);
      assert.equal(await pkijsProblem(presented, new Date()), undefined);
    });
  }
});
