/** The end of a sync: what the remote repository has comes into the repository, and what has to go goes. */

import type { Units } from '../repositories/units.ts';
import { planMemberships } from './membership-plan.ts';
import type { RemoteContent } from './remote-item.ts';
import type { SyncJob, SyncParts } from './sync-job.ts';
import { type SyncedUnit, syncedUnit } from './synced-unit.ts';
import { retainOldCount, type SyncedUnits, skippedTypes } from './take-content.ts';

/** Units that are read at a time. */
const presentBatch = 1000;

/** @returns how many units came and went; undefined when some were gone that should have come */
export async function changeMemberships(
  { units }: SyncParts,
  job: SyncJob,
  content: RemoteContent,
  remote: SyncedUnits,
): Promise<{ readonly added: number; readonly removed: number } | undefined> {
  const { repositoryId, change, config } = job;
  const skipped = skippedTypes(job);
  const types = content.types.filter((type) => !skipped.includes(type));
  const present = new Map<string, SyncedUnit>();
  for (const type of types) {
    for await (const unit of presentUnits(units, repositoryId, type)) present.set(unit.id, unit);
  }
  const plan = planMemberships(remote, present, {
    types,
    removeMissing: config.remove_missing === true,
    retainOldCount: retainOldCount(job),
  });
  await job.confirm();
  if (plan.added.length + plan.removed.length > 0) await change.announce();
  const { changed: added, missing } = await units.associate(plan.added, repositoryId);
  if (missing.length > 0) return undefined;
  const { changed: removed } = await units.dissociate(plan.removed, repositoryId);
  await change.conclude({ isAdded: added.length > 0, isRemoved: removed.length > 0 });
  return { added: added.length, removed: removed.length };
}

async function* presentUnits(
  units: Units,
  repository: string,
  type: string,
): AsyncGenerator<SyncedUnit> {
  const names = ['name', 'epoch', 'version', 'release', 'arch'];
  const fields = ['type', 'replaces_digest', ...names.map((name) => `fields.${name}`)];
  for await (const unit of units.ofRepository(repository, type, { fields, limit: presentBatch })) {
    yield syncedUnit({ ...unit, fields: unit.fields ?? {} });
  }
}
