/** Which repositories have a unit: pure changes of its document. */

import type { Document } from '../stores/document.ts';
import type { Membership, Unit } from './documents.ts';

type WithMemberships = Pick<Unit, 'repositories' | 'memberships'>;

/** Undefined when the repository has it already. */
export function withMembership(
  document: Document,
  repository: string,
  now: Date,
): Document | undefined {
  const { repositories, memberships } = document as unknown as WithMemberships;
  if (repositories.includes(repository)) return undefined;
  const added: Membership = { repository, created: now, updated: now };
  return withAll(document, [...memberships, added]);
}

/** Undefined when the repository has it not. */
export function withoutMembership(document: Document, repository: string): Document | undefined {
  const { repositories, memberships } = document as unknown as WithMemberships;
  if (!repositories.includes(repository)) return undefined;
  return withAll(
    document,
    memberships.filter((membership) => membership.repository !== repository),
  );
}

function withAll(document: Document, memberships: readonly Membership[]): Document {
  return {
    ...document,
    repositories: memberships.map(({ repository }) => repository),
    memberships,
    is_orphan: memberships.length === 0,
  };
}
