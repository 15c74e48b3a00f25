/** Carries out what policy.ts decides. Nothing else starts, tells or ends a worker. */

import type { Action, SpawnAction } from './decisions/actions.ts';
import { causeOfEnd } from './decisions/death.ts';
import { nextAction } from './decisions/policy.ts';
import { isIn, type PoolState, type WorkerState } from './decisions/pool-state.ts';
import { defaultTiming, type Timing } from './decisions/timing.ts';
import { apply, type Change, initialState } from './decisions/transitions.ts';
import { Fleet, type WorkerAction } from './fleet.ts';
import { every } from './interval.ts';
import type { FromWorker } from './messages.ts';
import type { InstancePlan } from './plan.ts';
import type { PrimaryLog } from './primary-log.ts';
import type { PrimaryParts, WorkerView } from './primary-types.ts';
import { type History, viewOfWorker } from './primary-view.ts';

/** How often the clock alone may bring something about, seconds. */
const tickSeconds = { min: 0.01, max: 0.25 };

/** What the rest of the primary has to know. */
export interface SupervisorEvents {
  /** After every change. */
  onChange(state: PoolState): void;
  /** Before anything is started by the plan that runs then. */
  onReloadEnd(failure: string | undefined): void;
  onGiveUp(reason: string, exitCode: number | undefined): void;
}

export class Supervisor {
  readonly #parts: PrimaryParts;
  readonly #log: PrimaryLog;
  readonly #history: History;
  readonly #events: SupervisorEvents;
  readonly #fleet: Fleet;
  readonly #timing: Timing;
  #ticks: Disposable | undefined;
  #soon: NodeJS.Immediate | undefined;
  #state: PoolState;

  constructor(
    plan: InstancePlan,
    parts: PrimaryParts,
    log: PrimaryLog,
    history: History,
    events: SupervisorEvents,
  ) {
    this.#parts = parts;
    this.#log = log;
    this.#history = history;
    this.#events = events;
    this.#timing = parts.timing ?? defaultTiming;
    this.#fleet = new Fleet(parts, {
      onMessage: (worker, message) => this.#hear(worker, message),
      onEnd: (worker, how) => this.#bury(worker, how),
    });
    this.#state = initialState(plan);
  }

  get state(): PoolState {
    return this.#state;
  }

  start(): void {
    const { heartbeatSeconds } = this.#state.plan.supervision;
    const seconds = Math.max(tickSeconds.min, Math.min(tickSeconds.max, heartbeatSeconds / 2));
    this.#ticks = every('the tick of the primary', seconds, () => this.#settleSoon());
    this.#settle();
  }

  /** No more ticks. */
  end(): void {
    this.#ticks?.[Symbol.dispose]();
  }

  reopenLogs(): void {
    this.#fleet.reopenLogs();
  }

  views(): readonly WorkerView[] {
    return this.#state.workers.map((worker) => this.#view(worker));
  }

  change(change: Change): void {
    this.#apply(change);
    this.#settle();
  }

  #apply(change: Change): void {
    this.#state = apply(this.#state, change, this.#now(), this.#timing);
  }

  /**
   * What workers have said while this process was held up is read before any of them is judged: the
   * first that is heard must not have the others taken for silent.
   */
  #settleSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#settle();
    });
  }

  #settle(): void {
    for (;;) {
      const action = nextAction(this.#state, this.#now(), this.#timing);
      if (action === undefined) break;
      this.#carryOut(action);
    }
    this.#events.onChange(this.#state);
  }

  #carryOut(action: Action): void {
    switch (action.type) {
      case 'spawn':
        this.#spawn(action);
        break;
      case 'finish-reload':
        this.#apply(action);
        this.#events.onReloadEnd(action.failure);
        break;
      case 'give-up':
        this.#log.gaveUp(action.failure.reason);
        this.#apply(action);
        this.#events.onGiveUp(action.failure.reason, action.failure.exitCode);
        break;
      default:
        this.#actOn(action);
    }
  }

  #actOn(action: WorkerAction): void {
    this.#apply(action);
    const worker = this.#worker(action.worker);
    if (worker === undefined) return;
    this.#log.acted(action, this.#view(worker));
    this.#fleet.tell(action);
  }

  #spawn(action: SpawnAction): void {
    this.#apply({ ...action, random: (this.#parts.random ?? Math.random)() });
    const { plan, reload, slots } = this.#state;
    const slot = slots.find((one) => isIn(one, action));
    if (slot === undefined) return;
    const next = reload?.generation === action.generation ? reload.plan : undefined;
    this.#fleet.start(action, slot, next ?? plan, next === undefined ? 'current' : 'next');
    this.#history.spawned(slot.number, action.cause);
    const worker = this.#worker(action.worker);
    if (worker !== undefined) this.#log.spawned(this.#view(worker), action.cause);
  }

  #hear(id: number, message: FromWorker): void {
    const worker = this.#worker(id);
    if (worker === undefined) return;
    if (message.type === 'ready') {
      if (worker.readyAt !== undefined) return;
      this.#fleet.setAddresses(id, message.addresses);
      this.#log.ready(this.#view(worker), message.version);
      this.#apply({ type: 'ready', worker: id });
    } else if (message.type === 'failed') {
      if (worker.failure !== undefined) return;
      const { reason, exitCode } = message;
      this.#log.cannotStart(this.#view(worker), reason);
      this.#apply({ type: 'failed', worker: id, failure: { reason, exitCode } });
    } else {
      if (worker.phase === 'asked') this.#log.answered(this.#view(worker));
      // What it brings about the next tick finds: to decide at each would be the work of many workers squared.
      this.#apply({ type: 'heard', worker: id, report: message.report });
      return;
    }
    this.#settleSoon();
  }

  #bury(id: number, how: string): void {
    const worker = this.#worker(id);
    if (worker === undefined) return;
    const view = this.#view(worker);
    this.#apply({ type: 'ended', worker: id, how });
    this.#fleet.forget(id);
    const slot = this.#state.slots.find((one) => isIn(one, worker));
    this.#log.ended(view, causeOfEnd(worker), how, slot, this.#now());
    if (worker.report !== undefined) this.#parts.onWorkerEnded?.(worker.report, view);
    this.#settleSoon();
  }

  #worker(id: number): WorkerState | undefined {
    return this.#state.workers.find((worker) => worker.id === id);
  }

  #view(worker: WorkerState): WorkerView {
    return viewOfWorker(worker, this.#fleet.factsOf(worker.id));
  }

  #now(): number {
    return this.#parts.now === undefined ? performance.now() : this.#parts.now();
  }
}
