/** An instance whose workers are killed, with an administrator who calls it as long as it takes. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Configuration } from '../../src/config/configuration.ts';
import { sweep } from '../../src/repository-tasks/sweep.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { filesBelow } from '../storage/opened.ts';
import { administer, configurationIn, controlPlaneDirectory } from '../support/administered.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { run, sendSignal, until } from '../support/processes.ts';
import { getVariables } from '../support/uwsgi-client.ts';
import { silent } from '../tasks/fixture.ts';
import {
  asJson,
  bytesOf,
  type CrashReply,
  callVariables,
  https,
  logIn,
  longMs,
  untilAnswered,
} from './crash-client.ts';
import { withManyDeaths } from './often-killed.ts';
import { type Instance, startInstance } from './pool.ts';

export interface CrashSite extends AsyncDisposable {
  readonly instance: Instance;
  /** Calls until it is answered by anything but a server that died. @param body bytes, or what is sent as JSON */
  call(method: string, target: string, body?: object): Promise<CrashReply>;
  /** @throws AssertionError for an answer that is no success */
  ok(method: string, target: string, body?: object): Promise<CrashReply['body']>;
  /** A published file; undefined where there is none. @param target as `/pulp/isos/a/file` */
  get(target: string): Promise<Buffer | undefined>;
  /**
   * Kills the worker of a pool by SIGKILL while it serves.
   *
   * @param life how long it lives, as a part of the time that was waited for it: so a machine that does other
   *   work as well gives it as much to do
   */
  kill(pool: CrashPool, life: number): Promise<void>;
  /** Sweeps, and holds the storage to the store. To be called while nobody works. */
  expectClean(): Promise<void>;
}

/** The first has the roles `content` and `api`. */
export const crashPools = ['main', 'tasks'] as const;
export type CrashPool = (typeof crashPools)[number];

/** @param settings groups besides, as `store` */
export async function startCrashSite(settings: object = {}): Promise<CrashSite> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(controlPlaneDirectory());
  const socket = directory.file('web.sock');
  const written = {
    ...{ ...directory.settings, workers: 1, roles: ['content', 'api'] },
    listen: { uwsgi: { address: `unix:${socket}` } },
    pools: { tasks: { workers: 1, roles: ['tasks'] } },
    storage: { directory: directory.file('storage') },
    repositories: { access: 'public' },
    ...settings,
  };
  const configuration = await configurationIn(directory, written);
  await administer(configuration);
  const temporary = directory.file('tmp');
  mkdirSync(temporary);
  // Most of what a worker needs to start is to compile.
  const compiled = process.env.NODE_COMPILE_CACHE ?? directory.file('compiled');
  const own = { NODE_OPTIONS: withManyDeaths, NODE_COMPILE_CACHE: compiled, TMPDIR: temporary };
  const env = { ...process.env, ...own };
  const instance = stack.use(startInstance(directory, written, { spawn: { env } }));
  await instance.whole(2);
  const ask = (variables: readonly (readonly [string, string])[], body?: Buffer) =>
    untilAnswered({ path: socket }, variables, body);
  const certificate = await logIn(ask);
  const call: CrashSite['call'] = async (method, target, body) => {
    const who = ['SSL_CLIENT_CERT', certificate] as const;
    return asJson(await ask(callVariables(method, target, who, body), bytesOf(body)));
  };
  const killed = new Set<number>();
  const owned = stack.move();
  return {
    ...{ instance, call },
    ok: async (method, target, body) => {
      const reply = await call(method, target, body);
      const text = `${method} ${target}: ${reply.status} ${JSON.stringify(reply.body)}`;
      assert.ok(reply.status >= 200 && reply.status < 300, text);
      return reply.body;
    },
    get: async (target) => {
      const answer = await ask(getVariables(target, https));
      if (answer.status === 404) return undefined;
      assert.equal(answer.status, 200, `${target}: ${answer.status}`);
      return answer.body;
    },
    kill: (pool, life) => kill(instance, pool, life, killed),
    expectClean: () => expectClean(configuration, instance.file, temporary),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What a worker may live that was there already. */
const lifeMsMin = 500;

/** @param killed the numbers of those that were: the primary may not have heard of it */
async function kill(
  instance: Instance,
  pool: CrashPool,
  life: number,
  killed: Set<number>,
): Promise<void> {
  const begun = performance.now();
  let pid: number | undefined;
  await until(
    `a worker of ${pool} serves`,
    async () => {
      const status = await instance.status().catch(() => undefined);
      const serving = status?.workers.filter(
        (each) => each.pool === pool && each.phase === 'serving' && !killed.has(each.pid),
      );
      pid = serving?.[0]?.pid;
      return pid !== undefined;
    },
    longMs,
  );
  await sleep(life * Math.max(lifeMsMin, performance.now() - begun));
  if (pid === undefined) return;
  killed.add(pid);
  sendSignal(pid, 'SIGKILL');
}

async function expectClean(
  configuration: Configuration,
  file: string,
  temporary: string,
): Promise<void> {
  await using controlPlane = createControlPlane(configuration, 'write');
  const store = await controlPlane.store();
  const storage = await openStorage(configuration.storage);
  const parts = { store, storage, settings: configuration, log: silent, now: () => new Date() };
  await sweep(parts, new AbortController().signal);
  const verified = await run(process.execPath, [
    ...[portcullisProgram, 'verify', '--json', '--config', file],
  ]);
  assert.deepEqual(JSON.parse(verified.stdout.toString()).findings, [], verified.stderr);
  for (const folder of ['temporary', 'trash', 'damaged']) {
    assert.deepEqual(filesBelow(`${storage.directory}/${folder}`), [], folder);
  }
  assert.deepEqual(readdirSync(temporary), []);
}
