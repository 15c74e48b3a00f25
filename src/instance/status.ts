/** What a running instance says of itself, put together from the primary's view and its sockets. */

import packageJson from '../../package.json' with { type: 'json' };
import type { ListenAddress } from '../listen-address.ts';
import { listenQueues } from '../metrics/listen-queue.ts';
import type { ListenerStatus, PrimaryStatus } from '../metrics/status.ts';
import type { InstancePlan } from '../workers/plan.ts';
import type { PrimaryView } from '../workers/primary-types.ts';
import type { SocketSet } from '../workers/socket-set.ts';

export interface InstanceFacts {
  readonly view: PrimaryView;
  readonly plan: InstancePlan;
  readonly sockets: SocketSet;
  readonly startedAt: Date;
  /** Lines that the primary's own log has lost. */
  readonly logLinesLost: number;
  /** Connections that may wait at a socket. */
  readonly queueMax: number;
}

export function statusOf(facts: InstanceFacts): PrimaryStatus {
  const { view, startedAt, logLinesLost } = facts;
  return {
    ...view,
    ...{ startedAt, logLinesLost },
    version: packageJson.version,
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    cwd: process.cwd(),
    rssBytes: process.memoryUsage.rss(),
    listeners: listenersOf(facts),
  };
}

interface NamedSocket {
  readonly pool: string;
  readonly name: string;
  readonly address: ListenAddress;
}

function listenersOf({ plan, sockets, queueMax }: InstanceFacts): readonly ListenerStatus[] {
  const named = namedSockets(plan, sockets);
  const queues = listenQueues(named.map(({ address }) => address));
  return named.map((socket, index) => ({ ...socket, queue: queues[index] ?? 0, queueMax }));
}

/** Each socket once, however many workers share it. */
export function namedSockets(plan: InstancePlan, sockets: SocketSet): readonly NamedSocket[] {
  return plan.pools.flatMap(({ name: pool, workers, listeners }) =>
    listeners.flatMap((listener) => {
      const count = listener.sockets === 'shared' ? 1 : workers;
      return Array.from({ length: count }, (_, index) => {
        const { address } = sockets.get('current', pool, listener.name, index + 1);
        return { pool, name: listener.name, address };
      });
    }),
  );
}
