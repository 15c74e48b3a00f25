/** The processes of the workers, by the ids of the pool's state. */

import type { Action, SpawnAction } from './decisions/actions.ts';
import type { SlotState } from './decisions/pool-state.ts';
import type { FromWorker, StartMessage } from './messages.ts';
import type { InstancePlan } from './plan.ts';
import type { PrimaryParts } from './primary-types.ts';
import { type ListenerSocket, WorkerProcess } from './worker-process.ts';

/** What is known of a process beside the state of the pool. */
export interface ProcessFacts {
  readonly number: number;
  readonly pid: number;
  readonly startedAt: Date;
  readonly spawns: number;
  readonly addresses: readonly string[];
}

export interface FleetEvents {
  onMessage(worker: number, message: FromWorker): void;
  onEnd(worker: number, how: string): void;
}

/** What is done to one worker that exists. */
export type WorkerAction = Exclude<Extract<Action, { readonly worker: number }>, SpawnAction>;

interface Member {
  readonly process: WorkerProcess;
  readonly facts: Omit<ProcessFacts, 'pid'>;
}

export class Fleet {
  readonly #parts: Pick<PrimaryParts, 'program' | 'sockets'>;
  readonly #events: FleetEvents;
  readonly #members = new Map<number, Member>();

  constructor(parts: Pick<PrimaryParts, 'program' | 'sockets'>, events: FleetEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  /**
   * @param slot with this start counted
   * @param of whether `plan` is the one that runs, or that of a reload
   */
  start(action: SpawnAction, slot: SlotState, plan: InstancePlan, of: 'current' | 'next'): void {
    const { worker: id, pool } = action;
    const { number, spawns } = slot;
    const { heartbeatSeconds, silenceSeconds } = plan.supervision;
    const start: Omit<StartMessage, 'type' | 'sockets'> = {
      worker: number,
      pool,
      heartbeatSeconds,
      silenceSeconds,
      primary: process.pid,
      payload: plan.payload,
    };
    const { program } = this.#parts;
    const { nodeArguments = [] } = plan.pools.find(({ name }) => name === pool) ?? {};
    const child = new WorkerProcess(
      { ...program, args: [...nodeArguments, ...program.args] },
      () => this.#sockets(plan, action, of),
      start,
      {
        onMessage: (message) => this.#events.onMessage(id, message),
        onEnd: (how) => this.#events.onEnd(id, how),
      },
    );
    const facts = { number, spawns, startedAt: new Date(), addresses: [] };
    this.#members.set(id, { process: child, facts });
  }

  /** Does to a process what `action` says; to one that is gone, nothing. */
  tell(action: WorkerAction): void {
    const child = this.#members.get(action.worker)?.process;
    switch (action.type) {
      case 'ask':
        child?.send({ type: 'answer' });
        break;
      case 'drain':
        child?.send({ type: 'drain' });
        break;
      case 'dismiss':
        child?.dismiss();
        break;
      case 'abort':
        child?.signal('SIGABRT');
        break;
      case 'kill':
        child?.signal('SIGKILL');
        break;
      default:
    }
  }

  reopenLogs(): void {
    for (const { process: child } of this.#members.values()) child.send({ type: 'reopen-log' });
  }

  setAddresses(id: number, addresses: readonly string[]): void {
    const member = this.#members.get(id);
    if (member === undefined) return;
    this.#members.set(id, { ...member, facts: { ...member.facts, addresses } });
  }

  /** @throws Error for an id that was never started, or was forgotten */
  factsOf(id: number): ProcessFacts {
    const member = this.#members.get(id);
    if (member === undefined) throw new Error(`worker process ${id} is not known`);
    return { ...member.facts, pid: member.process.pid };
  }

  forget(id: number): void {
    this.#members.delete(id);
  }

  #sockets(
    plan: InstancePlan,
    { pool, slot }: SpawnAction,
    of: 'current' | 'next',
  ): readonly ListenerSocket[] {
    const listeners = plan.pools.find(({ name }) => name === pool)?.listeners ?? [];
    return listeners.map(({ name }) => ({
      listener: name,
      ...this.#parts.sockets.get(of, pool, name, slot),
    }));
  }
}
