/** Explains what a client would get, from the same parts as serving it. */

import type { ExplainQuery, Explanation } from './access/explain.ts';
import type { Configuration } from './config/configuration.ts';
import { ConfigurationProblems } from './config/problems.ts';
import { explainRequest } from './content/explain.ts';
import type { Logger } from './log.ts';
import { askWithoutMemory, openContent } from './work/content-parts.ts';
import { createControlPlane } from './work/control-plane.ts';

/** What a client would get, and why. Remembers nothing and logs no request. */
export interface Explainer extends AsyncDisposable {
  explain(query: ExplainQuery): Promise<Explanation>;
}

/** @throws ConfigurationProblems: every problem of plugins and policies */
export async function createExplainer(
  configuration: Configuration,
  { log }: { readonly log: Logger },
): Promise<Explainer> {
  await using opened = new AsyncDisposableStack();
  const controlPlane = opened.use(createControlPlane(configuration, 'read'));
  const parts = { configuration, log, now: () => new Date(), controlPlane, observe: () => {} };
  const { content, problems } = await openContent(parts, opened);
  if (problems.length > 0) throw new ConfigurationProblems(problems);
  const explained = { ...content, ask: askWithoutMemory(configuration) };
  const resources = opened.move();
  return {
    explain: (query) => explainRequest(query, explained),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
