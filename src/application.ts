/** The composition root: builds all parts from a frozen configuration, and closes them in reverse. */

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { PolicyCompiler, ruleNames } from './access/compile.ts';
import type { ExplainQuery, Explanation } from './access/explain.ts';
import { DecisionMemory } from './access/memory.ts';
import { loadPlugins } from './access/plugins.ts';
import { createAskRule, withMemory } from './access/policy.ts';
import type { Configuration } from './config/configuration.ts';
import { ConfigurationProblems } from './config/problems.ts';
import type { Served } from './content/decide.ts';
import { explainRequest } from './content/explain.ts';
import { createFinder } from './content/find.ts';
import { createResolver } from './content/resolve.ts';
import { rootProblem } from './content/root-problem.ts';
import { type ContentParts, createContentListener } from './content/serve.ts';
import { messageOf } from './errors.ts';
import { basicChallenge } from './http/basic.ts';
import { AttemptLimiter } from './identity/attempt-limiter.ts';
import { openCertificateAuthority } from './identity/certificate-authority.ts';
import { guardPasswords } from './identity/guarded-passwords.ts';
import { openPasswordFile } from './identity/password-file.ts';
import { WorkQueue } from './identity/work-queue.ts';
import { createListeners } from './listeners/listeners.ts';
import { readTlsIdentity } from './listeners/tls-identity.ts';
import { createLogger, describeLogLine, type Logger } from './log.ts';
import { openLogDestination } from './log-destination.ts';
import type { Problem } from './model.ts';
import type { Services } from './plugin.ts';

export interface ApplicationParts {
  /** In place of the log of the configuration. */
  readonly log?: Logger;
  readonly now?: () => Date;
}

export interface Application extends AsyncDisposable {
  /** @throws PortcullisError LISTEN_FAILED; nothing listens then */
  listen(): Promise<void>;
  /** Where it listens, as `uwsgi unix:/run/portcullis/content.sock`. */
  readonly addresses: readonly string[];
  /** What a client would get, and why. Remembers nothing and logs nothing. */
  explain(query: ExplainQuery): Promise<Explanation>;
  /** Lets running requests end, then closes everything. Once is enough; twice does no harm. */
  close(): Promise<void>;
}

/**
 * @throws ConfigurationProblems: every problem of plugins, policies and the TLS listener's files
 * @throws PortcullisError FILE_UNREADABLE for the file of the log
 */
export async function createApplication(
  configuration: Configuration,
  parts: ApplicationParts = {},
): Promise<Application> {
  await using opened = new AsyncDisposableStack();
  const now = parts.now ?? (() => new Date());
  const log = parts.log ?? openLog(configuration, opened, now);
  const policies = await openPolicies(configuration, opened, log, now);
  const problems = [...policies.problems, ...tlsProblems(configuration)];
  if (problems.length > 0) throw new ConfigurationProblems(problems);
  for (const problem of rootProblems(configuration)) {
    log.warn('A distribution cannot be served at the moment', { ...problem });
  }
  const content = contentParts(configuration, policies.distributions, log);
  const listeners = createListeners(configuration, log, (readEvidence, handOff) =>
    createContentListener(content, { readEvidence, handOff }),
  );
  const resources = opened.move();
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
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
    explain: (query) => explainRequest(query, { ...content, ask: askWithoutMemory(configuration) }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

export interface ConfigurationCheck {
  /** What a start would meet in plugins, options, files and roots. */
  readonly problems: readonly Problem[];
  /** What plugins would log at the start as a warning. */
  readonly warnings: readonly Problem[];
}

/** Looks at all that a start would, and opens no listener. */
export async function checkConfiguration(
  configuration: Configuration,
): Promise<ConfigurationCheck> {
  await using opened = new AsyncDisposableStack();
  const warnings: Problem[] = [];
  const log = createLogger({
    level: 'warn',
    write: (line) => warnings.push({ at: '', message: describeLogLine(line) }),
  });
  const { problems } = await openPolicies(configuration, opened, log, () => new Date());
  return {
    problems: [...problems, ...tlsProblems(configuration), ...rootProblems(configuration)],
    warnings,
  };
}

function openLog(
  configuration: Configuration,
  opened: AsyncDisposableStack,
  now: () => Date,
): Logger {
  const destination = opened.use(openLogDestination(configuration.log.file));
  const write = (line: string): void => destination.write(line);
  return createLogger({ level: configuration.log.level, write, now });
}

interface OpenedPolicies {
  readonly distributions: readonly Served[];
  readonly problems: readonly Problem[];
}

async function openPolicies(
  configuration: Configuration,
  opened: AsyncDisposableStack,
  log: Logger,
  now: () => Date,
): Promise<OpenedPolicies> {
  const { distributions, plugins: modules, baseDirectory } = configuration;
  const rules = distributions.flatMap(({ access }) =>
    access === undefined ? [] : ruleNames(access),
  );
  const loaded = await loadPlugins(new Set(rules), modules, baseDirectory);
  const services = createServices(configuration, log, now);
  const compiler = opened.use(new PolicyCompiler(loaded.plugins, services));
  const served: Served[] = [];
  for (const { access, relativeUrl, root, listing } of distributions) {
    const policy = access && (await compiler.compile(access));
    served.push({ relativeUrl, root, listing, policy });
  }
  return { distributions: served, problems: [...loaded.problems, ...compiler.problems] };
}

function createServices(
  configuration: Configuration,
  log: Logger,
  now: () => Date,
): (plugin: string) => Services {
  // Hashing shares the thread pool with the file system, which must never have to wait for it (T49).
  const queue = new WorkQueue({
    runningMax: Math.max(1, Math.min(2, availableParallelism() - 1)),
    pendingMax: configuration.access.passwordChecksMax,
  });
  const limiter = new AttemptLimiter();
  return (plugin) => {
    const pluginLog = log.child({ plugin });
    return Object.freeze({
      log: pluginLog,
      now,
      resolvePath: (file: string) => path.resolve(configuration.baseDirectory, file),
      openCertificateAuthority: (file: string) =>
        openCertificateAuthority(file, { now, log: pluginLog }),
      openPasswordFile: async (file: string) =>
        guardPasswords(await openPasswordFile(file, { queue, log: pluginLog }), limiter),
    });
  };
}

function contentParts(
  configuration: Configuration,
  distributions: readonly Served[],
  log: Logger,
): ContentParts {
  const { access, content } = configuration;
  const memory = new DecisionMemory({
    secondsMax: access.rememberSeconds,
    entriesMax: access.rememberEntries,
  });
  return {
    log,
    resolve: createResolver(content.prefixes, distributions),
    ask: withMemory(askWithoutMemory(configuration), memory),
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

function tlsProblems({ listen }: Configuration): readonly Problem[] {
  if (listen.tls === undefined) return [];
  try {
    readTlsIdentity(listen.tls);
    return [];
  } catch (error) {
    return [{ at: 'listen.tls', message: messageOf(error) }];
  }
}

function rootProblems(configuration: Configuration): readonly Problem[] {
  return configuration.distributions.flatMap(({ root }, index) => {
    const message = rootProblem(root);
    return message === undefined ? [] : [{ at: `distributions[${index}].root`, message }];
  });
}
