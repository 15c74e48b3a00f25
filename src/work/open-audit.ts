/** The decision log in the store, of a worker that serves content. */

import { Audit } from '../audit/audit.ts';
import type { WorkParts } from './work.ts';

/**
 * Closed after the last request has ended, and before the store is.
 *
 * @returns undefined where the configuration keeps no decisions in the store
 */
export function openAudit(
  { configuration, controlPlane, log, now }: WorkParts,
  opened: AsyncDisposableStack,
): Audit | undefined {
  const { inStore, ...bounds } = configuration.audit;
  if (!inStore) return undefined;
  return opened.use(new Audit({ store: () => controlPlane.storeForWriting(), bounds, log, now }));
}
