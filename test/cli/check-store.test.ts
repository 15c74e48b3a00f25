import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import { createLogger } from '../../src/log.ts';
import { resolveUser } from '../../src/workers/host/accounts.ts';
import { writeUrlKeys } from '../identity/signed-urls/url-fixture.ts';
import {
  administer,
  type ControlPlaneDirectory,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { needsRoot } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { portcullis } from './program.ts';

/** The lines of `portcullis check` but the last, without those of pools and the front. */
async function check(directory: ControlPlaneDirectory, more: object): Promise<readonly string[]> {
  await configurationIn(directory, {
    ...directory.settings,
    distributions: [],
    workers: 1,
    ...more,
  });
  const { code, out, err } = await portcullis([
    ...['check', '--config', directory.file('portcullis.yaml')],
  ]);
  assert.equal(err, '');
  const lines = out.trim().split('\n').slice(0, -1);
  const found = lines.filter((line) => !/^pool |^warning: .*distributions: /.test(line));
  assert.equal(code, found.some((line) => !line.startsWith('warning: ')) ? 1 : 0, out);
  return found.map((line) => line.replace(/^(warning: )?\S+portcullis.yaml:\d+:\d+: /, '$1'));
}

const api = { roles: ['api'] };

describe('portcullis check and the store', () => {
  it('portcullis check looks at no store that nobody needs', async () => {
    using directory = controlPlaneDirectory();
    const store = { file: directory.file('nowhere/portcullis.db') };
    assert.deepEqual(await check(directory, { store }), []);
  });

  it('portcullis check makes nothing, and says that nobody can use the API', async () => {
    using directory = controlPlaneDirectory();
    const [warning, ...others] = await check(directory, api);
    assert.match(warning ?? '', /^warning: api: nobody can use the API: .+create-admin makes one$/);
    assert.deepEqual(others, []);
    for (const file of [directory.settings.store.file, directory.settings.api.sessionKey]) {
      assert.equal(existsSync(file), false);
    }
    await administer(await configurationIn(directory, directory.settings));
    assert.deepEqual(await check(directory, api), []);
    assert.deepEqual(await check(directory, { roles: ['tasks'] }), []);
  });

  it('portcullis check warns of a store that was lost', async () => {
    using directory = controlPlaneDirectory();
    const { store, api: session } = directory.settings;
    const log = createLogger({ level: 'error', write: () => {} });
    const files = { certificateFile: session.sessionCertificate, keyFile: session.sessionKey };
    await openSessionAuthority(files, { now: () => new Date(), log });
    const [lost, nobody, ...others] = await check(directory, api);
    assert.match(
      lost ?? '',
      /^warning: store\.file: the store seems lost: there is no .+, and yet/,
    );
    assert.match(nobody ?? '', /^warning: api: nobody can use the API/);
    assert.deepEqual(others, []);
    assert.equal((await check(directory, { roles: ['tasks'] })).length, 1);
    assert.deepEqual(await check(directory, { roles: ['content'] }), []);
    assert.equal(existsSync(store.file), false);
  });

  it('portcullis check says what is wrong with the store', async () => {
    using directory = controlPlaneDirectory();
    const { file } = directory.settings.store;
    const problemOf = async (store: object = directory.settings.store): Promise<string> =>
      (await check(directory, { roles: ['tasks'], store })).join('\n');
    assert.match(
      await problemOf({ file: `${file}/x/y` }),
      /^store: .+its directory cannot be used/,
    );
    writeFileSync(file, 'this is text and no database, whatever its name says it is');
    chmodSync(file, 0o600);
    assert.match(await problemOf(), /^store: .+is not an SQLite database/);
    writeFileSync(file, '');
    new DatabaseSync(file).exec('PRAGMA application_id = 1349481076; PRAGMA user_version = 999');
    assert.match(await problemOf(), /^store: .+schema 999 is of a newer Portcullis/);
    chmodSync(file, 0o644);
    assert.match(await problemOf(), /^store: .+others may read or write it/);
    const mongodbUrl = 'mongodb://user:wonderland@127.0.0.1:1/portcullis';
    const away = await problemOf({ mongodbUrl });
    assert.match(away, /^store: Cannot use the MongoDB store: /);
    assert.doesNotMatch(away, /wonderland/);
    assert.match(await problemOf({ mongodbUrlFile: 'none' }), /^store: Cannot read the URL of/);
  });

  it('portcullis check opens the store for a rule that names users of it', async () => {
    using directory = controlPlaneDirectory();
    const access = { password: { roles: ['customers'] } };
    const distributions = [{ relativeUrl: 'a', root: directory.path, access }];
    const [problem, ...others] = await check(directory, { distributions });
    assert.match(problem ?? '', /^store: .+there is no such file/);
    assert.deepEqual(others, []);
    const [warning, ...more] = await check(directory, { ...api, distributions });
    assert.match(warning ?? '', /^warning: api: nobody can use the API: /);
    assert.deepEqual(more, []);
    await administer(await configurationIn(directory, directory.settings));
    assert.deepEqual(await check(directory, { distributions }), []);
  });

  it('portcullis check looks at the keys of links for the role api alone', async () => {
    using directory = controlPlaneDirectory();
    await administer(await configurationIn(directory, directory.settings));
    const links = { keys: directory.file('url-keys'), origin: 'https://cdn.example.com' };
    const withLinks = { api: { ...directory.settings.api, links } };
    assert.deepEqual(await check(directory, withLinks), []);
    const [problem, ...others] = await check(directory, { ...api, ...withLinks });
    assert.match(problem ?? '', /^api\.links\.keys: .+url-keys: there is no such file/);
    assert.deepEqual(others, []);
    writeUrlKeys(directory);
    assert.deepEqual(await check(directory, { ...api, ...withLinks }), []);
    chmodSync(links.keys, 0o644);
    assert.match((await check(directory, { ...api, ...withLinks })).join(), /its mode is 0644/);
  });

  it('portcullis check looks at the key of the session CA for the role api alone', async () => {
    using directory = controlPlaneDirectory();
    await administer(await configurationIn(directory, directory.settings));
    const { sessionCertificate: certificateFile, sessionKey: keyFile } = directory.settings.api;
    const log = createLogger({ level: 'error', write: () => {} });
    await openSessionAuthority({ certificateFile, keyFile }, { now: () => new Date(), log });
    assert.deepEqual(await check(directory, api), []);
    chmodSync(keyFile, 0o644);
    assert.match((await check(directory, api)).join(), /^api\.sessionKey: .+its mode is 0644/);
    assert.deepEqual(await check(directory, { roles: ['content'] }), []);
    const elsewhere = { sessionCertificate: '/nowhere/ca.pem', sessionKey: '/nowhere/ca.key' };
    const problems = await check(directory, { ...api, api: elsewhere });
    assert.match(
      problems[0] ?? '',
      /^api\.sessionCertificate: Cannot make the session CA .+no such/,
    );
    assert.equal(problems.length, 2);
  });
});

describe('portcullis check, run by root', { skip: needsRoot() }, () => {
  it('portcullis check looks at the store as the user whom its directory belongs to', async () => {
    const directory = temporaryDirectory();
    using _ = directory;
    const { uid, gid } = resolveUser('nobody');
    const state = directory.file('state');
    mkdirSync(state, { mode: 0o700 });
    chownSync(state, uid, gid ?? 0);
    const file = directory.file('portcullis.yaml');
    const session = { sessionCertificate: `${state}/ca.pem`, sessionKey: `${state}/ca.key` };
    const written = { roles: ['api'], store: { file: `${state}/portcullis.db` }, api: session };
    writeFileSync(file, JSON.stringify(written));
    const line = ['create-admin', '--config', file];
    assert.equal((await portcullis(line, { input: 'x' })).code, 0);
    const { code, out } = await portcullis(['check', '--config', file]);
    assert.deepEqual([code, /No problem found\.\n$/.test(out)], [0, true], out);
    assert.equal(statSync(`${state}/portcullis.db`).uid, uid);
  });
});
