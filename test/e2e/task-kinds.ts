/**
 * Tasks that run as long as a test wants, for the workers of real instances: Portcullis itself has no
 * kind of task that could. Loaded before a program by `--import`, it has the entry of the workers
 * compose its application with them; everything else is what it is.
 */

import { appendFileSync, existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { RunningTask, TaskKind } from '../../src/tasks/kind.ts';
import type { TaskKinds } from '../../src/tasks/runner.ts';

export interface TaskEvent {
  readonly event: 'begin' | 'end';
  readonly taskId: string;
  readonly pid: number;
}

/** The value of NODE_OPTIONS for the primary, whose workers inherit it. */
export const withTaskKinds = `--import=${pathToFileURL(import.meta.filename).href}`;

/** As the application, and what its workers import in its place. */
const [application, worker] = ['/src/application.ts', '/src/worker.ts'];

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const found = nextResolve(specifier, context);
    const isMeant = found.url.endsWith(application) && context.parentURL?.endsWith(worker);
    return isMeant ? { ...found, url: import.meta.resolve('./application-with-tasks.ts') } : found;
  },
});

/** Adds its lines to the file `events`, and ends when there is a file `gate`. */
async function hold({ taskId, arguments: given, attempt, signal }: RunningTask): Promise<number> {
  const say = (event: TaskEvent['event']): void => {
    const line: TaskEvent = { event, taskId, pid: process.pid };
    appendFileSync(String(given.events), `${JSON.stringify(line)}\n`);
  };
  say('begin');
  while (!existsSync(String(given.gate))) await sleep(50, undefined, { signal });
  say('end');
  return attempt;
}

const kinds: readonly (readonly [string, TaskKind])[] = [
  ['test.again', { whenLost: 'retry', run: hold }],
  ['test.once', { whenLost: 'fail', run: hold }],
];

export const taskKinds: TaskKinds = new Map(kinds);
