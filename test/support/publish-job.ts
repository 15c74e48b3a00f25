/** Publishing by a type of repository, with real storage and units that no store keeps. */

import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { createLogger } from '../../src/log.ts';
import type { JsonObject, Unit } from '../../src/repositories/documents.ts';
import { distributorType, unitType } from '../../src/repository-types/all-types.ts';
import type { MetadataSigner, PublishStep } from '../../src/repository-types/repository-type.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { newId } from '../../src/stores/document.ts';
import { givenUnit } from './given-file.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary.ts';

export interface Publisher extends AsyncDisposable {
  readonly storage: Storage;
  readonly directory: TemporaryDirectory;
  /** Reads a file or fields as a unit of the type, and keeps it. */
  add(type: string, bytes: string | Uint8Array | undefined, fields?: JsonObject): Promise<Unit>;
  remove(unit: Unit): void;
  /** @returns the directory of the publication */
  publish(distributor: string, options?: PublishOptions): Promise<Published>;
}

export interface PublishOptions {
  readonly config?: JsonObject;
  readonly previous?: string;
  readonly kept?: readonly string[];
  readonly signer?: MetadataSigner;
  readonly directoryRoots?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface Published {
  /** Of the publication, or the one that is served as it lies. */
  readonly directory: string;
  readonly steps: readonly PublishStep[];
  readonly unitCounts: { readonly [type: string]: number };
}

export async function createPublisher(): Promise<Publisher> {
  const directory = temporaryDirectory();
  const storage = await openStorage({
    directory: directory.file('storage'),
    uploadBytesMax: 1024 ** 3,
  });
  const units = new Set<Unit>();
  return {
    storage,
    directory,
    add: async (type, bytes, fields = {}) => {
      const unit = await keepUnit(storage, directory, { type, bytes, fields });
      units.add(unit);
      return unit;
    },
    remove: (unit) => units.delete(unit),
    publish: (id, options = {}) => publish(storage, directory, units, { id, ...options }),
    [Symbol.asyncDispose]: async () => directory[Symbol.dispose](),
  };
}

async function keepUnit(
  storage: Storage,
  directory: TemporaryDirectory,
  given: {
    readonly type: string;
    readonly bytes: string | Uint8Array | undefined;
    readonly fields: JsonObject;
  },
): Promise<Unit> {
  const { type, bytes, fields } = given;
  const file = givenUnit(directory, bytes, { unitKey: fields });
  const read = await unitType(type)?.read(file);
  if (read === undefined || 'refused' in read) throw new Error(read?.refused ?? `no type ${type}`);
  if (file.file !== undefined) await storage.artifacts.keep(file.file);
  const { filename = '' } = read;
  const now = new Date();
  return {
    _id: newId(),
    _version: 1,
    type,
    key_digest: newId(),
    fields: read.fields,
    artifact:
      file.file === undefined ? null : { sha256: file.file.sha256, size: file.file.size, filename },
    is_pending: false,
    created: now,
    last_updated: now,
    user_metadata: {},
    repositories: ['acme'],
    memberships: [],
  } as unknown as Unit;
}

async function publish(
  storage: Storage,
  directory: TemporaryDirectory,
  units: ReadonlySet<Unit>,
  options: PublishOptions & { readonly id: string },
): Promise<Published> {
  const { id, previous, signer, config = {} } = options;
  const publication = newId();
  await using tree = await storage.publications.begin(publication);
  let steps: readonly PublishStep[] = [];
  const distributor = distributorType(id);
  if (distributor === undefined) throw new Error(`no distributor ${id}`);
  const summary = await distributor.publish({
    ...{ repositoryId: 'acme', distributorId: id, config, tree, previous, signer },
    units: async function* (type) {
      yield* [...units].filter((unit) => unit.type === type);
    },
    artifactPath: (sha256) => storage.artifacts.pathOf(sha256),
    directoryRoots: options.directoryRoots ?? [],
    kept: options.kept ?? (previous === undefined ? [] : [previous]),
    workDirectory: mkdtempSync(path.join(directory.path, 'work-')),
    progress: (report) => {
      steps = report;
    },
    signal: options.signal ?? AbortSignal.timeout(120_000),
    log: createLogger({ level: 'error', write: () => {} }),
    now: new Date(),
  });
  await tree.commit();
  return {
    directory: summary.directory ?? storage.publications.directoryOf(publication),
    steps,
    unitCounts: summary.unitCounts,
  };
}
