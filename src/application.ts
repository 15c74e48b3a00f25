/** The composition root of a pool: builds what its workers serve from a frozen configuration. */

import type { ExplainQuery, Explanation } from './access/explain.ts';
import { DecisionMemory } from './access/memory.ts';
import { createAskRule, type ObserveAnswer, withMemory } from './access/policy.ts';
import { rootProblems, tlsProblems } from './check.ts';
import type {
  Configuration,
  ModuleApplication,
  PoolConfiguration,
  Role,
} from './config/configuration.ts';
import { mainPoolOf, placeInPool } from './config/pools.ts';
import { ConfigurationProblems } from './config/problems.ts';
import { explainRequest } from './content/explain.ts';
import { createFinder } from './content/find.ts';
import { createResolver } from './content/resolve.ts';
import { type ContentParts, createContentListener } from './content/serve.ts';
import { messageOf } from './errors.ts';
import { basicChallenge } from './http/basic.ts';
import { createListeners, type Serve } from './listeners/listeners.ts';
import { openNodeApplication } from './listeners/node-application.ts';
import { RequestWatch } from './listeners/request-watch.ts';
import { tlsExpiries } from './listeners/tls-identity.ts';
import type { Logger } from './log.ts';
import { createWorkerMetrics } from './metrics/worker-metrics.ts';
import type { Problem } from './model.ts';
import { openPolicies } from './policies.ts';
import type { InheritedSocket, WorkerReport } from './workers/messages.ts';

export interface ApplicationParts {
  readonly log: Logger;
  readonly now?: () => Date;
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
  const { log, now = systemTime, sockets = [], logLinesLost = () => 0 } = parts;
  const pool = parts.pool ?? mainPoolOf(configuration);
  const role = pool.application === undefined ? 'content' : 'application';
  const problems = [...tlsProblems(pool)];
  const expiries = problems.length === 0 ? tlsExpiries(pool) : [];
  await using opened = new AsyncDisposableStack();
  const metrics = opened.use(
    createWorkerMetrics({ roles: [role], certificates: () => expiries, logLinesLost }),
  );
  const observe = metrics.decided;
  const serve = await openWork({ configuration, pool, log, now, opened, problems, observe });
  if (problems.length > 0) throw new ConfigurationProblems(problems);
  const { requestSeconds } = configuration.limits;
  const counter = metrics.requestsOf(role);
  const watch = opened.use(new RequestWatch({ requestSeconds, log, counter }));
  const listeners = createListeners({ configuration, pool, log, watch, sockets }, serve);
  const resources = opened.move();
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
    await watch.settle();
    await resources.disposeAsync();
  };
  return {
    listen: async () => {
      try {
        for (const listener of listeners) await listener.listen();
      } catch (error) {
        await close();
        throw error;
      }
    },
    get addresses() {
      return listeners.map((listener) => listener.address);
    },
    report: () => ({
      ...metrics.totals,
      requestsInFlight: watch.inFlight,
      oldestRequest: watch.oldest(),
      connections: listeners.reduce((sum, { connections }) => sum + connections, 0),
      rssBytes: process.memoryUsage.rss(),
      metrics: metrics.snapshot(),
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const systemTime = (): Date => new Date();

/** What a client would get, and why. Remembers nothing and logs no request. */
export interface Explainer extends AsyncDisposable {
  explain(query: ExplainQuery): Promise<Explanation>;
}

/** @throws ConfigurationProblems: every problem of plugins and policies */
export async function createExplainer(
  configuration: Configuration,
  { log, now = systemTime }: Pick<ApplicationParts, 'log' | 'now'>,
): Promise<Explainer> {
  await using opened = new AsyncDisposableStack();
  const problems: Problem[] = [];
  const observe = (): void => {};
  const content = await openContent({ configuration, log, now, opened, problems, observe });
  if (problems.length > 0) throw new ConfigurationProblems(problems);
  const parts = { ...content, ask: askWithoutMemory(configuration) };
  const resources = opened.move();
  return {
    explain: (query) => explainRequest(query, parts),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

interface ContentWork {
  readonly configuration: Configuration;
  readonly log: Logger;
  readonly now: () => Date;
  /** Gets what has to be closed in the end. */
  readonly opened: AsyncDisposableStack;
  /** Gets what keeps it from being served. */
  readonly problems: Problem[];
  readonly observe: ObserveAnswer;
}

type Work = ContentWork & { readonly pool: PoolConfiguration };

/** What each role of Portcullis itself serves. */
const roles: Readonly<Record<Role, (work: Work) => Promise<Serve>>> = { content: serveContent };

async function openWork(work: Work): Promise<Serve> {
  const { application, roles: wanted } = work.pool;
  if (application !== undefined) return serveApplication(work, application);
  return roles[wanted[0] ?? 'content'](work);
}

async function serveContent(work: Work): Promise<Serve> {
  for (const problem of rootProblems(work.configuration)) {
    work.log.warn('A distribution cannot be served at the moment', { ...problem });
  }
  const content = await openContent(work);
  return (readEvidence, handOff) => createContentListener(content, { readEvidence, handOff });
}

async function serveApplication(work: Work, modules: ModuleApplication): Promise<Serve> {
  const { configuration, pool, log, opened, problems } = work;
  const application = await openNodeApplication(modules, {
    baseDirectory: configuration.baseDirectory,
    at: placeInPool(pool.name, 'application'),
    onCloseFailed: (error) => {
      log.error('An application did not close', { reason: messageOf(error), error });
    },
  });
  opened.defer(() => application.close());
  problems.push(...application.problems);
  return () => application.listener;
}

async function openContent(work: ContentWork): Promise<ContentParts> {
  const { configuration, log, now, opened, problems, observe } = work;
  const { access, content } = configuration;
  const policies = await openPolicies(configuration, opened, log, now);
  problems.push(...policies.problems);
  const memory = new DecisionMemory({
    secondsMax: access.rememberSeconds,
    entriesMax: access.rememberEntries,
  });
  return {
    log,
    resolve: createResolver(content.prefixes, policies.distributions),
    ask: withMemory(askWithoutMemory(configuration), memory, observe),
    find: createFinder({ visibleDotNames: content.visibleDotNames }),
    settings: content,
    refusalHeaders: {
      basicChallenge: basicChallenge(access.realm),
      retryAfterSeconds: access.retryAfterSeconds,
    },
  };
}

function askWithoutMemory(configuration: Configuration): ReturnType<typeof createAskRule> {
  return createAskRule(configuration.access.timeLimitSeconds * 1000);
}
