/** A pool whose processes are a few lines of a model: the decisions alone, at any pace. */

import assert from 'node:assert/strict';
import type { Action } from '../../../src/workers/decisions/actions.ts';
import { nextAction } from '../../../src/workers/decisions/policy.ts';
import {
  headOf,
  isIn,
  type PoolState,
  placesOf,
  type WorkerState,
  workersOf,
} from '../../../src/workers/decisions/pool-state.ts';
import { processesPerSlotMax } from '../../../src/workers/decisions/spawning.ts';
import { defaultTiming } from '../../../src/workers/decisions/timing.ts';
import { apply, type Change, initialState } from '../../../src/workers/decisions/transitions.ts';
import type { WorkerReport } from '../../../src/workers/messages.ts';
import type { InstancePlan, Supervision } from '../../../src/workers/plan.ts';

export const supervision: Supervision = {
  heartbeatSeconds: 1,
  silenceSeconds: 10,
  answerSeconds: 2,
  abortSeconds: 3,
  bootSeconds: 60,
  drainSeconds: 30,
  requestSeconds: 60,
  backOffSeconds: 0.5,
  backOffSecondsMax: 60,
  bootAttemptsMax: 5,
  recycle: { requests: 0, ageSeconds: 0, memoryBytes: 0, jitter: 0 },
  memoryBytesMax: 0,
};

export const quietReport: WorkerReport = {
  requests: 0,
  exceptions: 0,
  overdue: 0,
  requestsInFlight: 0,
  oldestRequest: undefined,
  connections: 0,
  bytesSent: 0,
  runningMicroseconds: 0,
  averageMicroseconds: 0,
  rssBytes: 50_000_000,
  metrics: undefined,
};

/** @param pools how many workers each has */
export function planOf(
  pools: Readonly<Record<string, number>>,
  changes: Partial<Supervision> = {},
): InstancePlan {
  return {
    pools: Object.entries(pools).map(([name, workers]) => ({ name, workers, listeners: [] })),
    supervision: { ...supervision, ...changes },
    payload: undefined,
  };
}

/** How a process behaves. */
export interface Behaviour {
  /** Undefined: it is never ready. */
  readonly bootMs: number | undefined;
  readonly diesAtBoot: boolean;
  /** Time to end once it drains; undefined: it does not. */
  readonly drainMs: number | undefined;
  readonly ignoresAbort: boolean;
  /** Whether its event loop runs: it reports and answers. */
  readonly isAlive: boolean;
  readonly report: WorkerReport;
}

export const wellBehaved: Behaviour = {
  bootMs: 300,
  diesAtBoot: false,
  drainMs: 1000,
  ignoresAbort: false,
  isAlive: true,
  report: quietReport,
};

interface ModelProcess {
  readonly id: number;
  behaviour: Behaviour;
  readonly bornAt: number;
  isReady: boolean;
  endsAt: number;
}

const tickMs = 250;
const actionsPerTickMax = 200;
const recyclings: ReadonlySet<unknown> = new Set(['requests', 'age', 'memory']);

export class PoolModel {
  state: PoolState;
  now = 0;
  readonly actions: Action[] = [];
  readonly processes = new Map<number, ModelProcess>();
  /** For the processes to come. */
  nextBehaviour: (generation: number) => Behaviour = () => wellBehaved;
  random: () => number = () => 0.5;

  constructor(plan: InstancePlan) {
    this.state = initialState(plan);
    this.settle();
  }

  change(change: Change): void {
    this.state = apply(this.state, change, this.now, defaultTiming);
    this.settle();
  }

  /** Lets time pass, in ticks. */
  advance(seconds: number): void {
    const end = this.now + seconds * 1000;
    while (this.now < end) {
      this.now += tickMs;
      for (const process of [...this.processes.values()]) this.#live(process);
      this.settle();
    }
  }

  /** The process ends by itself, or by somebody's hand. */
  die(id: number, how = 'SIGKILL'): void {
    if (!this.processes.delete(id)) return;
    this.change({ type: 'ended', worker: id, how });
  }

  behave(id: number, behaviour: Partial<Behaviour>): void {
    const process = this.processes.get(id);
    if (process !== undefined) process.behaviour = { ...process.behaviour, ...behaviour };
  }

