/** Which sockets a plan needs, and which of them a service manager has passed. */

import { PortcullisError } from '../../errors.ts';
import { describeAddress, type ListenAddress, workerAddress } from '../../listen-address.ts';
import type { InstancePlan, ListenerPlan, PoolPlan } from '../plan.ts';
import { listenRefused } from './listen-failure.ts';
import { describePassed, type PassedSocket } from './passed-sockets.ts';
import { isSameAddress } from './same-address.ts';

/** One socket of a plan. */
export interface SocketSlot {
  /** Of {@link slotKey}. */
  readonly key: string;
  readonly pool: string;
  readonly listener: ListenerPlan;
  readonly address: ListenAddress;
}

/** @param slot of the worker, from 1; undefined when all workers of the pool share the socket */
export function slotKey(pool: string, listener: string, slot: number | undefined): string {
  return JSON.stringify([pool, listener, slot ?? 0]);
}

/** @throws PortcullisError LISTEN_FAILED when two sockets have one address */
export function slotsOf(plan: InstancePlan): readonly SocketSlot[] {
  const slots = plan.pools.flatMap((pool) =>
    pool.listeners.flatMap((listener) => slotsOfListener(pool, listener)),
  );
  for (const [index, { address }] of slots.entries()) {
    const isTwice = slots.slice(0, index).some((slot) => isSameAddress(slot.address, address));
    if (isTwice) throw listenRefused(address, 'two sockets of the configuration have this address');
  }
  return slots;
}

function slotsOfListener(pool: PoolPlan, listener: ListenerPlan): readonly SocketSlot[] {
  const { name, address, sockets } = listener;
  const base = { pool: pool.name, listener };
  if (sockets === 'shared') return [{ ...base, key: slotKey(pool.name, name, undefined), address }];
  return Array.from({ length: pool.workers }, (_, index) => ({
    ...base,
    key: slotKey(pool.name, name, index + 1),
    address: workerAddress(address, index + 1),
  }));
}

/**
 * Gives each passed socket to the slot that its name means, as `main.uwsgi` or `uwsgi`, and among
 * those of one name by its address; a name that means none counts for nothing, and the address decides.
 *
 * @returns the passed sockets by the key of their slot
 * @throws PortcullisError LISTEN_FAILED, naming those that fit nowhere: nobody would accept from them
 */
export function assignPassed(
  passed: readonly PassedSocket[],
  slots: readonly SocketSlot[],
): ReadonlyMap<string, PassedSocket> {
  const assigned = new Map<string, PassedSocket>();
  let open = passed;
  for (const fits of [fitsBoth, isNamed, isAtAddress]) {
    open = open.filter((socket) => {
      const slot = slots.find(
        (candidate) => !assigned.has(candidate.key) && fits(socket, candidate),
      );
      if (slot !== undefined) assigned.set(slot.key, socket);
      return slot === undefined;
    });
  }
  if (open.length === 0) return assigned;
  const expected = slots.map(({ address }) => describeAddress(address)).join(', ');
  throw new PortcullisError(
    'LISTEN_FAILED',
    `Cannot use the sockets that were passed: ${open.map(describePassed).join('; ')} fits no listener; the listeners are ${expected}`,
  );
}

type Fits = (socket: PassedSocket, slot: SocketSlot) => boolean;

const isNamed: Fits = ({ name }, { pool, listener }) =>
  name === `${pool}.${listener.name}` || name === listener.name;

const isAtAddress: Fits = (socket, slot) => isSameAddress(socket.address, slot.address);

const fitsBoth: Fits = (socket, slot) => isNamed(socket, slot) && isAtAddress(socket, slot);
