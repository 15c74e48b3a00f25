/** Does the tasks of a queue: some at a time, of the kinds that it has functions for. */

import type { Logger } from '../log.ts';
import type { TaskKind } from './kind.ts';
import type { TaskTiming } from './timing.ts';

export interface TaskRunner {
  /** Takes no more tasks, gives those that run their time, and lets go of the store. */
  stop(): Promise<void>;
}

export interface TaskRunnerOptions {
  /** Shown as the worker of its tasks; no two at once have the same, as `tasks-1@host.example`. */
  readonly worker: string;
  /** How many tasks it does at a time. */
  readonly concurrency: number;
  readonly log: Logger;
  readonly timing?: TaskTiming;
  readonly now?: () => Date;
}

export type TaskKinds = ReadonlyMap<string, TaskKind>;
