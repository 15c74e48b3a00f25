/** Which sockets a plan needs, and which of them a service manager has passed. */

import { PortcullisError } from '../../errors.ts';
import { describeAddress, type ListenAddress, workerAddress } from '../../listen-address.ts';
import type { InstancePlan, ListenerPlan, PoolPlan } from '../plan.ts';
import { listenRefused } from './listen-failure.ts';
import { describePassed, type PassedSocket } from './passed-sockets.ts';
import { isSameAddress } from './same-address.ts';

/** One socket of a plan. */
export interface PlannedSocket {
  /** Of {@link socketKey}. */
  readonly key: string;
  readonly pool: string;
  readonly listener: ListenerPlan;
  readonly address: ListenAddress;
}

/** @param slot of the worker, from 1; undefined when all workers of the pool share the socket */
export function socketKey(pool: string, listener: string, slot: number | undefined): string {
  return JSON.stringify([pool, listener, slot ?? 0]);
}

/** @throws PortcullisError LISTEN_FAILED when two sockets have one address */
export function plannedSockets(plan: InstancePlan): readonly PlannedSocket[] {
  const sockets = plan.pools.flatMap((pool) =>
    pool.listeners.flatMap((listener) => socketsOfListener(pool, listener)),
  );
  for (const [index, { address }] of sockets.entries()) {
    const isTwice = sockets.slice(0, index).some((other) => isSameAddress(other.address, address));
    if (isTwice) throw listenRefused(address, 'two sockets of the configuration have this address');
  }
  return sockets;
}

function socketsOfListener(pool: PoolPlan, listener: ListenerPlan): readonly PlannedSocket[] {
  const { name, address, sockets } = listener;
  const base = { pool: pool.name, listener };
  if (sockets === 'shared')
    return [{ ...base, key: socketKey(pool.name, name, undefined), address }];
  return Array.from({ length: pool.workers }, (_, index) => ({
    ...base,
    key: socketKey(pool.name, name, index + 1),
    address: workerAddress(address, index + 1),
  }));
}

/**
 * Gives each passed socket to the planned one that its name means, as `main.uwsgi` or `uwsgi`, and among
 * those of one name by its address; a name that means none counts for nothing, and the address decides.
 *
 * @returns the passed sockets by the key of the planned one
 * @throws PortcullisError LISTEN_FAILED, naming those that fit nowhere: nobody would accept from them
 */
export function assignPassed(
  passed: readonly PassedSocket[],
  planned: readonly PlannedSocket[],
): ReadonlyMap<string, PassedSocket> {
  const assigned = new Map<string, PassedSocket>();
  let open = passed;
  for (const fits of [fitsBoth, isNamed, isAtAddress]) {
    open = open.filter((socket) => {
      const place = planned.find(
        (candidate) => !assigned.has(candidate.key) && fits(socket, candidate),
      );
      if (place !== undefined) assigned.set(place.key, socket);
      return place === undefined;
    });
  }
  if (open.length === 0) return assigned;
  const expected = planned.map(({ address }) => describeAddress(address)).join(', ');
  throw new PortcullisError(
    'LISTEN_FAILED',
    `Cannot use the sockets that were passed: ${open.map(describePassed).join('; ')} fits no listener; the listeners are ${expected}`,
  );
}

type Fits = (socket: PassedSocket, planned: PlannedSocket) => boolean;

const isNamed: Fits = ({ name }, { pool, listener }) =>
  name === `${pool}.${listener.name}` || name === listener.name;

const isAtAddress: Fits = (socket, planned) => isSameAddress(socket.address, planned.address);

const fitsBoth: Fits = (socket, planned) =>
  isNamed(socket, planned) && isAtAddress(socket, planned);
