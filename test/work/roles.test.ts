import assert from 'node:assert/strict';
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isApiPath } from '../../src/api-error.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { planOf } from '../../src/instance/plan.ts';
import { readSnapshot } from '../../src/metrics/snapshot.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import type { TaskKinds } from '../../src/tasks/runner.ts';
import { stopSecondsMax } from '../../src/tasks/timing.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { sameOwner } from '../../src/workers/plan.ts';
import {
  administer,
  asAdministrator,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { until } from '../support/processes.ts';
import type { RawAnswer } from '../support/uwsgi-client.ts';
import { file, runWork, written } from './running-work.ts';

const status = '/pulp/api/v2/status/';
const users = '/pulp/api/v2/users/';

describe('a pool with the roles content and api', () => {
  it('a pool with the roles content and api serves both from one listener, by their paths', async () => {
    using directory = controlPlaneDirectory();
    const text = written(directory, { roles: ['content', 'api'] });
    await administer(await configurationIn(directory, text));
    await using running = await runWork(directory, text);
    assert.equal((await running.call('GET', file)).body.toString(), 'content');
    for (const target of [status, '//pulp//api/v2/status/', `${status}?a=/pulp/repos/d`]) {
      const answer = await running.call('GET', target);
      assert.equal(answer.status, 200, target);
      assert.equal(JSON.parse(answer.body.toString()).api_version, '2');
    }
    const [refused, called] = await Promise.all([
      running.call('GET', users),
      running.call('GET', users, { authorization: asAdministrator }),
    ]);
    assert.deepEqual([refused.status, called.status], [401, 200]);
    const missing = await running.call('GET', '/pulp/api/v2/none/');
    assert.deepEqual([missing.status, missing.body.toString()], [404, 'null']);
    assert.equal((await running.call('GET', '/pulp/apis/v2/status/')).status, 404);
  });

  it('a pool with the roles content and api counts the requests of each', async () => {
    using directory = controlPlaneDirectory();
    const text = written(directory, { roles: ['content', 'api'] });
    await using running = await runWork(directory, text);
    await running.call('GET', file);
    await running.call('GET', status);
    await running.call('GET', '/pulp/api/v2/none/');
    const countOf = (role: 'content' | 'api'): number => {
      const { roles } = readSnapshot(running.application.report().metrics);
      return roles[role]?.outcomes.reduce((sum, count) => sum + count, 0) ?? -1;
    };
    await until('all are counted', () => countOf('api') === 2);
    assert.equal(countOf('content'), 1);
  });

  it('a pool with the roles content and api serves content while there can be no store', async () => {
    using directory = controlPlaneDirectory();
    const store = { file: directory.file('missing/portcullis.db') };
    const text = written(directory, { roles: ['content', 'api'], store });
    await using running = await runWork(directory, text);
    assert.equal((await running.call('GET', file)).status, 200);
    const answer = await running.call('GET', users, { authorization: asAdministrator });
    assert.equal(answer.status, 503);
    assert.equal(JSON.parse(answer.body.toString()).error.code, 'STORE_UNAVAILABLE');
    await until('the log says why', () =>
      running.log.some(
        ({ message, reason }) =>
          String(message).startsWith('The store cannot be used') &&
          /its directory cannot be used/.test(String(reason)),
      ),
    );
  });
});

describe('a pool with the role api alone', () => {
  it('a pool with the role api alone answers every other path with 404 in JSON', async () => {
    using directory = controlPlaneDirectory();
    await using running = await runWork(directory, written(directory, { roles: ['api'] }));
    assert.equal((await running.call('GET', status)).status, 200);
    const answer = await running.call('GET', file);
    assert.deepEqual([answer.status, answer.body.toString()], [404, 'null']);
    assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
  });

  it('T58 a pool with the role api has no user that nobody made, and says how to make one', async () => {
    using directory = controlPlaneDirectory();
    await using running = await runWork(directory, written(directory, { roles: ['api'] }));
    for (const [user, password] of [
      ['admin', 'admin'],
      ['admin', ''],
      ['', ''],
    ]) {
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      assert.equal((await running.call('GET', users, { authorization })).status, 401);
    }
    await until('the log says how', () =>
      running.log.some(({ help }) => String(help).includes('portcullis create-admin')),
    );
  });

  it('a pool with the role api takes a body as long as its limit, whatever limits.bodyBytes is', async () => {
    using directory = controlPlaneDirectory();
    const limits = { bodyBytes: 10 };
    const api = { ...directory.settings.api, bodyBytes: 2000 };
    const text = written(directory, { roles: ['api'], limits, api });
    await administer(await configurationIn(directory, text));
    await using running = await runWork(directory, text);
    const send = async (bytes: number): Promise<RawAnswer> => {
      const start = '{"criteria": {}';
      const body = `${start}${' '.repeat(bytes - start.length - 1)}}`;
      const target = '/pulp/api/v2/users/search/';
      return running.call('POST', target, { authorization: asAdministrator, body });
    };
    assert.equal((await send(2000)).status, 200);
    assert.equal((await send(2001)).status, 413);
  });
});

describe('the key of the session CA', () => {
  it('the key of the session CA is made by the role api, readable by its owner alone (T93)', async () => {
    using directory = controlPlaneDirectory();
    await using _ = await runWork(directory, written(directory, { roles: ['api'] }));
    const { sessionKey, sessionCertificate } = directory.settings.api;
    assert.equal(statSync(sessionKey).mode & 0o777, 0o600);
    assert.equal(statSync(sessionCertificate).mode & 0o777, 0o644);
  });

  it('the key of the session CA is neither read nor made by a worker without the role api', async () => {
    using directory = controlPlaneDirectory();
    const { sessionKey } = directory.settings.api;
    for (const roles of [['content'], ['content', 'tasks']]) {
      await using running = await runWork(directory, written(directory, { roles }));
      assert.equal((await running.call('GET', file)).status, 200);
      assert.equal(existsSync(sessionKey), false);
    }
    writeFileSync(sessionKey, 'no key');
    chmodSync(sessionKey, 0o666);
    await using running = await runWork(directory, written(directory, { roles: ['content'] }));
    assert.equal((await running.call('GET', file)).status, 200);
  });

  it('the key of the session CA stops the start of the role api when others may read it', async () => {
    using directory = controlPlaneDirectory();
    writeFileSync(directory.settings.api.sessionKey, 'no key');
    chmodSync(directory.settings.api.sessionKey, 0o644);
    await assert.rejects(runWork(directory, written(directory, { roles: ['content', 'api'] })), {
      code: 'CONFIG_INVALID',
      message: /^api\.sessionKey: .+its mode is 0644/,
    });
  });
});

describe('a pool with the role tasks', () => {
  it('a pool with the role tasks alone does tasks and listens nowhere', async () => {
    using directory = controlPlaneDirectory();
    const { settings } = directory;
    const text = { ...settings, roles: ['tasks'], tasks: { concurrency: 1 } };
    const configuration = await configurationIn(directory, text);
    const kinds: TaskKinds = new Map([
      ['test.echo', { whenLost: 'fail', run: async ({ arguments: given }) => given.text }],
    ]);
    await using running = await runWork(directory, text, kinds);
    assert.deepEqual(running.application.addresses, []);
    await using controlPlane = createControlPlane(configuration, 'write');
    const queue = createTaskQueue(await controlPlane.store());
    const submitted = await queue.submit({ name: 'test.echo', arguments: { text: 'hello' } });
    assert.equal(submitted.outcome, 'submitted');
    const { task_id: id } = submitted.task;
    await until('it is done', async () => (await queue.get(id))?.state === 'finished');
    const done = await queue.get(id);
    assert.equal(done?.result, 'hello');
    assert.match(done?.worker_name ?? '', new RegExp(`^main-${process.pid}@`));
    const workers = await queue.workers();
    assert.deepEqual(
      workers.map(({ name }) => name),
      [done?.worker_name],
    );
    await running.application.close();
    assert.deepEqual(await queue.workers(), []);
  });

  it('a pool for content has room for what is soon forgotten, and others have little', async () => {
    const at = (name: string) => `listen: { uwsgi: { address: 'unix:/tmp/${name}' } }`;
    const text = `pools:
  a: { roles: [api], ${at('a')} }
  t: { roles: [tasks] }
  all: { roles: [content, api], ${at('all')} }
`;
    const loaded = await loadConfiguration({ file: '/x', text, environment: {}, flags: {} });
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const { pools } = planOf(loaded, () => sameOwner);
    const small = ['--max-semi-space-size=1'];
    assert.deepEqual(
      pools.map(({ name, nodeArguments }) => [name, nodeArguments]),
      [
        ['main', undefined],
        ['a', small],
        ['t', small],
        ['all', undefined],
      ],
    );
  });

  it('a pool with the role tasks is given the time that its runner takes to stop', async () => {
    const drainSecondsOf = async (text: string): Promise<number> => {
      const loaded = await loadConfiguration({ file: '/x', text, environment: {}, flags: {} });
      if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
      return planOf(loaded, () => sameOwner).supervision.drainSeconds;
    };
    const limits = 'limits: { drainSeconds: 1 }\n';
    assert.equal(await drainSecondsOf(limits), 1);
    assert.equal(await drainSecondsOf(`${limits}roles: [content, tasks]`), stopSecondsMax);
    assert.equal(await drainSecondsOf(`${limits}pools: { t: { roles: [tasks] } }`), stopSecondsMax);
    assert.equal(await drainSecondsOf('limits: { drainSeconds: 99 }\nroles: [tasks]'), 99);
  });
});

describe('isApiPath', () => {
  it('isApiPath tells the paths of the API by whole segments, however many slashes part them', () => {
    for (const path of [
      '/pulp/api',
      '/pulp/api/',
      '/pulp/api/v2/x',
      '//pulp///api/v2',
      '/pulp/api/%',
    ]) {
      assert.equal(isApiPath(path), true, path);
    }
    for (const path of [
      '',
      '/',
      '/pulp',
      '/pulp/apis',
      '/x/pulp/api/',
      'pulp/api/',
      '/pulp/API/',
    ]) {
      assert.equal(isApiPath(path), false, path);
    }
  });
});
