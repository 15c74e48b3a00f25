/** What serving the distributions takes, made from a configuration; explaining takes the same. */

import { DecisionMemory, type RuleId } from '../access/memory.ts';
import { type AskRule, createAskRule, withMemory } from '../access/policy.ts';
import { createSettleCharges } from '../access/settle.ts';
import type { Configuration } from '../config/configuration.ts';
import { createFinder } from '../content/find.ts';
import { createResolver } from '../content/resolve.ts';
import type { ContentParts } from '../content/serve.ts';
import { createChallenger } from '../http/challenges.ts';
import { type OpenedPolicies, openPolicies } from '../policies.ts';
import { openFrontFacts } from './front-facts.ts';
import { createOpenTexts } from './open-texts.ts';
import { createBelow } from './parents.ts';
import { createSessionPublicKey } from './session-public-key.ts';
import type { WorkParts } from './work.ts';

export interface OpenedContent
  extends Pick<OpenedPolicies, 'authorityFiles' | 'revocation' | 'makers' | 'problems'> {
  /** While there is a problem, nothing of it may be served. */
  readonly content: ContentParts;
  readonly memory: DecisionMemory;
}

/** @param opened gets what has to be closed in the end */
export async function openContent(
  {
    configuration,
    log,
    now,
    controlPlane,
    observe,
  }: Omit<WorkParts, 'pool' | 'taskKinds' | 'content'>,
  opened: AsyncDisposableStack,
): Promise<OpenedContent> {
  const { access, content } = configuration;
  const memory = new DecisionMemory({
    secondsMax: access.rememberSeconds,
    entriesMax: access.rememberEntries,
  });
  const forget = (rules: readonly RuleId[]): void => memory.forget(rules);
  const policies = { configuration, controlPlane, log, now, forget };
  const { distributions, published, ...rest } = await openPolicies(policies, opened);
  const resolveConfigured = createResolver(content.prefixes, distributions);
  return {
    content: {
      log,
      openTexts: createOpenTexts(configuration, published, {
        authority: await authorityOf(configuration, log),
        sessionKey: createSessionPublicKey(configuration.api.sessionCertificate, log),
      }),
      below: createBelow(configuration, published),
      // What the configuration serves goes before what the store publishes, also where it is deeper.
      resolve: (path) => resolveConfigured(path) ?? published?.resolve(path),
      ...(published && { learn: (path) => published.learn(path) }),
      ask: withMemory(askWithoutMemory(configuration), memory, observe),
      settleCharges: createSettleCharges(access.timeLimitSeconds * 1000),
      find: createFinder({ visibleDotNames: content.visibleDotNames }),
      settings: content,
      refusalHeaders: {
        challenge: createChallenger(access.realm),
        retryAfterSeconds: access.retryAfterSeconds,
      },
    },
    memory,
    ...rest,
  };
}

/** One that cannot be read is no reason to serve nothing. */
async function authorityOf(
  configuration: Configuration,
  log: WorkParts['log'],
): Promise<string | undefined> {
  const facts = await openFrontFacts(configuration);
  if (!('problem' in facts)) return facts.authority;
  log.warn('The CA of the front cannot be told to clients', { ...facts.problem });
  return undefined;
}

export function askWithoutMemory({ access }: Configuration): AskRule {
  return createAskRule(access.timeLimitSeconds * 1000);
}
