/** What the primary shows of itself: to the stats, the metrics and the status. */

import type { PoolState, RestartCause, WorkerState } from './decisions/pool-state.ts';
import { restartCauses } from './decisions/pool-state.ts';
import type { ProcessFacts } from './fleet.ts';
import type {
  PoolView,
  PrimaryView,
  ReloadOutcome,
  RestartView,
  WorkerView,
} from './primary-types.ts';

/** What happened since the start. */
export class History {
  readonly #restarts = new Map<RestartCause, number>(restartCauses.map((cause) => [cause, 0]));
  readonly #reloads = { done: 0, refused: 0, superseded: 0 };
  #lastRestart: RestartView | undefined;
  #lastRefusal: string | undefined;

  /** A first start is none. */
  spawned(worker: number, cause: string): void {
    const restart = restartCauses.find((one) => one === cause);
    if (restart === undefined) return;
    this.#restarts.set(restart, (this.#restarts.get(restart) ?? 0) + 1);
    this.#lastRestart = { worker, cause: restart, at: new Date() };
  }

  reloaded(outcome: ReloadOutcome): void {
    this.#reloads[outcome.outcome] += 1;
    if (outcome.outcome === 'refused') this.#lastRefusal = outcome.reason;
  }

  view(): Pick<PrimaryView, 'restarts' | 'lastRestart' | 'reloads' | 'lastRefusal'> {
    return {
      restarts: Object.fromEntries(this.#restarts) as Record<RestartCause, number>,
      lastRestart: this.#lastRestart,
      reloads: { ...this.#reloads },
      lastRefusal: this.#lastRefusal,
    };
  }
}

export function viewOfWorker(worker: WorkerState, facts: ProcessFacts): WorkerView {
  const { pool, slot, generation, phase, report } = worker;
  return { ...facts, pool, slot, generation, phase, report };
}

export function viewOfPools({ plan, workers }: PoolState): readonly PoolView[] {
  return plan.pools.map((pool) => ({
    name: pool.name,
    wanted: pool.workers,
    serving: workers.filter((worker) => worker.pool === pool.name && worker.phase === 'serving')
      .length,
  }));
}

export function stateOf(state: PoolState): PrimaryView['state'] {
  if (state.stop !== undefined) return 'stopping';
  if (state.reload !== undefined) return 'reloading';
  return isReady(state) ? 'serving' : 'starting';
}

/** A pool that cannot bring up a worker keeps the others from nothing. */
export function isReady({ plan, served, bootDeaths }: PoolState): boolean {
  const { bootAttemptsMax } = plan.supervision;
  return (
    served.size > 0 &&
    plan.pools.every(
      ({ name }) => served.has(name) || (bootDeaths.get(name) ?? 0) >= bootAttemptsMax,
    )
  );
}
