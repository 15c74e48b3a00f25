/** Notes about an installation as a whole. */

import { show } from '../config/place.ts';
import type { Distribution } from './distributions.ts';
import type { Installation } from './installation.ts';
import type { Notes } from './notes.ts';
import type { Protection } from './protection.ts';
import { leadsOut } from './published-tree.ts';

/** Of the listing, what nothing is published for. */
export function noteUnpublished(
  { listing, notes }: Protection,
  repositories: readonly { readonly relativeUrl: string }[],
): void {
  const published = new Set(repositories.map(({ relativeUrl }) => relativeUrl));
  for (const [key, id] of listing) {
    if (published.has(key)) continue;
    notes.add(
      'to do',
      `${show(key)} of ${id} is listed as protected, and nothing is published there`,
    );
  }
}

/** What holds for all of Pulp, whatever its repositories are. */
export function noteWhole(
  { auth, revocation, notes, hasDatabase }: Protection,
  distributions: readonly Distribution[],
): void {
  const grants = distributions.flatMap(({ access }) => access);
  const used = grants.flatMap((grant) =>
    grant.rule === 'public' ? [] : (grant.authority.revocation?.lists ?? []),
  );
  revocation.note(new Set(used), notes);
  if (!grants.some(({ rule }) => rule === 'public')) return;
  if (auth.isEnabled) {
    notes.add(
      'different',
      'Pulp wanted some certificate, whoever had signed it, for every request over HTTPS; what is public asks for none',
    );
  }
  if (hasDatabase) return;
  notes.add(
    'to do',
    'a repository with auth_ca and without auth_cert was open in Pulp, and only its database knows of it: --distributors reads those from an export of it',
  );
}

/** What becomes of what Pulp publishes later. */
export function noteTrees(notes: Notes): void {
  notes.add(
    'to do',
    'the trees hold what is published now; import once more, with --force, when Pulp has published again',
  );
}

/** What Pulp's own trees cannot give, because their packages are links into its storage. */
export async function noteLinks(
  installation: Installation,
  distributions: readonly Distribution[],
  notes: Notes,
): Promise<void> {
  let count = 0;
  for (const { source } of distributions) if (await leadsOut(installation, source)) count += 1;
  if (count === 0) return;
  notes.add(
    'not carried over',
    `the packages of ${count} of ${distributions.length} repositories are links that lead out of the published tree, and are not followed; --trees DIR makes trees without links`,
  );
}
