/** The primary: the workers of an instance and what an operator may ask of them. */

import { messageOf } from '../errors.ts';
import { ChangeQueue } from './change-queue.ts';
import { checkPlan } from './decisions/check-plan.ts';
import type { PoolState } from './decisions/pool-state.ts';
import { resized } from './decisions/resize.ts';
import type { InstancePlan } from './plan.ts';
import { PrimaryLog } from './primary-log.ts';
import type {
  Primary,
  PrimaryEnd,
  PrimaryParts,
  PrimaryView,
  ReloadOutcome,
  ResizeOutcome,
} from './primary-types.ts';
import { History, isReady, stateOf, viewOfPools } from './primary-view.ts';
import { Supervisor } from './supervisor.ts';

/**
 * Starts the workers of `plan`, whose sockets are open.
 *
 * @throws PortcullisError CONFIG_INVALID for a plan that cannot be run; nothing was started then
 */
export function startPrimary(plan: InstancePlan, parts: PrimaryParts): Primary {
  checkPlan(plan);
  parts.sockets.commit();
  return new RunningPrimary(plan, parts);
}

type PlanSource = Parameters<Primary['reload']>[0];

const isStopping = 'the instance is stopping';

class RunningPrimary implements Primary {
  readonly #sockets: PrimaryParts['sockets'];
  readonly #log: PrimaryLog;
  readonly #history = new History();
  readonly #changes = new ChangeQueue();
  readonly #ready = Promise.withResolvers<boolean>();
  readonly #done = Promise.withResolvers<PrimaryEnd>();
  readonly #supervisor: Supervisor;
  #end: PrimaryEnd = { cause: 'drained' };
  #reloadEnded: ((failure: string | undefined) => void) | undefined;

  constructor(plan: InstancePlan, parts: PrimaryParts) {
    this.#sockets = parts.sockets;
    this.#log = new PrimaryLog(parts.log);
    this.#supervisor = new Supervisor(plan, parts, this.#log, this.#history, {
      onChange: (state) => this.#look(state),
      onReloadEnd: (failure) => this.#endReload(failure),
      onGiveUp: (reason, exitCode) => {
        this.#end = { cause: 'cannot-start', reason, exitCode };
        this.#endReload(reason);
      },
    });
    this.#supervisor.start();
  }

  get ready(): Promise<boolean> {
    return this.#ready.promise;
  }

  get done(): Promise<PrimaryEnd> {
    return this.#done.promise;
  }

  get plan(): InstancePlan {
    return this.#supervisor.state.plan;
  }

  async reload(load: PlanSource): Promise<ReloadOutcome> {
    const outcome = await this.#changes.newest<ReloadOutcome>(() => this.#reload(load), {
      outcome: 'superseded',
    });
    this.#history.reloaded(outcome);
    this.#log.reloaded(outcome, this.#supervisor.state.generation);
    return outcome;
  }

  drain(): void {
    this.#stop('drain');
  }

  interrupt(): void {
    this.#stop('interrupt');
  }

  addWorker(): Promise<ResizeOutcome> {
    return this.#resize(1);
  }

  removeWorker(): Promise<ResizeOutcome> {
    return this.#resize(-1);
  }

  reopenLogs(): void {
    this.#supervisor.reopenLogs();
  }

  view(): PrimaryView {
    const { state } = this.#supervisor;
    const workers = this.#supervisor.views();
    return {
      state: stateOf(state),
      generation: state.generation,
      pools: viewOfPools(state),
      workers: workers.toSorted((one, other) => one.number - other.number),
      ...this.#history.view(),
    };
  }

  async #reload(load: PlanSource): Promise<ReloadOutcome> {
    const plan = await this.#open(load);
    if (typeof plan === 'string') return { outcome: 'refused', reason: plan };
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#reloadEnded = resolve;
    this.#log.reloading(this.#supervisor.state.generations + 1);
    this.#supervisor.change({ type: 'reload', plan });
    const failure = await promise;
    return failure === undefined ? { outcome: 'done' } : { outcome: 'refused', reason: failure };
  }

  async #resize(by: 1 | -1): Promise<ResizeOutcome> {
    const busy: ResizeOutcome = { outcome: 'refused', reason: 'too many changes wait already' };
    const outcome = await (this.#changes.inTurn(() => this.#changeSize(by)) ?? busy);
    this.#log.resized(outcome);
    return outcome;
  }

  async #changeSize(by: 1 | -1): Promise<ResizeOutcome> {
    const wanted = resized(this.plan, by);
    const plan = typeof wanted === 'string' ? wanted : await this.#open(() => wanted);
    if (typeof plan === 'string') return { outcome: 'refused', reason: plan };
    this.#sockets.commit();
    this.#supervisor.change({ type: 'resize', plan });
    return { outcome: 'done', workers: plan.pools[0]?.workers ?? 0 };
  }

  /** @returns the plan with its sockets open, or why there is none */
  async #open(load: PlanSource): Promise<InstancePlan | string> {
    if (this.#isStopping()) return isStopping;
    try {
      const plan = await load();
      checkPlan(plan);
      await this.#sockets.open(plan);
      if (!this.#isStopping()) return plan;
    } catch (error) {
      return this.#isStopping() ? isStopping : messageOf(error);
    }
    this.#sockets.rollback();
    return isStopping;
  }

  #stop(how: 'drain' | 'interrupt'): void {
    const { stop, workers } = this.#supervisor.state;
    if (stop === 'interrupt' || stop === how) return;
    this.#end = { cause: how === 'drain' ? 'drained' : 'interrupted' };
    this.#log.stopping(how, workers.length);
    this.#endReload(isStopping);
    this.#supervisor.change({ type: 'stop', how });
    // A connection that waited here for the end of the drain would be answered by nobody.
    this.#sockets.close();
  }

  #isStopping(): boolean {
    return this.#supervisor.state.stop !== undefined;
  }

  #endReload(failure: string | undefined): void {
    const resolve = this.#reloadEnded;
    if (resolve === undefined) return;
    this.#reloadEnded = undefined;
    if (failure === undefined) this.#sockets.commit();
    else this.#sockets.rollback();
    resolve(failure);
  }

  #look(state: PoolState): void {
    if (isReady(state)) this.#ready.resolve(true);
    if (state.stop === undefined || state.workers.length > 0) return;
    this.#supervisor.end();
    this.#ready.resolve(false);
    this.#done.resolve(this.#end);
  }
}
