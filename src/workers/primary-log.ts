/** What the primary writes to the log: a line for each change, and none for what goes on as it did. */

import type { Logger } from '../log.ts';
import { isFault } from './decisions/death.ts';
import type { LeaveCause, SlotState } from './decisions/pool-state.ts';
import type { WorkerAction } from './fleet.ts';
import type { ReloadOutcome, ResizeOutcome, WorkerView } from './primary-types.ts';

export class PrimaryLog {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  spawned(worker: WorkerView, cause: string): void {
    this.#log.info('worker starting', { ...fieldsOf(worker), cause });
  }

  /** @param version of the worker's code */
  ready(worker: WorkerView, version: string): void {
    const { addresses } = worker;
    this.#log.info('worker ready', { ...fieldsOf(worker), version, addresses });
  }

  answered(worker: WorkerView): void {
    this.#log.info('worker answered', fieldsOf(worker));
  }

  cannotStart(worker: WorkerView, reason: string): void {
    this.#log.error('worker cannot start', { ...fieldsOf(worker), reason });
  }

  /** What is done to `worker`, as it is after that. */
  acted(action: WorkerAction, worker: WorkerView): void {
    const fields = { ...fieldsOf(worker), ...('cause' in action ? { cause: action.cause } : {}) };
    switch (action.type) {
      case 'replace': {
        const request = action.cause === 'overdue' ? worker.report?.oldestRequest : undefined;
        this.#log.info('worker to be replaced', { ...fields, request });
        break;
      }
      case 'ask':
        this.#log.warn('worker silent', fields);
        break;
      case 'drain':
        this.#log.info('worker draining', fields);
        break;
      case 'dismiss':
        this.#log.info('worker dismissed', fields);
        break;
      case 'abort':
        this.#log.error('worker aborted', fields);
        break;
      case 'kill':
        this.#log.error('worker killed', fields);
        break;
      default:
    }
  }

  /** @param slot after the death; undefined when the place is gone as well */
  ended(
    worker: WorkerView,
    cause: LeaveCause,
    how: string,
    slot: SlotState | undefined,
    now: number,
  ): void {
    const fields = { ...fieldsOf(worker), cause, how };
    if (!isFault(cause)) {
      this.#log.info('worker ended', fields);
      return;
    }
    const waitMs = slot === undefined ? undefined : Math.max(0, Math.round(slot.notBefore - now));
    this.#log.error('worker died', { ...fields, earlyDeaths: slot?.earlyDeaths, waitMs });
  }

  reloading(generation: number): void {
    this.#log.info('reload started', { generation });
  }

  reloaded(outcome: ReloadOutcome, generation: number): void {
    if (outcome.outcome === 'done') this.#log.info('reload done', { generation });
    else if (outcome.outcome === 'refused') {
      this.#log.error('reload refused', { generation, reason: outcome.reason });
    } else this.#log.info('reload superseded by a newer one', { generation });
  }

  resized(outcome: ResizeOutcome): void {
    if (outcome.outcome === 'done') this.#log.info('pool resized', { workers: outcome.workers });
    else this.#log.warn('pool not resized', { reason: outcome.reason });
  }

  stopping(how: 'drain' | 'interrupt', workers: number): void {
    this.#log.info('workers stopping', { how, workers });
  }

  gaveUp(reason: string): void {
    this.#log.error('no worker can start', { reason });
  }
}

function fieldsOf({ number, pool, generation, pid }: WorkerView): Record<string, unknown> {
  return { worker: number, pool, pid, generation };
}
