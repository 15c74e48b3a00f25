/** The composition root of a pool: builds what its workers serve from a frozen configuration. */

import { tlsProblems } from './check.ts';
import type { Configuration, PoolConfiguration } from './config/configuration.ts';
import { mainPoolOf, placeInPool } from './config/pools.ts';
import { ConfigurationProblems } from './config/problems.ts';
import { createListeners, type Listener } from './listeners/listeners.ts';
import { RequestWatch } from './listeners/request-watch.ts';
import type { Logger } from './log.ts';
import { type CertificateFile, readCertificateExpiries } from './metrics/certificate-expiries.ts';
import { residentBytes } from './metrics/resident-memory.ts';
import type { CertificateExpiry } from './metrics/snapshot.ts';
import { createWorkerMetrics, type WorkerMetrics } from './metrics/worker-metrics.ts';
import { createControlPlane } from './work/control-plane.ts';
import { openWork, requestRoleOf } from './work/open-work.ts';
import type { InheritedSocket, WorkerReport } from './workers/messages.ts';

export interface ApplicationParts {
  readonly log: Logger;
  /** What is served; the main pool unless given. */
  readonly pool?: PoolConfiguration;
  /** What a parent has bound; a listener that is not among them binds its own socket. */
  readonly sockets?: readonly InheritedSocket[];
  /** Lines that the log has lost so far. */
  readonly logLinesLost?: () => number;
}

export interface Application extends AsyncDisposable {
  /** @throws PortcullisError LISTEN_FAILED; nothing listens then */
  listen(): Promise<void>;
  /** Where it listens, as `unix:/run/portcullis/content.sock`. */
  readonly addresses: readonly string[];
  report(): WorkerReport;
  /** Lets running requests end, then closes everything. Once is enough; twice does no harm. */
  close(): Promise<void>;
}

/**
 * @throws ConfigurationProblems: every problem of the TLS listener's files, and of what is served:
 *   plugins and policies, or the modules of an application
 */
export async function createApplication(
  configuration: Configuration,
  parts: ApplicationParts,
): Promise<Application> {
  const { log, sockets = [], logLinesLost = () => 0 } = parts;
  const pool = parts.pool ?? mainPoolOf(configuration);
  const role = requestRoleOf(pool);
  await using opened = new AsyncDisposableStack();
  let certificates: readonly CertificateExpiry[] = [];
  const metrics = opened.use(
    createWorkerMetrics({ roles: [role], certificates: () => certificates, logLinesLost }),
  );
  const controlPlane = opened.use(createControlPlane(configuration, 'read'));
  const now = (): Date => new Date();
  const work = await openWork(
    { configuration, pool, log, now, controlPlane, observe: metrics.decided },
    opened,
  );
  const problems = [...tlsProblems(pool), ...work.problems];
  if (problems.length > 0) throw new ConfigurationProblems(problems);
  certificates = await readCertificateExpiries([...ownCertificates(pool), ...work.certificates]);
  const { requestSeconds } = configuration.limits;
  const counter = metrics.requestsOf(role);
  const watch = opened.use(new RequestWatch({ requestSeconds, log, counter }));
  const listeners = createListeners({ configuration, pool, log, watch, sockets }, work.serve);
  return new RunningApplication(listeners, watch, metrics, opened.move());
}

/** The certificate of the TLS listener, if there is one. */
function ownCertificates({ name, listen: { tls } }: PoolConfiguration): readonly CertificateFile[] {
  if (tls === undefined) return [];
  return [{ name: placeInPool(name, 'listen.tls.certificate'), file: tls.certificate }];
}

class RunningApplication implements Application {
  readonly #listeners: readonly Listener[];
  readonly #watch: RequestWatch;
  readonly #metrics: WorkerMetrics;
  readonly #resources: AsyncDisposableStack;

  constructor(
    listeners: readonly Listener[],
    watch: RequestWatch,
    metrics: WorkerMetrics,
    resources: AsyncDisposableStack,
  ) {
    this.#listeners = listeners;
    this.#watch = watch;
    this.#metrics = metrics;
    this.#resources = resources;
  }

  async listen(): Promise<void> {
    try {
      for (const listener of this.#listeners) await listener.listen();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get addresses(): readonly string[] {
    return this.#listeners.map(({ address }) => address);
  }

  report(): WorkerReport {
    return {
      ...this.#metrics.totals,
      requestsInFlight: this.#watch.inFlight,
      oldestRequest: this.#watch.oldest(),
      connections: this.#listeners.reduce((sum, { connections }) => sum + connections, 0),
      rssBytes: residentBytes(),
      metrics: this.#metrics.snapshot(),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await this.#watch.settle();
    await this.#resources.disposeAsync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
