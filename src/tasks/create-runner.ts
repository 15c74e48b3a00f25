/** The runner over a store: one for each process that does tasks. */

import { messageOf } from '../errors.ts';
import { type Watch, watchStore } from '../stores/watch.ts';
import { type Claimed, type ClaimParts, claimTask, giveBack } from './claim.ts';
import { Execution } from './execution.ts';
import type { EndReason, TaskKind } from './kind.ts';
import { Lease } from './lease.ts';
import type { TaskQueue } from './queue.ts';
import { readRecord, type TaskRecord } from './record.ts';
import { repeat } from './repeat.ts';
import type { TaskKinds, TaskRunner, TaskRunnerOptions } from './runner.ts';
import { activeTasks, readyTasks } from './schedule.ts';
import { removeOldTasks, removeOrphanedArguments } from './tidy.ts';
import { taskTiming } from './timing.ts';
import { Watchman } from './watchman.ts';
import { within } from './within.ts';

/** Begins at once, and goes on by itself when the store is away. */
export function createTaskRunner(
  queue: TaskQueue,
  kinds: TaskKinds,
  options: TaskRunnerOptions,
): TaskRunner {
  const runner = new StoreTaskRunner(queue, kinds, options);
  runner.start();
  return runner;
}

class StoreTaskRunner implements TaskRunner {
  readonly #kinds: TaskKinds;
  readonly #names: ReadonlySet<string>;
  readonly #concurrency: number;
  readonly #parts: ClaimParts;
  readonly #abandon = new AbortController();
  readonly #executions = new Map<Execution, Promise<void>>();
  readonly #background: AsyncDisposable[] = [];
  #looking: Promise<void> = Promise.resolve();
  #isLookWanted = false;
  #isStopping = false;
  #stopped: Promise<void> | undefined;

  constructor(queue: TaskQueue, kinds: TaskKinds, options: TaskRunnerOptions) {
    const { worker, timing = taskTiming, log, now = () => new Date() } = options;
    this.#kinds = kinds;
    this.#names = new Set(kinds.keys());
    this.#concurrency = options.concurrency;
    const lease = new Lease({
      ...{ store: queue.store, worker, timing, log, now },
      onSure: () => this.#lookSoon(),
      onDoubt: () => this.#endAll('doubt'),
      onLoss: () => this.#endAll('loss'),
    });
    const abandoned = this.#abandon.signal;
    this.#parts = { queue, lease, timing, log, now, abandoned, worker, claims: new Set() };
  }

  start(): void {
    const { queue, lease, timing, log, now } = this.#parts;
    const watchman = new Watchman(queue.store, timing, log, now);
    lease.start();
    this.#background.push(
      this.#watch(),
      repeat(timing.beatMilliseconds, () => watchman.look(lease.session)),
      repeat(timing.tidyMilliseconds, () => this.#tidy()),
    );
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { timing, lease } = this.#parts;
    this.#isStopping = true;
    await within(timing.drainMilliseconds, this.#idle());
    this.#endAll('stop');
    await within(timing.cancelMilliseconds, this.#idle());
    const isEmpty = this.#executions.size === 0;
    this.#abandon.abort();
    for (const work of this.#background) await work[Symbol.asyncDispose]();
    await this.#looking.catch(() => {});
    // What goes on in spite of all keeps its task and its resources until the lease is over.
    await lease.stop(isEmpty && this.#parts.claims.size === 0);
  }

  #watch(): Watch {
    const { queue, log } = this.#parts;
    let isAway = false;
    const onChange = async (): Promise<void> => {
      await this.#look();
      if (isAway) log.info('Tasks are looked for again');
      isAway = false;
    };
    const onFailure = (error: unknown): void => {
      if (!isAway) log.warn('Cannot look for tasks', { reason: messageOf(error) });
      isAway = true;
    };
    return watchStore(queue.store, { collections: ['tasks'], onChange, onFailure });
  }

  /** What fails is done at the next change, or when the lease is sure again. */
  #lookSoon(): void {
    this.#isLookWanted = true;
    this.#look().catch((error: unknown) => {
      this.#parts.log.debug('Cannot look for tasks', { reason: messageOf(error) });
    });
  }

  /** One look after the other; one that begins after the call is enough for all who want it. */
  #look(): Promise<void> {
    this.#isLookWanted = true;
    this.#looking = this.#looking
      .catch(() => {})
      .then(async () => {
        if (!this.#isLookWanted) return;
        this.#isLookWanted = false;
        await this.#hear();
        await this.#fill();
      });
    return this.#looking;
  }

  /** Hears which of the tasks at work here were cancelled, or are somebody else's by now. */
  async #hear(): Promise<void> {
    const { queue, lease, claims } = this.#parts;
    const before = new Set([...this.#executions.keys()]);
    const usedBefore = new Set(claims);
    const active = (await queue.store.find('tasks', { filter: activeTasks })).map(readRecord);
    const held = new Map(active.map((record) => [record.job.claim, record]));
    for (const execution of before) {
      const record = held.get(execution.claim);
      if (record === undefined) execution.end('loss');
      else if (record.job.is_canceled) execution.end('cancel');
    }
    // A claim that the store made after it had failed, or when nobody waited for it any more.
    for (const { _id, job } of active) {
      const { session, claim = '' } = job;
      const isOrphan = session === lease.session && !usedBefore.has(claim) && !claims.has(claim);
      if (isOrphan) await giveBack(_id, claim, this.#parts);
    }
  }

  async #fill(): Promise<void> {
    if (!this.#mayClaim()) return;
    for (const candidate of await readyTasks(this.#parts.queue.store, this.#names)) {
      if (!this.#mayClaim()) return;
      const kind = this.#kinds.get(candidate.task_type);
      if (kind === undefined || this.#isInHand(candidate)) continue;
      const claimed = await claimTask(candidate, kind, this.#parts);
      if (claimed !== undefined) this.#execute(claimed, kind);
    }
  }

  /** One that was taken from this worker may still be at work here, and with its resources. */
  #isInHand({ _id, job }: TaskRecord): boolean {
    return [...this.#executions.keys()].some(
      ({ record }) =>
        record._id === _id ||
        record.job.resources?.some((resource) => job.resources?.includes(resource)),
    );
  }

  #mayClaim(): boolean {
    const isFree = this.#executions.size < this.#concurrency;
    return isFree && !this.#isStopping && this.#parts.lease.isSure();
  }

  #execute({ record, claim }: Claimed, kind: TaskKind): void {
    const execution = new Execution(record, claim, kind, this.#parts);
    const running = execution.run().finally(() => {
      this.#executions.delete(execution);
      this.#parts.claims.delete(claim);
      this.#lookSoon();
    });
    this.#executions.set(execution, running);
  }

  #endAll(reason: EndReason): void {
    for (const execution of this.#executions.keys()) execution.end(reason);
  }

  async #idle(): Promise<void> {
    await this.#looking.catch(() => {});
    await Promise.all(this.#executions.values());
  }

  async #tidy(): Promise<void> {
    const { queue, now } = this.#parts;
    await removeOldTasks(queue.store, queue.limits.finalTasksMax);
    await removeOrphanedArguments(queue.store, now());
  }
}
