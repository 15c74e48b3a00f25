import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { EmperorStats } from '../../src/emperor/emperor-stats.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { hasStackTrace, portcullis } from './program.ts';

const waitMs = 60_000;

/** Whether somebody answers, and not whether there is anything. */
async function isServing(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  const answer = await uwsgiRequest({ path: socket }, getVariables('/nothing')).catch(
    () => undefined,
  );
  return answer !== undefined;
}

async function readStats(socket: string): Promise<EmperorStats> {
  return JSON.parse(await text(connect(socket)));
}

/** A vassal with one worker, on the socket `name`.sock beside the directory. */
function put(directory: TemporaryDirectory, name: string, socket = name): void {
  const address = `unix:${directory.file(`${socket}.sock`)}`;
  const configuration = { workers: 1, listen: { uwsgi: { address } } };
  writeFileSync(directory.file(`vassals/${name}.yaml`), JSON.stringify(configuration));
}

function startEmperor(
  directory: TemporaryDirectory,
  ...args: readonly string[]
): ChildProcessByStdio<null, Readable, null> {
  const line = ['emperor', directory.file('vassals'), '--settle-seconds', '0.1', ...args];
  return spawn(process.execPath, [portcullisProgram, ...line], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

describe('portcullis emperor', () => {
  it('runs a real instance for each file, tells of them, and ends them all', async () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('vassals'));
    put(directory, 'one');
    put(directory, 'two');
    const [stats, pidFile] = [directory.file('stats.sock'), directory.file('emperor.pid')];
    const emperor = startEmperor(directory, '--pid-file', pidFile, '--stats', `unix:${stats}`);
    const ended = once(emperor, 'exit');
    const log = text(emperor.stdout);
    try {
      for (const name of ['one', 'two']) {
        await until(`${name} serves`, () => isServing(directory.file(`${name}.sock`)), waitMs);
      }
      assert.equal(readFileSync(pidFile, 'utf8'), `${emperor.pid}\n`);
      await until('both count as serving', async () => {
        const { vassals } = await readStats(stats);
        return vassals.every(({ accepting }) => accepting === 1);
      });
      const told = await readStats(stats);
      assert.deepEqual([told.pid, told.emperor], [emperor.pid, [directory.file('vassals')]]);
      assert.deepEqual(
        told.vassals.map(({ id }) => id),
        ['one.yaml', 'two.yaml'],
      );

      put(directory, 'thief', 'one');
      await until(
        'the thief is refused',
        async () => (await readStats(stats)).blacklist.length > 0,
        waitMs,
      );
      const thief = (await readStats(stats)).vassals.find(({ id }) => id === 'thief.yaml');
      const [owner] = told.vassals;
      assert.match(
        String(thief?.portcullis.reason),
        new RegExp(`one\\.sock: process ${owner?.pid}\\b`),
      );
      assert.ok(await isServing(directory.file('one.sock')));

      unlinkSync(directory.file('vassals/two.yaml'));
      await until('two is gone', () => !existsSync(directory.file('two.sock')), waitMs);
      assert.ok(await isServing(directory.file('one.sock')));
      emperor.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
      assert.match(await log, /"message":"vassal serves","vassal":"one.yaml"/);
      assert.match(await log, /"message":"worker starting","vassal":"one.yaml","worker":1,/);
      assert.match(await log, /"message":"request","vassal":"two.yaml","worker":1,/);
      for (const left of [directory.file('one.sock'), stats, pidFile]) {
        assert.equal(existsSync(left), false, left);
      }
    } finally {
      emperor.kill('SIGKILL');
    }
  });

  it('is outlived by no primary and no worker for more than two seconds', async () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('vassals'));
    put(directory, 'one');
    const emperor = startEmperor(directory);
    emperor.stdout.resume();
    const socket = directory.file('one.sock');
    try {
      await until('it serves', () => isServing(socket), waitMs);
    } finally {
      emperor.kill('SIGKILL');
    }
    await until('nobody serves', async () => !(await isServing(socket)), 2000);
  });

  it('answers what cannot be with one sentence', async () => {
    using directory = temporaryDirectory();
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [[], 64, /^Cannot run emperor with nothing: expected DIR/],
      [['/nowhere'], 69, /^Cannot rule \/nowhere: there is no such file/],
      [['--scan-seconds', '0', directory.path], 64, /^--scan-seconds: Cannot use 0/],
      [['--starts-max', '1.5', directory.path], 64, /^--starts-max: Cannot use 1.5/],
      [['--stats', '80', directory.path], 64, /^--stats: Cannot use "80"/],
      [['--pid-file', '/proc/1/x', directory.path], 69, /^Cannot hold the pid file \/proc\/1\/x/],
      [['--stats', 'unix:/proc/1/x', directory.path], 69, /^Cannot listen on unix:\/proc\/1\/x/],
    ];
    for (const [args, code, message] of cases) {
      const ran = await portcullis(['emperor', ...args]);
      assert.match(ran.err, message);
      assert.deepEqual([ran.code, hasStackTrace(ran.err)], [code, false], ran.err);
    }
  });
});
