import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { MongoInvalidArgumentError, MongoNetworkError, MongoServerError } from 'mongodb';
import { PortcullisError } from '../../../src/errors.ts';
import { everything } from '../../../src/stores/filter.ts';
import { isDuplicate, isSettled, storeFailure } from '../../../src/stores/mongodb/failure.ts';
import { open } from '../../contracts/store-fixture.ts';
import { needsFerretdb, startMongodb } from '../../support/mongodb.ts';
import { needsRoot } from '../../support/needs.ts';
import { run, runOk } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

describe('storeFailure', () => {
  const server = (code: number, message = 'words of the server') =>
    new MongoServerError({ code, message });
  for (const [error, code, text] of [
    [server(13), 'STORE_UNAVAILABLE', /the user of the URL may not do this/],
    [server(18), 'STORE_UNAVAILABLE', /the server refuses the credentials/],
    [server(64), 'STORE_UNAVAILABLE', /a majority of the servers did not confirm/],
    [server(14031), 'STORE_FULL', /no space is left/],
    [server(10334), 'DOCUMENT_INVALID', /larger than the server takes/],
    [server(292), 'RESULT_TOO_LARGE', /not the memory to sort/],
    [server(10107, 'not primary'), 'STORE_UNAVAILABLE', /not primary/],
    [server(1, 'x: database or disk is full (13)'), 'STORE_FULL', /no space is left/],
    [server(1, 'attempt to write a readonly database'), 'STORE_READ_ONLY', /only read/],
    [server(1, 'database disk image is malformed (11)'), 'STORE_CORRUPT', /damaged/],
    [new MongoNetworkError('connection closed'), 'STORE_UNAVAILABLE', /connection closed/],
    [new MongoInvalidArgumentError('no such thing'), 'DOCUMENT_INVALID', /no such thing/],
    [Object.assign(new Error('broken'), { code: 'EPIPE' }), 'STORE_UNAVAILABLE', /broken/],
  ] as const) {
    it(`storeFailure makes ${code} of "${error.message}"`, () => {
      const failure = storeFailure(error);
      assert.ok(failure instanceof PortcullisError);
      assert.equal(failure.code, code);
      assert.match(failure.message, text);
      assert.match(failure.message, /^Cannot use the MongoDB store: /);
    });
  }

  it('storeFailure leaves defects of our own as they are', () => {
    for (const error of [new TypeError('no'), Object.assign(new Error(), { code: 'ERR_X' })]) {
      assert.equal(storeFailure(error), error);
    }
  });

  it('isSettled knows only errors after which no change can come any more', () => {
    const duplicate = server(11000);
    const ferretdb = server(1, 'UNIQUE constraint failed: x');
    assert.deepEqual([isDuplicate(duplicate), isDuplicate(ferretdb)], [true, true]);
    assert.deepEqual([isSettled(duplicate), isSettled(ferretdb)], [true, true]);
    for (const error of [server(64), new MongoNetworkError('closed'), new Error('timeout')]) {
      assert.deepEqual([isDuplicate(error), isSettled(error)], [false, false]);
    }
  });
});

describe('MongodbStore on a full disk', { skip: needsFerretdb() || needsRoot() }, () => {
  it('T96 says that the disk is full, keeps what it has, and goes on', async (context) => {
    using directory = temporaryDirectory();
    const mount = directory.file('small');
    mkdirSync(mount);
    const options = ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount];
    if ((await run('mount', options)).code !== 0)
      return context.skip('nothing can be mounted here');
    try {
      await using server = await startMongodb(mount);
      await using store = await open({ type: 'mongodb', url: server.newDatabase() });
      let kept = 0;
      const fillUp = async (): Promise<void> => {
        for (;;) {
          await store.insert('plain', { fill: 'x'.repeat(20_000) });
          kept += 1;
        }
      };
      await assert.rejects(fillUp(), { code: 'STORE_FULL' });
      assert.equal(await store.count('plain', everything), kept);
      await runOk('mount', ['-o', 'remount,size=16m', mount]);
      await store.insert('plain', { fill: 'x'.repeat(20_000) });
      assert.equal(await store.count('plain', everything), kept + 1);
    } finally {
      await runOk('umount', [mount]);
    }
  });
});
