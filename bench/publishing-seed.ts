/**
 * Fills a repository with packages, as if each had been imported: the programs that read packages would take
 * longer than all that is measured.
 */

import { linkSync } from 'node:fs';
import path from 'node:path';
import type { Configuration } from '../src/config/configuration.ts';
import { type Unit, unitsCollection } from '../src/repositories/documents.ts';
import { withMembership } from '../src/repositories/memberships.ts';
import { newUnit } from '../src/repositories/new-unit.ts';
import { RepositoryContent } from '../src/repository-tasks/repository-content.ts';
import { unitType } from '../src/repository-types/all-types.ts';
import { digestOfFile } from '../src/storage/digest.ts';
import { artifactPath } from '../src/storage/layout.ts';
import type { Document } from '../src/stores/document.ts';
import { createControlPlane } from '../src/work/control-plane.ts';
import { packageFile, packageName } from './small-packages.ts';

const batchSize = 1000;

/**
 * Adds the packages from number 1 on. Number 0 is in the repository already, and the others are like it.
 *
 * @param packages the directory of the packages, on the file system of the storage
 */
export async function seedRepository(
  configuration: Configuration,
  { repository, packages, count }: { repository: string; packages: string; count: number },
): Promise<void> {
  await using plane = createControlPlane(configuration, 'write');
  const store = await plane.store();
  const content = new RepositoryContent({ store, now: () => new Date() });
  const [first] = await Array.fromAsync(content.units.ofRepository(repository, 'rpm'));
  if (first === undefined) throw new Error('there is no package to begin with');
  const { directory } = configuration.storage;
  for (let from = 1; from < count; from += batchSize) {
    const numbers = Array.from(
      { length: Math.min(batchSize, count - from) },
      (_, index) => from + index,
    );
    const units = numbers.map((number) => unitLike(first, number, packages, directory));
    const documents = (await Promise.all(units)).map((unit) => memberOf(unit, repository));
    await store.insertMany(unitsCollection, documents);
  }
  const change = content.change(repository);
  await change.announce();
  await change.conclude({ isAdded: true, isRemoved: false });
}

async function unitLike(
  { type, fields }: Unit,
  number: number,
  packages: string,
  storage: string,
): Promise<Document> {
  const filename = packageFile(number);
  const file = path.join(packages, filename);
  const { sha256, size } = await digestOfFile(file);
  linkSync(file, artifactPath(storage, sha256));
  const renamed = JSON.stringify(fields).replaceAll(packageName(0), packageName(number));
  return newUnit(
    {
      type,
      fields: { ...JSON.parse(renamed), checksum: sha256, size },
      unitKey: unitType(type)?.unitKey ?? [],
      replacesBy: ['name', 'epoch', 'version', 'release', 'arch'],
      artifact: { sha256, size, filename },
    },
    new Date(),
  );
}

function memberOf(unit: Document, repository: string): Document {
  return { ...withMembership(unit, repository, new Date()), is_pending: false };
}
