import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import { createLogger } from '../../src/log.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import type { TaskQueue } from '../../src/tasks/queue.ts';
import type { Task } from '../../src/tasks/task.ts';
import {
  administer,
  type ControlPlaneDirectory,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { type MongodbServer, needsMongodb, startMongodb } from '../support/mongodb.ts';
import { sendSignal, until } from '../support/processes.ts';
import { openTasksStore, submit } from '../tasks/fixture.ts';
import {
  type Credentials,
  type Host,
  readers,
  type SessionCa,
  startHost,
} from './control-plane-host.ts';
import { patienceMs } from './pool.ts';
import type { TaskEvent } from './task-kinds.ts';

const password = 'a long password';
/** Of the users that are disabled, how many may be late: a busy machine stops us for a second. */
const lateMax = 1;
/** A dead worker is known after its lease of 30 seconds, and its task is begun again by 41. */
const takeOverMs = 41_000 + patienceMs;

describe('two hosts over one MongoDB', { skip: needsMongodb() }, () => {
  let server: MongodbServer;
  let directory: ControlPlaneDirectory;
  let url: string;
  let hosts: readonly [Host, Host];
  before(async () => {
    server = await startMongodb();
    directory = controlPlaneDirectory();
    url = server.newDatabase();
    await administer(await configurationIn(directory, { store: { mongodbUrl: url } }));
    const ca = await makeSessionCa(directory);
    hosts = await Promise.all([startHost(url, ca), startHost(url, ca)]);
    for (const login of readers) {
      const made = await hosts[0].call('POST', '/v2/users/', { body: { login, password } });
      assert.equal(made.status, 201, made.body.toString());
    }
  });
  after(async () => {
    for (const host of hosts ?? []) await host[Symbol.asyncDispose]();
    directory?.[Symbol.dispose]();
    await server?.[Symbol.asyncDispose]();
  });

  it('T54 a user disabled through one is refused by the other within the second, by every way in', async () => {
    const [one, other] = hosts;
    const delays: number[] = [];
    for (const login of readers) {
      const certificate = await logIn(one, login);
      // Taken in and remembered by the other before.
      assert.equal(await other.read(login, password), 200);
      assert.deepEqual(await callsOf(other, login, certificate), [200, 200]);
      const body = { delta: { disabled: true } };
      const disabled = await one.call('PUT', `/v2/users/${login}/`, { body });
      assert.equal(disabled.status, 200, disabled.body.toString());
      delays.push(await untilRefused(other, login, certificate));
      assert.deepEqual(await callsOf(one, login, certificate), [401, 401]);
    }
    const late = delays.filter((delay) => delay >= changeReachesWithinMilliseconds);
    assert.ok(late.length <= lateMax, `${delays.map(Math.round).join()} ms`);
  });

  it('a task that runs on one is cancelled through the other', async () => {
    await using store = await openTasksStore({ type: 'mongodb', url });
    const queue = createTaskQueue(store);
    const { task_id: id } = await hold(queue, 'test.again');
    const task = await untilTask(hosts[0], id, ({ state }) => state === 'running');
    const [holder, other] = await byWorker(task);
    assert.equal((await other.call('DELETE', `/v2/tasks/${id}/`)).status, 200);
    await untilTask(holder, id, ({ state }) => state === 'canceled');
    assert.equal(eventsOf(id).length, 1);
  });

  it('tasks of a host that dies are finished or failed, once, by the other', async () => {
    await using store = await openTasksStore({ type: 'mongodb', url });
    const queue = createTaskQueue(store);
    const again = await hold(queue, 'test.again');
    const first = await untilTask(hosts[0], again.task_id, ({ state }) => state === 'running');
    const [victim, survivor] = await byWorker(first);
    const once = await holdOn(queue, victim);
    for (const { task_id: id } of [again, once]) {
      await until('its work has begun', () => eventsOf(id).length === 1, patienceMs);
    }
    await die(victim);
    const failed = await untilTask(survivor, once.task_id, ({ state }) => state === 'error');
    assert.equal(failed.error?.code, 'PLP0049');
    assert.deepEqual(
      eventsOf(once.task_id).map(({ event }) => event),
      ['begin'],
    );
    const second = await untilTask(
      survivor,
      again.task_id,
      ({ state, worker_name: worker }) => state === 'running' && worker !== first.worker_name,
    );
    writeFileSync(directory.file('gate'), '');
    const finished = await untilTask(survivor, again.task_id, ({ state }) => state === 'finished');
    assert.deepEqual([finished.result, finished.worker_name], [2, second.worker_name]);
    const [begun, begunAgain, ended, ...more] = eventsOf(again.task_id);
    assert.deepEqual([begun?.event, begunAgain?.event, ended?.event], ['begin', 'begin', 'end']);
    assert.notEqual(begun?.pid, begunAgain?.pid);
    assert.deepEqual([ended?.pid, more], [begunAgain?.pid, []]);
    assert.deepEqual(await taskOf(survivor, once.task_id), failed);
  });

  function hold(queue: TaskQueue, name: string): Promise<Task> {
    const files = { events: directory.file('events'), gate: directory.file('gate') };
    return submit(queue, { name, arguments: files });
  }

  /** A task that must not be begun twice, on that host: those that the other took are cancelled. */
  async function holdOn(queue: TaskQueue, host: Host): Promise<Task> {
    for (;;) {
      const { task_id: id } = await hold(queue, 'test.once');
      const task = await untilTask(host, id, ({ state }) => state === 'running');
      if ((await byWorker(task))[0] === host) return task;
      await queue.cancel(id);
    }
  }

  /** The host that has the task, and the other one. */
  async function byWorker({ worker_name: worker }: Task): Promise<readonly [Host, Host]> {
    const [one, other] = hosts;
    const pid = Number(/-(\d+)@/.exec(worker ?? '')?.[1]);
    return (await pidsOf(one)).includes(pid) ? [one, other] : [other, one];
  }

  function eventsOf(taskId: string): readonly TaskEvent[] {
    const lines = readFileSync(directory.file('events'), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line)).filter((event) => event.taskId === taskId);
  }
});

