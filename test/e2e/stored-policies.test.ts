/** Policies of the store through real processes: how soon they end, and what deletions open (T59, T67). */

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { StoredPolicies } from '../../src/policies/stored-policies.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { writeTree } from '../support/application.ts';
import { createPki } from '../support/pki.ts';
import { type Portcullis, portcullisProgram, startPortcullis } from '../support/portcullis.ts';
import { run, until } from '../support/processes.ts';
import { openStoredPeople, type StoredPeople } from '../support/stored-people.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { delaysOf, lateMax } from './change-delays.ts';
import { patienceMs } from './pool.ts';

const workers = 2;
const plugin = path.join(import.meta.dirname, '../fixtures/plugins/good.ts');

const stack = new AsyncDisposableStack();
let directory: TemporaryDirectory;
let stored: StoredPeople;
let policies: StoredPolicies;

before(async () => {
  directory = stack.use(temporaryDirectory());
  writeTree(directory.file('root'), { 'file.txt': 'content', 'part/file.txt': 'content' });
  const { file } = directory;
  stored = stack.use(await openStoredPeople({ type: 'sqlite', file: file('store.db') }));
  policies = new StoredPolicies(stored.store, () => new Date());
});
after(() => stack.disposeAsync());

interface Site extends AsyncDisposable {
  readonly running: Portcullis;
  /** Of all workers. */
  readonly sockets: readonly string[];
}

let instances = 0;

async function start(configuration: object): Promise<Site> {
  instances += 1;
  const name = `i${instances}`;
  const address = `unix:${directory.file(`${name}.sock`)}`;
  const running = await startPortcullis({
    ...stored.settings,
    workers,
    listen: { uwsgi: { address, sockets: 'worker' } },
    ...configuration,
  });
  const sockets = Array.from({ length: workers }, (_, index) =>
    directory.file(`${name}-${index + 1}.sock`),
  );
  return { running, sockets, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

const distribution = (relativeUrl: string, more: object = {}) => ({
  ...{ relativeUrl, root: directory.file('root') },
  ...more,
});

async function statusAt(socket: string, target: string): Promise<number> {
  return (await uwsgiRequest({ path: socket }, getVariables(`/pulp/repos/${target}`))).status;
}

function setAccess(name: string, access: unknown, paths: readonly object[] = []) {
  const tree = JSON.stringify({ access, paths });
  return policies.setAccess(name, { tree, uses: [], by: 'ann' });
}

async function setPolicy(name: string, tree: unknown): Promise<void> {
  const change = { tree: JSON.stringify(tree), uses: [], by: 'ann' };
  const isNew = (await policies.byName(name)) === undefined;
  if (isNew) await policies.create(name, { ...change, description: null });
  else await policies.update(name, change);
}

const shut = { not: 'public' };

describe('policies of the store, in real workers', () => {
  it('T67 every worker goes by a change within the published time', async () => {
    const names = ['changed', 'cleared', 'named', 'gone', 'part'];
    await using site = await start({ distributions: names.map((name) => distribution(name)) });
    const { sockets } = site;
    await setPolicy('guests', 'public');
    await setPolicy('visitors', 'public');
    const changes: Readonly<Record<string, readonly [access: unknown, make: () => unknown]>> = {
      changed: ['public', () => setAccess('changed', shut)],
      cleared: ['public', () => policies.clearAccess('cleared')],
      named: [{ policy: 'guests' }, () => setPolicy('guests', shut)],
      gone: [{ policy: 'visitors' }, () => policies.remove('visitors')],
      part: ['public', () => setAccess('part', 'public', [{ path: 'part', access: shut }])],
    };
    const delays: number[] = [];
    for (const [name, [access, make]] of Object.entries(changes)) {
      await setAccess(name, access);
      const isAllowed = async (socket: string) =>
        (await statusAt(socket, `${name}/part/file.txt`)) === 200;
      delays.push(
        ...(await delaysOf({ what: name, sockets, isAllowed, make: async () => make() })),
      );
    }
    const late = delays.filter((delay) => delay >= changeReachesWithinMilliseconds);
    assert.ok(late.length <= lateMax, `${delays.map(Math.round).join()} ms`);
    assert.equal(await statusAt(sockets[0] ?? '', 'gone/part/file.txt'), 503);
    assert.equal(await statusAt(sockets[0] ?? '', 'part/file.txt'), 200);
  });

  it('T59 what the configuration loses opens nothing: a policy, a plugin, a distribution', async () => {
    const whole = {
      plugins: [plugin],
      policies: { house: 'public', mine: 'good' },
      distributions: [distribution('one'), distribution('two'), distribution('three')],
    };
    await setAccess('one', { any: ['public', { policy: 'house' }] });
    await setAccess('two', { any: ['public', { policy: 'mine' }] });
    await setAccess('three', 'public');
    const statuses = async ({ sockets: [socket = ''] }: Site) =>
      Promise.all(['one', 'two', 'three'].map((name) => statusAt(socket, `${name}/file.txt`)));
    // A start goes on without policies that take long to read, and refuses meanwhile.
    const become = (site: Site, expected: readonly number[]): Promise<void> =>
      until(`${expected}`, async () => `${await statuses(site)}` === `${expected}`, patienceMs);
    await using before = await start(whole);
    await become(before, [200, 200, 200]);
    await using after = await start({
      policies: { mine: 'public' },
      distributions: [distribution('one'), distribution('two')],
    });
    // The policy is gone, the other one is another, and the distribution is not served.
    await become(after, [503, 200, 404]);
    await using without = await start({ distributions: whole.distributions });
    await become(without, [503, 503, 200]);
    const reasons = without.running.log().map(({ reason }) => String(reason ?? ''));
    assert.ok(reasons.some((reason) => /there is none of that name/.test(reason)));
  });

  it('T59 a CA file that is deleted stops the start, and opens nothing meanwhile', async () => {
    const pki = stack.use(createPki());
    const ca = await pki.authority();
    const file = directory.file('ca.pem');
    writeFileSync(file, ca.certificate);
    const configuration = {
      policies: { holders: { certificate: { ca: file } } },
      distributions: [distribution('held')],
    };
    await setAccess('held', { policy: 'holders' });
    await using site = await start(configuration);
    const [socket = ''] = site.sockets;
    const isRefused = async () => (await statusAt(socket, 'held/file.txt')) === 403;
    await until('it is refused', isRefused, patienceMs);
    rmSync(file);
    assert.equal(await statusAt(socket, 'held/file.txt'), 403);
    const written = directory.file('without-ca.json');
    writeFileSync(written, JSON.stringify({ ...stored.settings, ...configuration }));
    const checked = await run(process.execPath, [portcullisProgram, 'check', '--config', written]);
    assert.notEqual(checked.code, 0);
    assert.match(checked.stdout.toString(), /policies\.holders\.certificate: .*ca\.pem/);
  });

  it('explain says why a policy of the store cannot be used', async () => {
    await setAccess('broken', { any: ['public', { policy: 'absent' }] });
    await using site = await start({ distributions: [distribution('broken')] });
    const [socket = ''] = site.sockets;
    await until(
      'it fails',
      async () => (await statusAt(socket, 'broken/file.txt')) === 503,
      patienceMs,
    );
    const explained = await run(process.execPath, [
      ...[portcullisProgram, 'explain', '/pulp/repos/broken/file.txt'],
      ...['--config', site.running.file],
    ]);
    assert.equal(explained.code, 2);
    assert.match(
      explained.stdout.toString(),
      /the access that the store has for it cannot be used: .*absent/,
    );
  });
});