  settle(): void {
    for (let count = 0; ; count += 1) {
      assert.ok(count < actionsPerTickMax, 'the decisions come to an end');
      const action = nextAction(this.state, this.now, defaultTiming);
      if (action === undefined) break;
      this.#carryOut(action);
    }
    this.#check();
  }

  /** The actions of one type since the beginning. */
  of<T extends Action['type']>(type: T): readonly (Action & { readonly type: T })[] {
    return this.actions.filter(
      (action): action is Action & { readonly type: T } => action.type === type,
    );
  }

  get serving(): readonly WorkerState[] {
    return this.state.workers.filter(({ phase }) => phase === 'serving');
  }

  /** Everything that is wanted serves, in the generation that is wanted, and nothing else exists. */
  get isWhole(): boolean {
    const places = placesOf(this.state.plan);
    return (
      this.state.reload === undefined &&
      this.state.workers.length === places.length &&
      places.every((place) => {
        const head = headOf(this.state, place);
        return head?.phase === 'serving' && head.generation === this.state.generation;
      })
    );
  }

  #live(process: ModelProcess): void {
    const { behaviour, id } = process;
    const isBooted =
      behaviour.bootMs !== undefined && this.now - process.bornAt >= behaviour.bootMs;
    if (this.now >= process.endsAt) this.die(id, 'exit code 0');
    else if (!process.isReady && isBooted && behaviour.diesAtBoot) this.die(id, 'exit code 1');
    else if (!process.isReady && isBooted) {
      process.isReady = true;
      this.change({ type: 'ready', worker: id });
    }
    if (!process.isReady || !behaviour.isAlive || !this.processes.has(id)) return;
    this.change({ type: 'heard', worker: id, report: behaviour.report });
  }

  #carryOut(action: Action): void {
    this.actions.push(action);
    const before = this.state;
    const change = action.type === 'spawn' ? { ...action, random: this.random() } : action;
    this.state = apply(before, change, this.now, defaultTiming);
    switch (action.type) {
      case 'spawn':
        this.processes.set(action.worker, {
          id: action.worker,
          behaviour: this.nextBehaviour(action.generation),
          bornAt: this.now,
          isReady: false,
          endsAt: Infinity,
        });
        break;
      case 'drain':
        this.#checkDrain(before, action.worker, action.cause);
        this.#end(action.worker, ({ drainMs, isAlive }) => (isAlive ? drainMs : undefined));
        break;
      case 'dismiss':
        this.#end(action.worker, ({ isAlive, drainMs }) =>
          isAlive && drainMs !== undefined ? 500 : undefined,
        );
        break;
      case 'abort':
        this.#end(action.worker, ({ ignoresAbort }) => (ignoresAbort ? undefined : 100));
        break;
      case 'kill':
        this.#end(action.worker, () => 100);
        break;
      default:
    }
  }

  #end(id: number, afterMs: (behaviour: Behaviour) => number | undefined): void {
    const process = this.processes.get(id);
    if (process === undefined) return;
    process.endsAt = Math.min(process.endsAt, this.now + (afterMs(process.behaviour) ?? Infinity));
  }

  /** No slot is emptied by choice: whoever is drained has a successor that serves. */
  #checkDrain(before: PoolState, id: number, cause: string): void {
    if (cause === 'stopped' || cause === 'removed') return;
    const worker = before.workers.find((one) => one.id === id);
    assert.ok(worker !== undefined);
    const successor = before.workers.find(
      (one) => one.id !== id && isIn(one, worker) && one.phase === 'serving',
    );
    assert.ok(successor !== undefined, `worker ${id} is drained without a successor`);
  }

  #check(): void {
    const { state } = this;
    for (const slot of state.slots) {
      const count = workersOf(state, slot).length;
      assert.ok(count <= processesPerSlotMax, `${count} processes in one slot`);
    }
    const recycled = state.workers.filter(({ leaving }) => recyclings.has(leaving));
    assert.ok(recycled.length <= 1, `${recycled.length} workers are recycled at once`);
    const reloaded = state.workers.filter(({ leaving }) => leaving === 'reload');
    assert.ok(reloaded.length <= 1, `${reloaded.length} workers are reloaded at once`);
    assert.equal(new Set(state.slots.map(({ number }) => number)).size, state.slots.length);
    assert.deepEqual(
      state.workers.map(({ id }) => id),
      [...this.processes.keys()],
    );
  }
}
