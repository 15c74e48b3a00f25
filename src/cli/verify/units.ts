/** Every unit: is its artifact there? */

import type { Unit } from '../../repositories/documents.ts';
import { pageThrough } from '../../repositories/unit-pages.ts';
import { everything } from '../../stores/filter.ts';
import type { Verification } from './verification.ts';

/** A unit is pending while its bytes are put in place: for seconds. */
const pendingSecondsMax = 3600;

export async function verifyUnits(verification: Verification): Promise<void> {
  const { storage, wanted, now } = verification;
  for await (const unit of pageThrough(verification.store, everything)) {
    verification.count('units');
    if (unit.is_pending) {
      const seconds = (now().getTime() - unit.created.getTime()) / 1000;
      if (seconds > pendingSecondsMax) await reportPending(unit, verification);
    } else if (unit.artifact !== null) {
      const { sha256 } = unit.artifact;
      if (wanted.has(sha256) || (await storage.artifacts.sizeOf(sha256)) !== undefined) continue;
      wanted.set(sha256, { inode: undefined });
    }
  }
}

function reportPending(unit: Unit, verification: Verification): Promise<void> {
  const { storage, units } = verification;
  const finding = {
    kind: 'unit-pending',
    id: unit._id,
    message: `unit ${unit._id} (${unit.type}): its import began and never ended`,
  } as const;
  return verification.found(finding, async () => {
    if ((await units.removeOrphan(unit)) !== 'removed') return false;
    const sha256 = unit.artifact?.sha256;
    if (sha256 === undefined) return true;
    await storage.artifacts.removeUnless(sha256, () => units.isArtifactReferred(sha256));
    return true;
  });
}
