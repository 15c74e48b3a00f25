import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { isRunning } from '../../src/workers/host/process-state.ts';
import { until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { getVariables, type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';
import { type Instance, patienceMs, readLog, startInstance } from './pool.ts';

/** More than all the buffers between a worker and its client hold. */
const largeBytes = 48 * 1024 * 1024;

const storm = 100;

function configurationFor(directory: TemporaryDirectory, more: object = {}): object {
  writeFileSync(directory.file('a.txt'), 'the content');
  return {
    workers: 2,
    supervision: { heartbeatSeconds: 0.2 },
    process: { pidFile: directory.file('portcullis.pid') },
    listen: {
      uwsgi: { address: `unix:${directory.file('uwsgi.sock')}` },
      http: { address: `unix:${directory.file('http.sock')}` },
    },
    distributions: [distribution(directory, 'a')],
    ...more,
  };
}

function distribution(directory: TemporaryDirectory, relativeUrl: string): object {
  return { relativeUrl, root: directory.path, access: 'public' };
}

function ask(directory: TemporaryDirectory, target = 'a/a.txt'): Promise<RawAnswer> {
  const variables = getVariables(`/pulp/repos/${target}`);
  const socket = { path: directory.file('uwsgi.sock') };
  return uwsgiRequest(socket, variables, { timeoutMs: patienceMs });
}

/** A download that has begun, and of which nothing more is taken until `finish`. */
async function beginDownload(directory: TemporaryDirectory) {
  writeFileSync(directory.file('large.bin'), Buffer.alloc(largeBytes, 7));
  const socketPath = directory.file('http.sock');
  const request = get({ socketPath, path: '/pulp/repos/a/large.bin', agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
  const finish = async (): Promise<number> => {
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    return bytes;
  };
  return { finish };
}

const drain = ['SIGTERM', 'drain'] as const;
const atOnce = ['SIGINT', 'interrupt'] as const;

async function assertGone(
  instance: Instance,
  directory: TemporaryDirectory,
  pids: readonly number[],
): Promise<void> {
  for (const name of ['uwsgi.sock', 'http.sock', 'stats.sock', 'portcullis.pid']) {
    assert.equal(existsSync(directory.file(name)), false, name);
  }
  await until('no worker is left', () => !pids.some(isRunning));
  assert.equal(instance.output(), '');
}

// Most of the time is waiting.
describe('signals to portcullis serve', { concurrency: 3 }, () => {
  it('HUP takes up a new distribution, and keeps the old configuration when the new one is broken', async () => {
    using directory = temporaryDirectory();
    await using instance = startInstance(directory, configurationFor(directory));
    await instance.whole(2);
    assert.equal((await ask(directory, 'b/a.txt')).status, 404);
    const distributions = [distribution(directory, 'a'), distribution(directory, 'b')];
    instance.configure(configurationFor(directory, { distributions }));
    instance.child.kill('SIGHUP');
    await instance.line({ message: 'reload done', generation: 2 });
    assert.equal((await ask(directory, 'b/a.txt')).body.toString(), 'the content');
    const pids = (await instance.whole(2)).map(({ pid }) => pid);

    for (const [text, reason] of [
      ['workers: 2\nlisten:\n  zebra: 1\n', /portcullis\.yaml:3:3: .*zebra/],
      ['workers: 2\ndistributions:\n  - relativeUrl: "a', /portcullis\.yaml:3:/],
      ['workers: 0\n', /portcullis\.yaml:1:1: workers: Cannot use 0/],
    ] as const) {
      const refused = (await instance.status()).reloads.refused ?? 0;
      writeFileSync(instance.file, text);
      instance.child.kill('SIGHUP');
      const isRefused = async (): Promise<boolean> =>
        (await instance.status()).reloads.refused === refused + 1;
      await until('the reload is refused', isRefused, patienceMs);
      assert.match(String((await instance.status()).lastRefusal), reason);
      const line = instance.log().findLast(({ message }) => message === 'reload refused');
      assert.match(String(line?.reason), reason);
      assert.equal((await ask(directory, 'b/a.txt')).body.toString(), 'the content');
    }
    assert.deepEqual(
      (await instance.whole(2)).map(({ pid }) => pid),
      pids,
    );
  });

  it('HUP during a reload and in a storm ends with the newest configuration and all workers', async () => {
    using directory = temporaryDirectory();
    await using instance = startInstance(directory, configurationFor(directory));
    await instance.whole(2);
    for (let sent = 0; sent < storm; sent += 1) {
      instance.child.kill('SIGHUP');
      assert.equal((await ask(directory)).status, 200);
    }
    const distributions = [distribution(directory, 'a'), distribution(directory, 'newest')];
    instance.configure(configurationFor(directory, { distributions }));
    instance.child.kill('SIGHUP');
    const isQuiet = async (): Promise<boolean> => {
      const { state } = await instance.status();
      return state === 'serving' && (await ask(directory, 'newest/a.txt')).status === 200;
    };
    await until('the last reload is done', isQuiet, patienceMs);
    await instance.whole(2);
    const { reloads, restarts, generation } = await instance.status();
    assert.equal(generation, 1 + (reloads.done ?? 0));
    assert.ok((reloads.superseded ?? 0) > 0);
    assert.equal(reloads.refused, 0);
    assert.equal(restarts.reload, 2 * (reloads.done ?? 0));
  });

  it('USR1 opens the log anew, in the primary and in every worker', async () => {
    using directory = temporaryDirectory();
    await using instance = startInstance(directory, configurationFor(directory, { workers: 1 }));
    await instance.whole(1);
    renameSync(directory.file('portcullis.log'), directory.file('moved.log'));
    instance.child.kill('SIGUSR1');
    await until(
      'both have done so',
      async () => {
        await ask(directory);
        return instance.log().some(({ message }) => message === 'request');
      },
      patienceMs,
    );
    instance.child.kill('SIGTTIN');
    await instance.line({ message: 'pool resized' });
    const moved = readLog(directory.file('moved.log')).length;
    await ask(directory);
    assert.equal(readLog(directory.file('moved.log')).length, moved);
  });

  it('TTIN and TTOU start and end a worker of the main pool, and never end the last', async () => {
    using directory = temporaryDirectory();
    await using instance = startInstance(directory, configurationFor(directory));
    await instance.whole(2);
    instance.child.kill('SIGTTIN');
    await instance.whole(3);
    for (const left of [2, 1]) {
      instance.child.kill('SIGTTOU');
      await instance.whole(left);
    }
    instance.child.kill('SIGTTOU');
    await instance.line({ message: 'pool not resized' });
    await instance.whole(1);
    assert.equal((await ask(directory)).status, 200);
  });

  it('TERM lets a slow download end, takes no new connection, and leaves nothing behind', async () => {
    using directory = temporaryDirectory();
    await using instance = startInstance(directory, configurationFor(directory));
    const pids = (await instance.whole(2)).map(({ pid }) => pid);
    assert.equal(readFileSync(directory.file('portcullis.pid'), 'utf8'), `${instance.child.pid}\n`);
    const { finish } = await beginDownload(directory);
    instance.child.kill('SIGTERM');
    await until('one worker is left', () => pids.filter(isRunning).length === 1, patienceMs);
    const late = connect(directory.file('http.sock'));
    await assert.rejects(once(late, 'connect'), /ENOENT|ECONNREFUSED/);
    assert.equal(await finish(), largeBytes);
    assert.equal(await instance.ended, 0);
    await assertGone(instance, directory, pids);
  });

  for (const [what, signals] of [
    ['INT ends', [atOnce]],
    ['a second TERM ends', [drain, ['SIGTERM', 'interrupt']]],
    ['INT after TERM ends', [drain, atOnce]],
  ] as const) {
    it(`${what} a running download at once`, async () => {
      using directory = temporaryDirectory();
      await using instance = startInstance(directory, configurationFor(directory));
      const pids = (await instance.whole(2)).map(({ pid }) => pid);
      const { finish } = await beginDownload(directory);
      for (const [signal, how] of signals) {
        instance.child.kill(signal);
        await instance.line({ message: 'stopping', signal, how });
      }
      assert.equal(await instance.ended, 130);
      await assert.rejects(finish());
      await assertGone(instance, directory, pids);
    });
  }

  it('TERM during a reload ends both', async () => {
    using directory = temporaryDirectory();
    await using instance = startInstance(directory, configurationFor(directory));
    const before = (await instance.whole(2)).map(({ pid }) => pid);
    instance.child.kill('SIGHUP');
    const { pid } = await instance.line({ message: 'worker starting', cause: 'reload' });
    instance.child.kill('SIGTERM');
    assert.equal(await instance.ended, 0);
    await instance.line({ message: 'reload refused', reason: 'the instance is stopping' });
    await assertGone(instance, directory, [...before, Number(pid)]);
  });
});
