/** The API while its store is away, locked or full: refusals that say so, and nothing that is lost. */

import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { RoutePath } from '../../src/api/route.ts';
import { storeLimits } from '../../src/stores/limits.ts';
import type { StoreSettings } from '../../src/stores/open.ts';
import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsOwnMongodb } from '../support/mongodb.ts';
import { needsRoot } from '../support/needs.ts';
import { run, runOk, until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { Client } from './client.ts';
import { type RunningApi, runApi } from './running-api.ts';
import { sampleOf } from './samples.ts';

const limits = { ...storeLimits, contentionMillisecondsMax: 100 };
const users = '/v2/users/';

describe('api without its store', () => {
  it('T96 api answers 503 at every route while the file is away, and goes on when it is back', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('store.db');
    await using api = await runApi({ type: 'sqlite', file }, { limits });
    const kept = await makeUsers(api, 3);
    renameSync(file, directory.file('away'));
    await refusesEverything(api, 'STORE_UNAVAILABLE');
    renameSync(directory.file('away'), file);
    await hasUsers(api, kept);
  });

  it('T96 api reads and changes nothing while another process holds the lock', async () => {
    using directory = temporaryDirectory();
    const settings: StoreSettings = { type: 'sqlite', file: directory.file('store.db') };
    await using api = await runApi(settings, { limits });
    const client = new Client(api);
    const kept = await makeUsers(api, 3);
    using other = new DatabaseSync(settings.file);
    other.exec('BEGIN IMMEDIATE');
    const body = { login: 'locked' };
    await client.refused(503, 'STORE_UNAVAILABLE', 'POST', users, { body });
    await client.refused(503, 'STORE_UNAVAILABLE', 'DELETE', '/v2/users/u0/');
    await client.refused(503, 'STORE_UNAVAILABLE', 'POST', '/v2/actions/login/');
    await hasUsers(api, kept);
    other.exec('COMMIT');
    await client.ok(201, 'POST', users, { body });
    await hasUsers(api, [...kept, 'locked']);
  });

  it('T96 api keeps all that it acknowledged when the disk is full, and takes more with space', {
    skip: needsRoot(),
  }, async (context) => {
    using directory = temporaryDirectory();
    const mount = directory.file('small');
    mkdirSync(mount);
    const options = ['-t', 'tmpfs', '-o', 'size=1m,mode=755', 'tmpfs', mount];
    if ((await run('mount', options)).code !== 0) return context.skip('nothing can be mounted');
    try {
      await using api = await runApi({ type: 'sqlite', file: `${mount}/store.db` }, { limits });
      const kept = await makeUsers(api, 2000);
      assert.ok(kept.length > 0 && kept.length < 2000, String(kept.length));
      const client = new Client(api);
      const body = { login: 'one-too-many', name: 'n'.repeat(4096) };
      await client.refused(503, 'STORE_FULL', 'POST', users, { body });
      await hasUsers(api, kept);
      await runOk('mount', ['-o', 'remount,size=8m', mount]);
      await client.ok(201, 'POST', users, { body });
      await hasUsers(api, [...kept, 'one-too-many']);
    } finally {
      await runOk('umount', [mount]);
    }
  });

  it('T96 api answers 503 at every route while the database server is away, and goes on by itself', {
    skip: needsOwnMongodb(),
  }, async () => {
    await using host = await mongodbHost();
    await using api = await runApi(host.settings());
    const kept = await makeUsers(api, 3);
    await host.server.kill();
    await refusesEverything(api, 'STORE_UNAVAILABLE');
    await host.server.start();
    const isBack = async (): Promise<boolean> =>
      (await new Client(api).call('GET', users)).status === 200;
    await until('the store is back', isBack, 20_000);
    await hasUsers(api, kept);
  });
});

/** Makes users until one is refused. @returns the logins of those that were acknowledged */
async function makeUsers(api: RunningApi, count: number): Promise<readonly string[]> {
  const made: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const body = { login: `u${number}`, name: 'n'.repeat(4096) };
    const { status } = await new Client(api).call('POST', users, { ...byFront, body });
    if (status !== 201) break;
    made.push(body.login);
  }
  return made;
}

async function hasUsers(api: RunningApi, logins: readonly string[]): Promise<void> {
  const found = (await new Client(api).ok(200, 'GET', users, byFront)) as { login: string }[];
  const others = found.map(({ login }) => login).filter((login) => login !== 'admin');
  assert.deepEqual(others, logins.toSorted());
}

/** Nobody is anybody for lack of data, whichever way they come. */
async function refusesEverything(api: RunningApi, code: string): Promise<void> {
  const client = new Client(api);
  const calls = api.routes
    .filter(({ operation }) => operation !== 'none')
    .map(({ method, path, body: schema }) => {
      const options = { ...byFront, ...(schema && { body: sampleOf(schema).body }) };
      return client.refused(503, code, method, fill(path), options);
    });
  // All at once: a server that is away is waited for each time.
  await Promise.all([...calls, client.refused(503, code, 'GET', users)]);
  const status = await client.ok(200, 'GET', '/v2/status/', { as: undefined });
  const { database_connection: connection } = status as { database_connection: unknown };
  assert.deepEqual(connection, { connected: false });
}

function fill(path: RoutePath): string {
  return path.replaceAll(/\{\+?\w+\}/g, 'x');
}

const byFront = { as: undefined, headers: { 'X-Remote-User': 'admin' } };
