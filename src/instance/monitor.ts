/** The servers at which a running instance tells what it is doing. */

import type { Configuration } from '../config/configuration.ts';
import { messageOf } from '../errors.ts';
import { describeAddress, type ListenAddress } from '../listen-address.ts';
import type { Logger } from '../log.ts';
import type { Aggregate } from '../metrics/aggregate.ts';
import type { BoundedServer } from '../metrics/bounded-server.ts';
import { livenessOf, readinessOf } from '../metrics/health.ts';
import { createMonitorServer } from '../metrics/monitor-server.ts';
import { metricsText } from '../metrics/prometheus.ts';
import { createStatsServer } from '../metrics/stats-server.ts';
import type { PrimaryStatus } from '../metrics/status.ts';
import { uwsgiStats } from '../metrics/uwsgi-stats.ts';
import { listenOn } from '../workers/sockets/listen-on.ts';
import type { DirectoryAccess } from '../workers/sockets/socket-place.ts';
import type { FindOwner } from './plan.ts';

export interface MonitorParts {
  readonly log: Logger;
  readonly status: () => PrimaryStatus;
  readonly aggregate: Aggregate;
  readonly findOwner: FindOwner;
  /** What missing directories are made with. */
  readonly directory: DirectoryAccess;
}

export interface Monitor extends AsyncDisposable {
  /** As `metrics` and its address. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** @throws PortcullisError LISTEN_FAILED; nothing listens then */
export async function openMonitor(
  { stats, metrics }: Configuration['monitor'],
  parts: MonitorParts,
): Promise<Monitor> {
  await using opened = new AsyncDisposableStack();
  const addresses: Record<string, string> = {};
  const open = async (
    name: string,
    server: BoundedServer,
    address: ListenAddress,
    mode: number,
    owner: ReturnType<FindOwner>,
  ): Promise<void> => {
    await listenOn((options) => server.listen(options), address, mode, owner, parts.directory);
    opened.defer(() => server.close());
    addresses[name] = describeAddress(address, server.address());
  };
  if (stats !== undefined) {
    const owner = parts.findOwner(stats.owner, stats.group);
    await open('stats', statsServer(parts), stats.address, stats.mode, owner);
  }
  if (metrics !== undefined) {
    const owner = parts.findOwner(undefined, undefined);
    await open('metrics', metricsServer(parts), metrics.address, metricsSocketMode, owner);
  }
  const owned = opened.move();
  return { addresses, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Whoever may read the metrics over a unix socket is of the group that owns it. */
const metricsSocketMode = 0o660;

function statsServer({ status, aggregate, log }: MonitorParts): BoundedServer {
  return createStatsServer({
    document: () => {
      const now = status();
      return uwsgiStats(now, aggregate.totals(now.workers));
    },
    onFault: (error) => log.warn('The stats could not be told', { reason: messageOf(error) }),
  });
}

function metricsServer({ status, aggregate, log }: MonitorParts): BoundedServer {
  return createMonitorServer({
    metrics: () => {
      const now = status();
      return metricsText(now, aggregate.totals(now.workers));
    },
    liveness: () => livenessOf(status()),
    readiness: () => readinessOf(status()),
    onFault: (error) => log.warn('The metrics could not be told', { reason: messageOf(error) }),
  });
}
