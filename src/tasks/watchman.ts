/** Finds workers that are dead, and gives back or ends what they had. lease.ts says when one is. */

import type { Logger } from '../log.ts';
import type { StoredDocument } from '../stores/document.ts';
import { everything } from '../stores/filter.ts';
import type { Store } from '../stores/store.ts';
import { readRecord } from './record.ts';
import { activeTasks } from './schedule.ts';
import { timeText } from './time-text.ts';
import type { TaskTiming } from './timing.ts';
import { lost } from './transitions.ts';

interface Sign {
  readonly version: number;
  /** Monotonic milliseconds after which it has been the same. */
  readonly since: number;
}

export class Watchman {
  readonly #store: Store;
  readonly #timing: TaskTiming;
  readonly #log: Logger;
  readonly #now: () => Date;
  readonly #signs = new Map<string, Sign>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(store: Store, timing: TaskTiming, log: Logger, now: () => Date) {
    this.#store = store;
    this.#timing = timing;
    this.#log = log;
    this.#now = now;
  }

  /** @param own the watchman's own worker, which knows by itself */
  async look(own: string): Promise<void> {
    // In this order: a worker has its lease before its tasks, and gives it up after them.
    const active = await this.#store.find('tasks', { filter: activeTasks });
    const sessions = await this.#store.find('task_sessions', { filter: everything });
    const alive = new Set<string>();
    for (const session of this.#fresh(sessions)) {
      if (session._id !== own && (await this.#isOver(session))) {
        this.#log.warn('A task worker died', { worker: session.worker });
      } else alive.add(session._id);
    }
    for (const document of active) {
      const { job, task_id: task } = readRecord(document);
      if (job.session === undefined || alive.has(job.session)) continue;
      const end = lost(job.session, timeText(this.#now()));
      const result = await this.#store.update('tasks', document._id, end);
      if (result.outcome !== 'updated') continue;
      const { state } = readRecord(result.document);
      this.#log.warn('A task lost its worker', { task, state });
    }
  }

  /** Takes the signs in. While nobody could look, nobody could give signs either: all count anew. */
  #fresh(sessions: readonly StoredDocument[]): readonly StoredDocument[] {
    const now = performance.now();
    if (now - this.#lookedAt > this.#timing.leaseMilliseconds / 2) this.#signs.clear();
    this.#lookedAt = now;
    const present = new Set(sessions.map(({ _id }) => _id));
    for (const id of this.#signs.keys()) if (!present.has(id)) this.#signs.delete(id);
    for (const { _id, _version: version } of sessions) {
      if (this.#signs.get(_id)?.version !== version) this.#signs.set(_id, { version, since: now });
    }
    return sessions;
  }

  /** Ends the lease if its time has come: a sign that comes meanwhile keeps it. */
  async #isOver({ _id, _version, lease }: StoredDocument): Promise<boolean> {
    const sign = this.#signs.get(_id);
    if (sign === undefined || performance.now() - sign.since <= Number(lease)) return false;
    return (await this.#store.remove('task_sessions', _id, _version)) !== 'conflict';
  }
}
