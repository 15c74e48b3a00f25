/**
 * Makes a unit of an upload and adds it to a repository. Done again after a stop it comes to the same: each
 * step finds what the one before it left, and the upload goes last.
 */

import type { JsonObject, Repository } from '../repositories/documents.ts';
import type { NewUnit } from '../repositories/new-unit.ts';
import { Uploads } from '../repositories/uploads.ts';
import { unitType } from '../repository-types/all-types.ts';
import { describedUnit } from '../repository-types/described-unit.ts';
import type { UnitDescription, UnitType } from '../repository-types/repository-type.ts';
import type { ReceivedFile } from '../storage/storage.ts';
import { type RunningTask, TaskFailure, type TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import { checkGivenDigest, mismatchCode } from './given-digest.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { Replacement } from './replacement.ts';
import {
  checkSignatures,
  checkTakes,
  publishAutomatically,
  RepositoryContent,
} from './repository-content.ts';
import { missingResource, repositorySubmission } from './submission.ts';

export const importUploadName = 'repository.import_upload';

export interface UnitOfUpload {
  readonly type: string;
  /** As the client sent them. */
  readonly unitKey: JsonObject;
  readonly unitMetadata: JsonObject;
}

interface ImportArguments {
  readonly repository: string;
  readonly upload: string;
  readonly unit: UnitOfUpload;
}

/** One import of an upload at a time, also into different repositories. */
export function importUploadSubmission(given: ImportArguments): Submission {
  const { repository, upload, unit } = given;
  const submission = repositorySubmission(importUploadName, 'import_upload', {
    ...{ repository, upload },
    unit: { ...unit },
  });
  return { ...submission, resources: [...(submission.resources ?? []), `upload:${upload}`] };
}

export function createImportUploadKind(parts: RepositoryTaskParts): TaskKind {
  return {
    whenLost: 'retry',
    run: async (task) => {
      await new ImportUpload(task, parts).run();
      return null;
    },
  };
}

class ImportUpload {
  readonly #task: RunningTask;
  readonly #parts: RepositoryTaskParts;
  readonly #uploads: Uploads;
  readonly #content: RepositoryContent;
  readonly #replacement: Replacement;
  readonly #given: ImportArguments;

  constructor(task: RunningTask, parts: RepositoryTaskParts) {
    this.#task = task;
    this.#parts = parts;
    this.#uploads = new Uploads(parts.store, parts.now);
    this.#content = new RepositoryContent(parts);
    this.#replacement = new Replacement(this.#content.units, parts.storage.artifacts);
    this.#given = task.arguments as unknown as ImportArguments;
  }

  async run(): Promise<void> {
    const { upload } = this.#given;
    const { uploads } = this.#parts.storage;
    if (!(await this.#uploads.importedBy(upload, this.#task.taskId))) {
      await this.#addUnit();
      await this.#uploads.markImported(upload, this.#task.taskId);
    }
    await uploads.remove(upload);
  }

  async #addUnit(): Promise<void> {
    const { upload, unit: given } = this.#given;
    const repository = await this.#content.repository(this.#given.repository);
    const type = unitType(given.type);
    if (type === undefined) throw missingResource({ content_type_id: given.type });
    checkTakes(repository, type.id);
    checkSignatures(repository, [type.id]);
    if ((await this.#uploads.byId(upload)) === undefined) throw missingUpload(upload);
    const file = type.hasFile ? await this.#sealed() : undefined;
    const described = await this.#describe(type, file, repository);
    await this.#add(describedUnit(type, described, file), file, repository);
    await publishAutomatically(this.#task, repository);
  }

  async #sealed(): Promise<ReceivedFile> {
    const { upload, unit } = this.#given;
    const { signal } = this.#task;
    const { uploads } = this.#parts.storage;
    const file = await uploads.seal(upload, signal);
    if (file === undefined) throw missingUpload(upload);
    const refusal = await checkGivenDigest(file, unit, signal);
    if (refusal === undefined) return file;
    // What arrived is not what was sent: nobody can make anything of it (T80).
    if (refusal.code === mismatchCode) {
      await this.#uploads.remove(upload);
      await uploads.remove(upload);
    }
    throw refusal;
  }

  async #describe(
    type: UnitType,
    file: ReceivedFile | undefined,
    { _id: repository }: Repository,
  ): Promise<UnitDescription> {
    const { unitKey, unitMetadata } = this.#given.unit;
    const key = keyInRepository(type, unitKey, repository);
    await using stack = new AsyncDisposableStack();
    const { storage } = this.#parts;
    const workDirectory = async () => stack.use(await storage.workDirectory()).path;
    const read = await type.read({
      file: file && { ...file, workDirectory },
      unitKey: file === undefined ? key : withOwnDigest(key, file),
      unitMetadata,
      signal: this.#task.signal,
    });
    if ('refused' in read) throw new TaskFailure(read.code, read.refused);
    return read;
  }

  async #add(
    given: NewUnit,
    file: ReceivedFile | undefined,
    { _id: repository }: Repository,
  ): Promise<void> {
    const change = this.#content.change(repository);
    const { signal, attempt } = this.#task;
    const arrival = { given, file, signal };
    const { unit, isAdded } = await this.#replacement.letIn(arrival, change, repository);
    const isRemoved = await this.#replacement.dissociateReplaced([unit], change, repository);
    await change.conclude({ isAdded: isAdded || attempt > 1, isRemoved });
  }
}

/** Units that a repository has for itself, as a group of packages, name it in their key. */
function keyInRepository(type: UnitType, unitKey: JsonObject, repository: string): JsonObject {
  if (!type.unitKey.includes('repo_id')) return unitKey;
  const given = unitKey.repo_id ?? repository;
  if (given === repository) return { ...unitKey, repo_id: repository };
  throw new TaskFailure(
    'PLP0047',
    `Cannot take the unit: its key names another repository than ${repository}`,
  );
}

/** By the digest that units of files are known by, once another that was given was found to be right. */
function withOwnDigest(unitKey: JsonObject, { sha256 }: ReceivedFile): JsonObject {
  const own = { checksum: sha256, checksumtype: 'sha256' };
  const given = Object.entries(own).filter(([name]) => (unitKey[name] ?? null) !== null);
  return { ...unitKey, ...Object.fromEntries(given) };
}

function missingUpload(upload: string): TaskFailure {
  return missingResource({ upload_request: upload });
}
