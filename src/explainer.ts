/** Explains what a client would get, from the same parts as serving it. */

import type { ExplainQuery, Explanation, QueryProblem } from './access/explanation.ts';
import type { DecisionEntry } from './audit/entry.ts';
import { type ReplayedRequest, replay } from './audit/play-decision.ts';
import { findDecision } from './audit/search.ts';
import { findSeenCertificate } from './audit/seen-certificates.ts';
import type { Configuration } from './config/configuration.ts';
import { ConfigurationProblems } from './config/problems.ts';
import { PortcullisError } from './errors.ts';
import type { Logger } from './log.ts';
import type { WrittenAccess } from './policies/written-tree.ts';
import { openContent } from './work/content-parts.ts';
import { createControlPlane } from './work/control-plane.ts';
import { createPlay } from './work/play.ts';
import { createPreview } from './work/preview.ts';

/** What a client would get, and why. Remembers nothing and logs no request. */
export interface Explainer extends AsyncDisposable {
  /**
   * @param preview what the distribution shall have in place of its access
   * @throws PortcullisError USAGE when the query itself cannot be read; POLICY_UNUSABLE for the preview
   */
  explain(query: ExplainQuery, preview?: WrittenAccess): Promise<Explanation>;
  /**
   * A request of the decision log in the store, with what it takes to play it; undefined when the log
   * has none of this id.
   *
   * @throws PortcullisError STORE_…
   */
  logged(requestId: string): Promise<LoggedDecision | undefined>;
  /** A certificate that a client came with, PEM, by its fingerprint. */
  seenCertificate(fingerprint: string): Promise<string | undefined>;
}

export interface LoggedDecision extends ReplayedRequest {
  readonly entry: DecisionEntry;
}

const things = {
  address: 'this address',
  certificatePem: 'this certificate',
  bearer: 'the token',
} as const satisfies Record<QueryProblem['property'], string>;

/** @throws ConfigurationProblems: every problem of plugins and policies */
export async function createExplainer(
  configuration: Configuration,
  { log }: { readonly log: Logger },
): Promise<Explainer> {
  await using opened = new AsyncDisposableStack();
  const controlPlane = opened.use(createControlPlane(configuration, 'read'));
  const parts = { configuration, log, now: () => new Date(), controlPlane, observe: () => {} };
  const content = await openContent(parts, opened);
  if (content.problems.length > 0) throw new ConfigurationProblems(content.problems);
  const play = createPlay(configuration, content);
  const playPreview = createPreview(configuration, content, content.makers.configuration);
  const resources = opened.move();
  return {
    explain: async (query, preview) => {
      const explanation = await (preview === undefined ? play(query) : playPreview(query, preview));
      if (!('problem' in explanation)) return explanation;
      const { property, problem } = explanation;
      throw new PortcullisError('USAGE', `Cannot explain with ${things[property]}: ${problem}`);
    },
    logged: async (requestId) => {
      const store = await controlPlane.store();
      const entry = await findDecision(store, requestId);
      return entry && { entry, ...(await replay(entry, store)) };
    },
    seenCertificate: async (fingerprint) =>
      findSeenCertificate(await controlPlane.store(), fingerprint),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
