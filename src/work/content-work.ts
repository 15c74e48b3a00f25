/** The work of the role `content`: the distributions, by their policies. */

import { rootProblems } from '../check.ts';
import { withEdgeDecisions } from '../content/edge.ts';
import { createContentListener, type FrontParts } from '../content/serve.ts';
import { openAudit } from './open-audit.ts';
import type { RoleWork, WorkParts } from './work.ts';

/** @param opened gets what has to be closed in the end */
export async function openContentWork(
  parts: WorkParts,
  opened: AsyncDisposableStack,
): Promise<RoleWork> {
  for (const problem of rootProblems(parts.configuration)) {
    parts.log.warn('A directory cannot be served at the moment', { ...problem });
  }
  const audit = openAudit(parts, opened);
  const { authorityFiles, revocation, problems, ...rest } = await parts.content.open();
  const content = { ...rest.content, audit };
  const seconds = parts.configuration.nginx.edgeDecisionSeconds;
  const edge = { ...content, seconds, now: parts.now };
  return {
    serve: (readEvidence, handOff) => {
      const front: FrontParts = { readEvidence, handOff };
      return withEdgeDecisions(createContentListener(content, front), edge, front);
    },
    certificates: authorityFiles.map((file) => ({ name: file, file })),
    revocationLists: () => revocation.inForce,
    revocationSeconds: () => revocation.obeyedWithinSeconds,
    decisionsLost: () => audit?.lost ?? 0,
    problems,
  };
}
