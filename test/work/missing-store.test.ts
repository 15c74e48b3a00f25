import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isStoreLost, isStoreMissing, staysStoreLost } from '../../src/work/missing-store.ts';
import { configurationIn, controlPlaneDirectory } from '../support/administered.ts';

describe('staysStoreLost', () => {
  it('staysStoreLost takes a server that makes its session CA before its store for no loss', async () => {
    using directory = controlPlaneDirectory();
    const configuration = await configurationIn(directory, directory.settings);
    assert.equal(await staysStoreLost(configuration), false);
    writeFileSync(configuration.api.sessionCertificate, 'a CA');
    assert.equal(isStoreLost(configuration), true);
    const answer = staysStoreLost(configuration);
    writeFileSync(configuration.store.file, 'a store');
    assert.equal(await answer, false);
  });

  it('isStoreMissing sees nothing of a store on other hosts', async () => {
    using directory = controlPlaneDirectory();
    const missing = async (store: object) =>
      isStoreMissing((await configurationIn(directory, { ...directory.settings, store })).store);
    assert.equal(await missing({ file: directory.file('none.db') }), true);
    assert.equal(await missing({ mongodbUrl: 'mongodb://127.0.0.1:1/portcullis' }), false);
    assert.equal(await missing({ mongodbUrlFile: directory.file('none') }), false);
  });
});