/** Both hosts have it, so that a session of one is one of the other. */
async function makeSessionCa({ settings: { api } }: ControlPlaneDirectory): Promise<SessionCa> {
  const [certificateFile, keyFile] = [api.sessionCertificate, api.sessionKey];
  const log = createLogger({ level: 'error', write: () => {} });
  await openSessionAuthority({ certificateFile, keyFile }, { now: () => new Date(), log });
  return {
    certificate: readFileSync(certificateFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
  };
}

async function logIn(host: Host, login: string): Promise<string> {
  const by = { login, password };
  const answer = await host.call('POST', '/v2/actions/login/', { by });
  assert.equal(answer.status, 200, answer.body.toString());
  return JSON.parse(answer.body.toString()).certificate;
}

/** The statuses of a call with the password, and of one with the session. */
function callsOf(host: Host, login: string, certificate: string): Promise<readonly number[]> {
  const status = async (by: Credentials): Promise<number> =>
    (await host.call('GET', `/v2/users/${login}/`, { by })).status;
  return Promise.all([status({ login, password }), status({ certificate })]);
}

/** @returns for how long after now a call was still let in, in milliseconds */
async function untilRefused(host: Host, login: string, certificate: string): Promise<number> {
  const acknowledgedAt = performance.now();
  let lastLetIn = acknowledgedAt;
  await until(
    `${login} is refused`,
    async () => {
      const begun = performance.now();
      const ways = [host.read(login, password), callsOf(host, login, certificate)];
      const statuses = (await Promise.all(ways)).flat();
      const isLetIn = statuses.includes(200);
      if (isLetIn) lastLetIn = begun;
      else assert.deepEqual(statuses, [401, 401, 401]);
      return !isLetIn;
    },
    patienceMs,
  );
  return lastLetIn - acknowledgedAt;
}

async function taskOf(host: Host, id: string): Promise<Task> {
  const answer = await host.call('GET', `/v2/tasks/${id}/`);
  assert.equal(answer.status, 200, answer.body.toString());
  return JSON.parse(answer.body.toString());
}

async function untilTask(host: Host, id: string, isMeant: (task: Task) => boolean): Promise<Task> {
  let task = await taskOf(host, id);
  await until(
    `the task ${id} is as it should be`,
    async () => {
      task = await taskOf(host, id);
      return isMeant(task);
    },
    takeOverMs,
  );
  return task;
}

async function pidsOf({ instance }: Host): Promise<readonly number[]> {
  return (await instance.status()).workers.map(({ pid }) => pid);
}

/** As when its power fails: all of its processes at once. */
async function die(host: Host): Promise<void> {
  const pids = await pidsOf(host);
  host.instance.child.kill('SIGKILL');
  for (const pid of pids) sendSignal(pid, 'SIGKILL');
  await host.instance.ended;
}
