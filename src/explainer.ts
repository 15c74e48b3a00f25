/** Explains what a client would get, from the same parts as serving it. */

import type { ExplainQuery, Explanation, QueryProblem } from './access/explanation.ts';
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
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
