import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { until } from '../support/processes.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { getVariables, type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';
import { type Instance, patienceMs, startInstance } from './pool.ts';

const plugins = path.join(repositoryRoot, 'test/fixtures/plugins');

/** Short, but long enough for a machine that does other work at the same time. */
const supervision = {
  heartbeatSeconds: 0.2,
  silenceSeconds: 3,
  answerSeconds: 4,
  abortSeconds: 0.5,
  backOffSeconds: 0.05,
};

function configurationFor(directory: TemporaryDirectory, more: object = {}): object {
  writeFileSync(directory.file('a.txt'), 'the content');
  for (const name of ['loop', 'exit', 'throw', 'leak', 'wait']) {
    writeFileSync(directory.file(name), name);
  }
  return {
    ...{ workers: 2, supervision },
    plugins: [path.join(plugins, 'misbehaving.ts')],
    listen: { uwsgi: { address: `unix:${directory.file('s')}` } },
    distributions: [{ relativeUrl: 'a', root: directory.path, access: 'misbehaving' }],
    ...more,
  };
}

function ask(directory: TemporaryDirectory, name: string): Promise<RawAnswer> {
  const variables = getVariables(`/pulp/repos/a/${name}`);
  return uwsgiRequest({ path: directory.file('s') }, variables, { timeoutMs: patienceMs });
}

async function assertServes(directory: TemporaryDirectory): Promise<void> {
  const { status, body } = await ask(directory, 'a.txt');
  assert.equal(`${status} ${body}`, '200 the content');
}

/** Waits until `cause` has been counted, and gives how often. */
async function restartsBy(instance: Instance, cause: string): Promise<number> {
  let count = 0;
  const isCounted = async (): Promise<boolean> => {
    const status = await instance.status().catch(() => undefined);
    count = status?.restarts[cause] ?? 0;
    return count > 0;
  };
  await until(`a restart by ${cause}`, isCounted, patienceMs);
  return count;
}

function messagesOf(instance: Instance, pid: unknown): readonly unknown[] {
  const lines = instance.log().filter((line) => line.pid === pid);
  return lines.map(({ message }) => message);
}

