import assert from 'node:assert/strict';
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { storeUrlCharactersMax } from '../../src/config/kinds/stores.ts';
import { everything } from '../../src/stores/filter.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { loadRight, problemsOf } from '../config/support.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const secret = 'mongodb://portcullis:wonderland@127.0.0.1:1/portcullis';

async function configured(store: Readonly<Record<string, string>>) {
  return loadRight(JSON.stringify({ store }));
}

function privateDirectory(): TemporaryDirectory {
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o700);
  return directory;
}

describe('createControlPlane', () => {
  it('createControlPlane opens nothing until somebody asks for the store', async () => {
    using directory = privateDirectory();
    const file = directory.file('store.db');
    {
      await using _ = createControlPlane(await configured({ file }), 'write');
    }
    assert.equal(existsSync(file), false);
  });

  it('createControlPlane gives all who ask the same store, and closes it in the end', async () => {
    using directory = privateDirectory();
    const file = directory.file('store.db');
    const controlPlane = createControlPlane(await configured({ file }), 'write');
    const [one, other] = await Promise.all([controlPlane.store(), controlPlane.store()]);
    assert.equal(one, other);
    for (const collection of ['users', 'roles', 'sessions', 'tasks']) {
      assert.equal(await one.count(collection, everything), 0);
    }
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await controlPlane[Symbol.asyncDispose]();
    await assert.rejects(one.ping(), /it was closed/);
  });

  it('createControlPlane makes nothing where nobody writes', async () => {
    using directory = privateDirectory();
    const file = directory.file('store.db');
    await using controlPlane = createControlPlane(await configured({ file }), 'read');
    const store = await controlPlane.store();
    await assert.rejects(store.ping(), { code: 'STORE_UNAVAILABLE' });
    assert.equal(existsSync(file), false);
    await using writer = createControlPlane(await configured({ file }), 'write');
    await (await writer.store()).ping();
    await store.ping();
    await assert.rejects(store.insert('users', { login: 'alice' }), { code: 'STORE_READ_ONLY' });
  });

  it('createControlPlane gives who reads a store for writing as well, and makes none by that', async () => {
    using directory = privateDirectory();
    const file = directory.file('store.db');
    const controlPlane = createControlPlane(await configured({ file }), 'read');
    const [writable, same] = await Promise.all([
      controlPlane.storeForWriting(),
      controlPlane.storeForWriting(),
    ]);
    assert.equal(writable, same);
    assert.equal(controlPlane.isAsked, false);
    await assert.rejects(writable.ping(), { code: 'STORE_UNAVAILABLE' });
    assert.equal(existsSync(file), false);
    await using writer = createControlPlane(await configured({ file }), 'write');
    assert.equal(await writer.storeForWriting(), await writer.store());
    await (await writer.store()).ping();
    await writable.insert('token_counts', { _id: 'one' });
    assert.ok(await (await controlPlane.store()).get('token_counts', 'one'));
    await controlPlane[Symbol.asyncDispose]();
    await assert.rejects(writable.ping(), /it was closed/);
  });

  it('createControlPlane says what is wrong with a URL to each who asks, and never the URL', async () => {
    const mongodbUrl = 'mongodb://portcullis:wonderland@:::/x';
    await using controlPlane = createControlPlane(await configured({ mongodbUrl }), 'read');
    for (let asked = 0; asked < 2; asked += 1) {
      await assert.rejects(controlPlane.store(), (error: Error) => {
        assert.equal('code' in error && error.code, 'CONFIG_INVALID');
        assert.doesNotMatch(error.message, /wonderland/);
        return true;
      });
    }
  });
});

describe('the URL of the store', () => {
  it('the URL of the store may stand in a file that nobody else reads (T93)', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('store-url');
    const open = async (): Promise<string> => {
      const configuration = await configured({ mongodbUrlFile: file });
      await using controlPlane = createControlPlane(configuration, 'read');
      return (await controlPlane.store()).kind;
    };
    await assert.rejects(open(), { code: 'FILE_UNREADABLE', message: /no such file/ });
    writeFileSync(file, `${secret}\n`);
    for (const mode of [0o644, 0o660, 0o602]) {
      chmodSync(file, mode);
      await assert.rejects(open(), { code: 'FILE_UNREADABLE', message: /0600 or 0640 is right/ });
    }
    for (const mode of [0o640, 0o600]) {
      chmodSync(file, mode);
      assert.equal(await open(), 'mongodb');
    }
    for (const text of ['wonderland', `mysql://${secret}`, `${secret} and more`]) {
      writeFileSync(file, text);
      await assert.rejects(open(), (error: Error) => {
        assert.match(error.message, /expected a URL that begins with mongodb/);
        assert.doesNotMatch(error.message, /wonderland/);
        return true;
      });
    }
  });

  it('the URL of the store is taken from a variable and never from a flag', async () => {
    const environment = { PORTCULLIS_STORE_MONGODB_URL: secret };
    assert.equal((await loadRight('', { environment })).store.mongodbUrl, secret);
    const problems = await problemsOf('', { flags: { 'store-mongodb-url': secret } });
    assert.match(problems.join(), /Cannot use --store-mongodb-url: there is no such setting/);
    assert.doesNotMatch(problems.join(), /wonderland/);
  });

  it('the URL of the store is never repeated in a message, whatever is wrong with it', async () => {
    const longest = 'mongodb://wonderland/'.padEnd(storeUrlCharactersMax, 'x');
    assert.equal((await configured({ mongodbUrl: longest })).store.mongodbUrl, longest);
    for (const mongodbUrl of [`${longest}x`, 'wonderland', 'mongodb://wonder land', '']) {
      const problems = await problemsOf(JSON.stringify({ store: { mongodbUrl } }));
      assert.match(problems.join(), /^store\.mongodbUrl: Cannot use what stands there: expected a/);
      assert.doesNotMatch(problems.join(), /wonder/);
    }
    const both = { mongodbUrl: secret, mongodbUrlFile: 'url' };
    assert.match((await problemsOf(JSON.stringify({ store: both }))).join(), /one of the two/);
  });
});
