import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { createLogger } from '../../src/log.ts';
import { createVigil } from '../../src/work/vigil.ts';
import { startInstance } from '../e2e/pool.ts';
import {
  administer,
  asAdministrator,
  type ControlPlaneDirectory,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { needsRoot } from '../support/needs.ts';
import { run, runOk, until } from '../support/processes.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { file, type RunningWork, runWork, written } from './running-work.ts';

const users = '/pulp/api/v2/users/';
const roles = ['content', 'api'];

/** Holds that the API says `code`, that the log says why, and that content does not mind. */
async function isOut(running: RunningWork, code: string, reason: RegExp): Promise<void> {
  const { status, body } = await running.call('GET', users, { authorization: asAdministrator });
  assert.equal(status, 503);
  assert.equal(JSON.parse(body.toString()).error.code, code);
  assert.doesNotMatch(body.toString(), /portcullis\.db/);
  assert.equal((await running.call('GET', file)).body.toString(), 'content');
  await until('the log says why', () =>
    running.log.some(
      ({ message, reason: given }) =>
        message === 'The store cannot be used: the API answers 503 until it can' &&
        reason.test(String(given)),
    ),
  );
}

async function works(running: RunningWork): Promise<void> {
  const { status } = await running.call('GET', users, { authorization: asAdministrator });
  assert.equal(status, 200);
}

describe('the store of a worker with the roles content and api (T96)', () => {
  const faults: readonly (readonly [string, string, RegExp, (store: string) => void])[] = [
    [
      'is no database',
      'STORE_CORRUPT',
      /is not an SQLite database/,
      (store) => writeFileSync(store, 'text of some length, and no database whatever its name is'),
    ],
    [
      'is of a newer Portcullis',
      'STORE_SCHEMA',
      /schema 999 is of a newer Portcullis/,
      (store) => new DatabaseSync(store).exec('PRAGMA user_version = 999'),
    ],
    [
      'may be read by others',
      'STORE_UNAVAILABLE',
      /chmod 600 would be right/,
      (store) => chmodSync(store, 0o644),
    ],
  ];
  for (const [state, code, reason, spoil] of faults) {
    it(`the store ${state}: the start goes on, the API answers 503, content is served`, async () => {
      using directory = controlPlaneDirectory();
      const text = written(directory, { roles });
      await administer(await configurationIn(directory, text));
      spoil(directory.settings.store.file);
      await using running = await runWork(directory, text);
      await isOut(running, code, reason);
    });
  }

  it('the store is removed and comes back: no restart is needed', async () => {
    using directory = controlPlaneDirectory();
    const text = written(directory, { roles });
    await administer(await configurationIn(directory, text));
    await using running = await runWork(directory, text);
    await works(running);
    const { file: store } = directory.settings.store;
    renameSync(store, `${store}.away`);
    await isOut(running, 'STORE_UNAVAILABLE', /there is no such file/);
    renameSync(`${store}.away`, store);
    await works(running);
    await until('the log says so', () =>
      running.log.some(({ message }) => message === 'The store can be used again'),
    );
  });

  it('the store can only be read: the API says so, and content is served', {
    skip: needsRoot(),
  }, async (context) => {
    using directory = controlPlaneDirectory();
    const state = directory.file('state');
    mkdirSync(state, { mode: 0o700 });
    const text = written(directory, {
      roles,
      store: { file: `${state}/portcullis.db` },
      api: { sessionCertificate: `${state}/ca.pem`, sessionKey: `${state}/ca.key` },
    });
    await administer(await configurationIn(directory, text));
    await (await runWork(directory, text))[Symbol.asyncDispose]();
    if ((await run('mount', ['--bind', state, state])).code !== 0) {
      return context.skip('nothing can be mounted');
    }
    try {
      await runOk('mount', ['-o', 'remount,ro,bind', state]);
      await using running = await runWork(directory, text);
      await isOut(running, 'STORE_READ_ONLY', /can only be read/);
      await runOk('mount', ['-o', 'remount,rw,bind', state]);
      await works(running);
    } finally {
      await runOk('umount', ['--lazy', state]);
    }
  });
});

describe('portcullis serve without its store (T96)', () => {
  it('portcullis serve starts without its store, and uses it once it is there', async () => {
    using directory = controlPlaneDirectory();
    const { file: store } = directory.settings.store;
    const text = written(directory, { roles, workers: 1 });
    writeFileSync(store, 'text of some length, and no database whatever its name is');
    chmodSync(store, 0o600);
    await using instance = startInstance(directory, text);
    await instance.whole(1);
    const path = directory.file('uwsgi.sock');
    const statusOf = async (target: string): Promise<number> => {
      const more = [['HTTP_AUTHORIZATION', asAdministrator]] as const;
      return (await uwsgiRequest({ path }, getVariables(target, more))).status;
    };
    assert.deepEqual([await statusOf(users), await statusOf(file)], [503, 200]);
    await replaceStore(directory, text);
    assert.deepEqual([await statusOf(users), await statusOf(file)], [200, 200]);
  });
});

/** Puts one in the place of the store in which the administrator is. */
async function replaceStore(directory: ControlPlaneDirectory, text: object): Promise<void> {
  using other = controlPlaneDirectory();
  await administer(await configurationIn(other, { ...text, store: other.settings.store }));
  renameSync(other.settings.store.file, directory.settings.store.file);
}

describe('createVigil', () => {
  it('createVigil tells a fault once, its end, and that there is nobody once', async () => {
    const log: string[] = [];
    const write = (line: string): void => void log.push(JSON.parse(line).message);
    const answers: (Error | number)[] = [new Error('away'), new Error('away'), new Error('full')];
    answers.push(0, 0, 1, new Error('away'), 1);
    const vigil = createVigil({
      superUsers: {
        active: async () => {
          const answer = answers.shift() ?? 1;
          if (answer instanceof Error) throw answer;
          return new Set(Array.from({ length: answer }, (_, index) => String(index)));
        },
      },
      log: createLogger({ level: 'info', write }),
      everyMilliseconds: 1,
    });
    vigil.start();
    await until('all are asked', () => answers.length === 0);
    await vigil.stop();
    const [out, again] = ['The store cannot be used: the API answers 503 until it can', 'again'];
    assert.deepEqual(
      log.map((line) => line.replace('The store can be used again', again)),
      [out, out, again, 'Nobody can use the API: there is no super-user', out, again],
    );
  });
});
