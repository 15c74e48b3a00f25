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
import { placeInPool } from './config/pools.ts';
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
  {
    log,
    now = () => new Date(),
    pool = mainPoolOf(configuration),
    sockets = [],
    ...counts
  }: ApplicationParts,
): Promise<Application> {
  await using opened = new AsyncDisposableStack();
  const role = pool.application === undefined ? 'content' : 'application';
  const metrics = opened.use(createWorkerMetrics({ roles: [role], ...counts }));
  const problems = [...tlsProblems(pool)];
  const serve = await openWork({
    ...{ configuration, pool, log, now, opened, problems, observe: metrics.decided },
  });
  if (problems.length > 0) throw new ConfigurationProblems(problems);
  const { requestSeconds } = configuration.limits;
  const watch = opened.use(
    new RequestWatch({ requestSeconds, log, counter: metrics.requestsOf(role) }),
  );
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

function mainPoolOf({ pools }: Configuration): PoolConfiguration {
  const [main] = pools;
  if (main === undefined) throw new Error('a configuration without its main pool');
  return main;
}

/** What a client would get, and why. Remembers nothing and logs no request. */
export interface Explainer extends AsyncDisposable {
  explain(query: ExplainQuery): Promise<Explanation>;
}

/** @throws ConfigurationProblems: every problem of plugins and policies */
export async function createExplainer(
  configuration: Configuration,
  { log, now = () => new Date() }: Pick<ApplicationParts, 'log' | 'now'>,
): Promise<Explainer> {
  await using opened = new AsyncDisposableStack();
  const problems: Problem[] = [];
  const content = await openContent({
    ...{ configuration, log, now, opened, problems, observe: () => {} },
  });
  if (problems.length > 0) throw new ConfigurationProblems(problems);
  const resources = opened.move();
  const ask = askWithoutMemory(configuration);
  return {
    explain: (query) => explainRequest(query, { ...content, ask }),
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

interface Work extends ContentWork {
  readonly pool: PoolConfiguration;
}

/** What each role of Portcullis itself serves. */
const roles: Readonly<Record<Role, (work: Work) => Promise<Serve>>> = { content: serveContent };

async function openWork(work: Work): Promise<Serve> {
  const { application, roles: wanted } = work.pool;
  if (application !== undefined) return serveApplication(work, application);
  const [role = 'content'] = wanted;
  return roles[role](work);
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
