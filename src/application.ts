/** The composition root: builds all parts from a frozen configuration, and closes them in reverse. */

import type { ExplainQuery, Explanation } from './access/explain.ts';
import { DecisionMemory } from './access/memory.ts';
import { createAskRule, withMemory } from './access/policy.ts';
import { rootProblems, tlsProblems } from './check.ts';
import type { Configuration } from './config/configuration.ts';
import { ConfigurationProblems } from './config/problems.ts';
import type { Served } from './content/decide.ts';
import { explainRequest } from './content/explain.ts';
import { createFinder } from './content/find.ts';
import { createResolver } from './content/resolve.ts';
import { type ContentParts, createContentListener } from './content/serve.ts';
import { basicChallenge } from './http/basic.ts';
import { createListeners } from './listeners/listeners.ts';
import type { Logger } from './log.ts';
import { openPolicies } from './policies.ts';

export interface ApplicationParts {
  readonly log: Logger;
  readonly now?: () => Date;
}

export interface Application extends AsyncDisposable {
  /** @throws PortcullisError LISTEN_FAILED; nothing listens then */
  listen(): Promise<void>;
  /** Where it listens, as `unix:/run/portcullis/content.sock`. */
  readonly addresses: readonly string[];
  /** What a client would get, and why. Remembers nothing and logs nothing. */
  explain(query: ExplainQuery): Promise<Explanation>;
  /** Lets running requests end, then closes everything. Once is enough; twice does no harm. */
  close(): Promise<void>;
}

/** @throws ConfigurationProblems: every problem of plugins, policies and the TLS listener's files */
export async function createApplication(
  configuration: Configuration,
  { log, now = () => new Date() }: ApplicationParts,
): Promise<Application> {
  await using opened = new AsyncDisposableStack();
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
