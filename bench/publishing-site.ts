/** An installation whose tasks have a worker of their own, so that what they cost can be told. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Configuration } from '../src/config/configuration.ts';
import {
  administer,
  asAdministrator,
  configurationIn,
  controlPlaneDirectory,
} from '../test/support/administered.ts';
import { startPortcullis } from '../test/support/portcullis.ts';
import { freePort, until } from '../test/support/processes.ts';

export interface PublishingSite extends AsyncDisposable {
  /** Of the installation, on the file system of the storage. */
  file(name: string): string;
  readonly configuration: Configuration;
  /** A call of the API. @throws unless it is answered well */
  call(method: string, target: string, body?: unknown): Promise<Answer>;
  /** A call of the API and the tasks that it began, to their end. @throws when one of them fails */
  done(method: string, target: string, body?: unknown): Promise<Cost>;
}

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers.
  readonly body: any;
  readonly bytes: number;
  readonly seconds: number;
}

export interface Cost {
  readonly seconds: number;
  /** CPU time of the worker itself. */
  readonly cpu: number;
  /** CPU time of the programs that it ran. */
  readonly programs: number;
  /** The most that the worker had resident meanwhile, in MiB. */
  readonly resident: number;
}

export async function startPublishingSite(): Promise<PublishingSite> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(controlPlaneDirectory());
  const port = await freePort();
  const settings = {
    ...directory.settings,
    workers: 1,
    roles: ['api'],
    listen: { http: { address: `127.0.0.1:${port}` } },
    pools: { tasks: { workers: 1, roles: ['tasks'] } },
    sync: { addresses: ['127.0.0.0/8'] },
  };
  const configuration = await configurationIn(directory, settings);
  await administer(configuration);
  let worker = 0;
  // One that is still at work would write into the directory while it goes.
  stack.defer(() => until('the worker is gone', () => !existsSync(`/proc/${worker}`)));
  const running = stack.use(await startPortcullis(settings));
  worker = tasksWorker(running.child.pid);
  const call = createCaller(port);
  const owned = stack.move();
  return {
    file: directory.file,
    configuration,
    call,
    done: async (method, target, body) => {
      writeFileSync(`/proc/${worker}/clear_refs`, resetPeak);
      const before = usedBy(worker);
      const { body: report } = await call(method, target, body);
      await tasksOver(call, report.spawned_tasks);
      const after = usedBy(worker);
      return {
        seconds: after.time - before.time,
        cpu: after.cpu - before.cpu,
        programs: after.programs - before.programs,
        resident: Number(/VmHWM:\s+(\d+)/.exec(status(worker))?.[1]) / 1024,
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Call = PublishingSite['call'];

function createCaller(port: number): Call {
  return async (method, target, body) => {
    const begun = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/pulp/api/v2/${target}`, {
      method,
      headers: { Authorization: asAdministrator },
      ...(body !== undefined && { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const seconds = (performance.now() - begun) / 1000;
    if (!response.ok) throw new Error(`${target} was answered with ${text.slice(0, 2000)}`);
    return { body: JSON.parse(text), bytes: text.length, seconds };
  };
}

async function tasksOver(
  call: Call,
  tasks: readonly { readonly task_id: string }[],
): Promise<void> {
  for (const { task_id: id } of tasks) {
    for (;;) {
      const { body } = await call('GET', `tasks/${id}/`);
      if (body.state === 'finished') break;
      if (['error', 'canceled', 'skipped'].includes(body.state)) {
        throw new Error(`a task failed: ${JSON.stringify(body)}`);
      }
      await sleep(20);
    }
  }
}

/** proc_pid_clear_refs(5): what is resident at most is counted from now on. */
const resetPeak = '5';

function tasksWorker(primary: number | undefined): number {
  const children = readFileSync(`/proc/${primary}/task/${primary}/children`, 'utf8').split(' ');
  const found = children.find((pid) => pid !== '' && /tasks/.test(commandLine(pid)));
  if (found === undefined) throw new Error('there is no worker for tasks');
  return Number(found);
}

function commandLine(pid: string): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

function status(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, 'utf8');
}

/** Seconds: of the clock, of the process in user and system mode, and of those that it waited for. */
export function usedBy(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = (...at: readonly number[]) =>
    at.reduce((sum, i) => sum + Number(fields[i]), 0) / 100;
  return { time: performance.now() / 1000, cpu: ticks(11, 12), programs: ticks(13, 14) };
}
