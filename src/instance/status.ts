/** What a running instance says of itself, put together from the primary's view and its sockets. */

import packageJson from '../../package.json' with { type: 'json' };
import type { ListenAddress } from '../listen-address.ts';
import { listenQueues } from '../metrics/listen-queue.ts';
import { residentBytes } from '../metrics/resident-memory.ts';
import type { ListenerStatus, PrimaryStatus } from '../metrics/status.ts';
import type { InstancePlan } from '../workers/plan.ts';
import type { Primary, PrimaryView } from '../workers/primary-types.ts';
import type { SocketSet } from '../workers/socket-set.ts';

export interface InstanceFacts {
  /** What runs; undefined while the sockets are bound and nobody serves from them yet. */
  readonly primary: Pick<Primary, 'plan' | 'view'> | undefined;
  /** What is to run. */
  readonly firstPlan: InstancePlan;
  readonly sockets: SocketSet;
  readonly startedAt: Date;
  /** Lines that the primary's own log has lost. */
  readonly logLinesLost: number;
  /** Connections that may wait at a socket. */
  readonly queueMax: number;
}

export function statusOf(facts: InstanceFacts): PrimaryStatus {
  const { primary, firstPlan, startedAt, logLinesLost } = facts;
  return {
    ...(primary?.view() ?? viewBefore(firstPlan)),
    ...{ startedAt, logLinesLost },
    version: packageJson.version,
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    cwd: process.cwd(),
    rssBytes: residentBytes(),
    listeners: listenersOf(facts),
  };
}

function viewBefore({ pools }: InstancePlan): ViewBefore {
  return {
    state: 'starting',
    generation: 1,
    pools: pools.map(({ name, workers }) => ({ name, wanted: workers, serving: 0 })),
    workers: [],
    restarts: {},
    lastRestart: undefined,
    reloads: { done: 0, refused: 0, superseded: 0 },
    lastRefusal: undefined,
  };
}

/** There are no causes of restarts yet. */
type ViewBefore = Omit<PrimaryView, 'restarts'> & Pick<PrimaryStatus, 'restarts'>;

interface NamedSocket {
  readonly pool: string;
  readonly name: string;
  readonly address: ListenAddress;
}

function listenersOf({
  primary,
  firstPlan,
  sockets,
  queueMax,
}: InstanceFacts): readonly ListenerStatus[] {
  const named = namedSockets(primary?.plan ?? firstPlan, sockets);
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
