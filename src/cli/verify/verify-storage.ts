/** Compares the storage with the store, in both directions, while a server may be at work on both. */

import { verifyArtifacts } from './artifacts.ts';
import type { Checked, Finding } from './finding.ts';
import { verifyPublications } from './publications.ts';
import { settle } from './settle.ts';
import { verifyUnits } from './units.ts';
import { Verification, type VerificationOptions } from './verification.ts';

export interface VerificationResult {
  readonly checked: Readonly<Checked>;
  readonly findings: readonly Finding[];
}

/**
 * @throws the reason of the signal; PortcullisError STORE_…, STORAGE_…
 */
export async function verifyStorage(options: VerificationOptions): Promise<VerificationResult> {
  const verification = new Verification(options);
  const { storage, units, uploads } = verification;
  if (options.isRepairing) await storage.sweep((sha256) => units.isArtifactReferred(sha256));
  await verifyArtifacts(verification);
  await verifyUnits(verification);
  await verifyPublications(verification);
  for await (const id of storage.uploads.list()) {
    verification.count('uploads');
    if (await uploads.hasRecord(id)) continue;
    const message = `upload ${id}: nothing in the store speaks of it`;
    await verification.found({ kind: 'upload-unknown', id, message }, async () => {
      await storage.uploads.remove(id);
      return true;
    });
  }
  await settle(verification);
  return { checked: verification.checked, findings: verification.findings };
}