// Most of the time is waiting.
describe('faults of workers', { concurrency: 3 }, () => {
  it('a worker that loops for ever is found, aborted and replaced, and its neighbour serves on', async () => {
    using directory = temporaryDirectory();
    await using instance = startInstance(directory, configurationFor(directory));
    await instance.whole(2);
    const stuck = ask(directory, 'loop');
    const { pid, stack, worker } = await instance.line({ message: 'The event loop is stuck' });
    assert.match(String(stack), /misbehaving\.ts/);
    await assertServes(directory);
    assert.equal((await stuck).bytes.length, 0);
    await instance.line({ message: 'worker aborted', cause: 'stuck', pid });
    assert.equal(await restartsBy(instance, 'stuck'), 1);
    const workers = await instance.whole(2);
    assert.ok(workers.every((worker) => worker.pid !== pid));
    assert.deepEqual(messagesOf(instance, pid).toSorted(), [
      'The event loop is stuck',
      'worker aborted',
      'worker died',
      'worker ready',
      'worker silent',
      'worker starting',
    ]);
    const { lastRestart } = await instance.status();
    assert.deepEqual([lastRestart?.cause, lastRestart?.worker], ['stuck', worker]);
  });

  it('a worker that leaks is recycled without losing a request', async () => {
    using directory = temporaryDirectory();
    const recycle = { memoryMebibytes: 250, jitter: 0 };
    const more = { workers: 1, supervision: { ...supervision, recycle } };
    await using instance = startInstance(directory, configurationFor(directory, more));
    const [before] = await instance.whole(1);
    for (let leaks = 0; leaks < 14; leaks += 1) {
      assert.equal((await ask(directory, 'leak')).status, 200);
    }
    await until(
      'it is gone',
      async () => {
        await assertServes(directory);
        return instance
          .log()
          .some(({ message, cause }) => message === 'worker ended' && cause === 'memory');
      },
      patienceMs,
    );
    assert.equal(await restartsBy(instance, 'memory'), 1);
    const [after] = await instance.whole(1);
    assert.notEqual(after?.pid, before?.pid);
    assert.deepEqual(messagesOf(instance, before?.pid), [
      'worker starting',
      'worker ready',
      'worker to be replaced',
      'worker draining',
      'worker ended',
    ]);
  });

  it('a worker at its highest memory is killed', async () => {
    using directory = temporaryDirectory();
    const more = { supervision: { ...supervision, memoryMebibytesMax: 250 } };
    await using instance = startInstance(directory, configurationFor(directory, more));
    await instance.whole(2);
    const killed = (): boolean => instance.log().some(({ message }) => message === 'worker killed');
    await until(
      'one has leaked enough',
      async () => {
        if (!killed()) await ask(directory, 'leak');
        return killed();
      },
      patienceMs,
    );
    const { pid } = await instance.line({ message: 'worker died', cause: 'memory-max' });
    assert.ok((await restartsBy(instance, 'memory-max')) >= 1);
    assert.ok((await instance.whole(2)).every((worker) => worker.pid !== pid));
    await assertServes(directory);
  });

  for (const [name, how] of [
    ['exit', 'exit code 9'],
    ['throw', 'exit code 70'],
  ] as const) {
    it(`a worker ends at a request (${name}), and is replaced`, async () => {
      using directory = temporaryDirectory();
      await using instance = startInstance(directory, configurationFor(directory));
      await instance.whole(2);
      await ask(directory, name);
      const died = await instance.line({ message: 'worker died', cause: 'died' });
      assert.deepEqual([died.how, died.earlyDeaths], [how, 1]);
      assert.equal(await restartsBy(instance, 'died'), 1);
      await instance.whole(2);
      await assertServes(directory);
    });
  }

  it('a request over its time limit ends with 504 and its path in the log, and harms no neighbour', async () => {
    using directory = temporaryDirectory();
    const more = { workers: 1, limits: { requestSeconds: 1 } };
    await using instance = startInstance(directory, configurationFor(directory, more));
    const [before] = await instance.whole(1);
    const late = ask(directory, 'wait');
    await assertServes(directory);
    const { status, body } = await late;
    assert.equal(status, 504, body.toString());
    const line = await instance.line({ message: 'A request was ended for its time limit' });
    assert.equal(line.path, '/pulp/repos/a/wait');
    await assertServes(directory);
    const [after] = await instance.whole(1);
    assert.equal(after?.pid, before?.pid);
  });

  it('workers that exit at their start are tried so often, and then the start has failed', async () => {
    using directory = temporaryDirectory();
    const distributions = [
      { relativeUrl: 'a', root: directory.path, access: { misbehaving: 'exit' } },
    ];
    const more = {
      distributions,
      supervision: { ...supervision, backOffSeconds: 0.5, bootAttemptsMax: 3 },
    };
    await using instance = startInstance(directory, configurationFor(directory, more));
    assert.ok((await restartsBy(instance, 'boot-failed')) >= 1);
    const { ready, reasons } = await instance.status();
    assert.deepEqual([ready, reasons.length > 0], [false, true]);
    assert.equal(await instance.ended, 70);
    assert.match(instance.output(), /It ended before it was ready: exit code 9/);
    const died = instance.log().filter(({ message }) => message === 'worker died');
    assert.equal(died.length, 3);
    assert.ok(died.every(({ cause, how }) => cause === 'boot-failed' && how === 'exit code 9'));
  });

  for (const [what, more, reason] of [
    [
      'when it is loaded',
      { plugins: [path.join(plugins, 'throws-at-load.ts')] },
      /Cannot load the plugin: this plugin cannot be loaded/,
    ],
    ['when it is made', {}, /distributions\[0\].*the database of the plugin is down/],
  ] as const) {
    it(`a plugin that throws ${what} ends the start with its own words`, async () => {
      using directory = temporaryDirectory();
      const distributions = [
        { relativeUrl: 'a', root: directory.path, access: { misbehaving: 'throw' } },
      ];
      const configuration = configurationFor(directory, { distributions, ...more });
      await using instance = startInstance(directory, configuration);
      assert.equal(await instance.ended, 78);
      assert.match(instance.output(), reason);
      assert.match(
        String((await instance.line({ message: 'worker cannot start' })).reason),
        reason,
      );
    });
  }
});
