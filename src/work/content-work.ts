/** The work of the role `content`: the distributions, by their policies. */

import { rootProblems } from '../check.ts';
import { createContentListener } from '../content/serve.ts';
import { openContent } from './content-parts.ts';
import { openAudit } from './open-audit.ts';
import type { RoleWork, WorkParts } from './work.ts';

/** @param opened gets what has to be closed in the end */
export async function openContentWork(
  parts: WorkParts,
  opened: AsyncDisposableStack,
): Promise<RoleWork> {
  for (const problem of rootProblems(parts.configuration)) {
    parts.log.warn('A distribution cannot be served at the moment', { ...problem });
  }
  const audit = openAudit(parts, opened);
  const { authorityFiles, revocation, problems, ...rest } = await openContent(parts, opened);
  const content = { ...rest.content, audit };
  return {
    serve: (readEvidence, handOff) => createContentListener(content, { readEvidence, handOff }),
    certificates: authorityFiles.map((file) => ({ name: file, file })),
    revocationLists: () => revocation.inForce,
    problems,
  };
}
