/** The composition root of a pool: builds what its workers serve from a frozen configuration. */

import { tlsProblems } from './check.ts';
import type { Configuration, PoolConfiguration } from './config/configuration.ts';
import { mainPoolOf, placeInPool } from './config/pools.ts';
import { ConfigurationProblems } from './config/problems.ts';
import { writesStore } from './config/store-use.ts';
import { createListeners, type Listener } from './listeners/listeners.ts';
import { RequestWatch, type WatchParts } from './listeners/request-watch.ts';
import type { Logger } from './log.ts';
import { type CertificateFile, readCertificateExpiries } from './metrics/certificate-expiries.ts';
import { residentBytes } from './metrics/resident-memory.ts';
import type { CertificateExpiry } from './metrics/snapshot.ts';
import { createWorkerMetrics, type WorkerMetrics } from './metrics/worker-metrics.ts';
import type { TaskKinds } from './tasks/runner.ts';
import { createControlPlane } from './work/control-plane.ts';
import { openWork, requestRolesOf } from './work/open-work.ts';
import type { Background, OpenedWork } from './work/work.ts';
import type { InheritedSocket, WorkerReport } from './workers/messages.ts';

export interface ApplicationParts {
  readonly log: Logger;
  /** What is served; the main pool unless given. */
  readonly pool?: PoolConfiguration;
  /** What a parent has bound; a listener that is not among them binds its own socket. */
  readonly sockets?: readonly InheritedSocket[];
  /** Lines that the log has lost so far. */
  readonly logLinesLost?: () => number;
  /** What the role `tasks` can do, by the names of tasks. */
  readonly taskKinds?: TaskKinds;
}

export interface Application extends AsyncDisposable {
  /** @throws PortcullisError LISTEN_FAILED; nothing listens then */
  listen(): Promise<void>;
  /** Where it listens, as `unix:/run/portcullis/content.sock`. */
  readonly addresses: readonly string[];
  report(): WorkerReport;
  /** Lets running requests and tasks end, then closes everything. Once is enough; twice does no harm. */
  close(): Promise<void>;
}

/**
 * @throws ConfigurationProblems: every problem of the TLS listener's files, and of what the roles need:
 *   plugins and policies, the URL of the store and the CA of sessions, or the modules of an application
 */
export async function createApplication(
  configuration: Configuration,
  parts: ApplicationParts,
): Promise<Application> {
  const { log, sockets = [], logLinesLost = () => 0, taskKinds = new Map() } = parts;
  const pool = parts.pool ?? mainPoolOf(configuration);
  await using opened = new AsyncDisposableStack();
  let certificates: readonly CertificateExpiry[] = [];
  let revocationLists: OpenedWork['revocationLists'] = () => [];
  let revocationSeconds: OpenedWork['revocationSeconds'] = () => 0;
  let isStoreUp: OpenedWork['isStoreUp'] = () => undefined;
  let decisionsLost: OpenedWork['decisionsLost'] = () => 0;
  const metrics = opened.use(
    createWorkerMetrics({
      roles: requestRolesOf(pool),
      certificates: () => certificates,
      revocationLists: () => revocationLists(),
      revocationSeconds: () => revocationSeconds(),
      isStoreUp: () => isStoreUp(),
      decisionsLost: () => decisionsLost(),
      edgeDecisionSeconds: edgeDecisionSecondsOf(pool, configuration),
      logLinesLost,
    }),
  );
  const controlPlane = opened.use(
    createControlPlane(configuration, writesStore(pool) ? 'write' : 'read'),
  );
  const now = (): Date => new Date();
  const { decided: observe } = metrics;
  const work = await openWork(
    { configuration, pool, log, now, controlPlane, taskKinds, observe },
    opened,
  );
  const problems = [...tlsProblems(pool), ...work.problems];
  if (problems.length > 0) throw new ConfigurationProblems(problems);
  certificates = await readCertificateExpiries([...ownCertificates(pool), ...work.certificates]);
  ({ revocationLists, revocationSeconds, isStoreUp, decisionsLost } = work);
  const { requestSeconds } = configuration.limits;
  const counterOf = counterBy(work.roleOf, metrics);
  const watch = opened.use(new RequestWatch({ requestSeconds, log, counterOf }));
  const limited = { ...configuration, limits: limitsOf(pool, configuration) };
  const listenersParts = { configuration: limited, pool, log, watch, sockets };
  const listeners = createListeners(listenersParts, work.serve);
  const { background } = work;
  return new RunningApplication({ listeners, watch, metrics, background }, opened.move());
}

function counterBy(roleOf: OpenedWork['roleOf'], metrics: WorkerMetrics): WatchParts['counterOf'] {
  return ({ path }) => metrics.requestsOf(roleOf(path));
}

/** A listener takes what any of its roles takes; the API itself refuses what is too long for it. */
function limitsOf({ roles }: PoolConfiguration, { limits, api }: Configuration) {
  if (!roles.includes('api')) return limits;
  return { ...limits, bodyBytes: Math.max(limits.bodyBytes, api.bodyBytes) };
}

/** Nginx asks who serves content. */
function edgeDecisionSecondsOf({ roles }: PoolConfiguration, { nginx }: Configuration): number {
  return roles.includes('content') ? nginx.edgeDecisionSeconds : 0;
}

/** The certificate of the TLS listener, if there is one. */
function ownCertificates({ name, listen: { tls } }: PoolConfiguration): readonly CertificateFile[] {
  if (tls === undefined) return [];
  return [{ name: placeInPool(name, 'listen.tls.certificate'), file: tls.certificate }];
}

interface RunningParts {
  readonly listeners: readonly Listener[];
  readonly watch: RequestWatch;
  readonly metrics: WorkerMetrics;
  readonly background: readonly Background[];
}

class RunningApplication implements Application {
  readonly #parts: RunningParts;
  readonly #resources: AsyncDisposableStack;

  constructor(parts: RunningParts, resources: AsyncDisposableStack) {
    this.#parts = parts;
    this.#resources = resources;
  }

  async listen(): Promise<void> {
    try {
      for (const listener of this.#parts.listeners) await listener.listen();
      for (const each of this.#parts.background) each.start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get addresses(): readonly string[] {
    return this.#parts.listeners.map(({ address }) => address);
  }

  report(): WorkerReport {
    const { listeners, watch, metrics } = this.#parts;
    return {
      ...metrics.totals,
      requestsInFlight: watch.inFlight,
      oldestRequest: watch.oldest(),
      connections: listeners.reduce((sum, { connections }) => sum + connections, 0),
      rssBytes: residentBytes(),
      metrics: metrics.snapshot(),
    };
  }

  async close(): Promise<void> {
    const { listeners, watch, background } = this.#parts;
    await Promise.all([
      ...listeners.map((listener) => listener.close()),
      ...background.map((each) => each.stop()),
    ]);
    await watch.settle();
    await this.#resources.disposeAsync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
