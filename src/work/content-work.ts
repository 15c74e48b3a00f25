/** The work of the role `content`: the distributions, by their policies. */

import { Audit } from '../audit/audit.ts';
import { rootProblems } from '../check.ts';
import { createContentListener } from '../content/serve.ts';
import { openContent } from './content-parts.ts';
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
  const { content, authorityFiles, revocation, problems } = await openContent(parts, opened);
  return {
    serve: (readEvidence, handOff) =>
      createContentListener({ ...content, audit }, { readEvidence, handOff }),
    certificates: authorityFiles.map((file) => ({ name: file, file })),
    revocationLists: () => revocation.inForce,
    problems,
  };
}

/** Closed after the last request has ended, and before the store is. */
function openAudit(
  { configuration, controlPlane, log, now }: WorkParts,
  opened: AsyncDisposableStack,
): Audit | undefined {
  const { inStore, ...bounds } = configuration.audit;
  if (!inStore) return undefined;
  return opened.use(new Audit({ store: () => controlPlane.storeForWriting(), bounds, log, now }));
}
