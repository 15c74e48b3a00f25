/** Makes a publication and points to it. */

import { Distributions } from '../repositories/distributions.ts';
import type {
  DistributionDocument,
  Distributor,
  JsonObject,
  PublicationDocument,
  Repository,
} from '../repositories/documents.ts';
import { Publications } from '../repositories/publications.ts';
import { Units } from '../repositories/units.ts';
import { openSigner, signerPrograms } from '../repository-types/gpg-signer.ts';
import { requirePrograms } from '../repository-types/programs.ts';
import type {
  DistributorType,
  MetadataSigner,
  PublishStep,
  PublishSummary,
} from '../repository-types/repository-type.ts';
import { type RunningTask, TaskFailure } from '../tasks/kind.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { removePublication } from './remove-publications.ts';

export interface Publication {
  readonly repository: Repository;
  readonly distributor: Distributor;
  readonly type: DistributorType;
  /** As it is in force for this publish. */
  readonly config: JsonObject;
  readonly digest: string;
  readonly isSigned: boolean;
}

export class Publisher {
  readonly #parts: RepositoryTaskParts;
  readonly #task: RunningTask;
  readonly #publications: Publications;
  readonly #distributions: Distributions;
  readonly #units: Units;
  #steps: readonly PublishStep[] = [];

  constructor(parts: RepositoryTaskParts, task: RunningTask) {
    const { store, now } = parts;
    this.#parts = parts;
    this.#task = task;
    this.#publications = new Publications(store, now);
    this.#distributions = new Distributions(store, now);
    this.#units = new Units(store, now);
  }

  /** How far it is, or was when it failed. */
  get steps(): readonly PublishStep[] {
    return this.#steps;
  }

  /**
   * Whether metadata is signed.
   *
   * @throws TaskFailure where it is asked for and there is no key: clients would take it for signed
   */
  signs({ isSignable }: DistributorType, { gpg_sign_metadata: asked }: JsonObject): boolean {
    if (isSignable !== true || asked === false) return false;
    const hasKey = this.#parts.settings.repositories.gpgKeyFile !== undefined;
    if (hasKey || asked !== true) return hasKey;
    const mend = 'name one in repositories.gpgKeyFile, or leave gpg_sign_metadata out';
    throw new TaskFailure('PLP0034', `Cannot sign the metadata: the server has no key; ${mend}`);
  }

  /** Whether each place of the distributor has a publication. */
  async isServed(repository: string, distributor: string): Promise<boolean> {
    const all = await this.#distributions.ofRepository(repository, distributor);
    return all.length > 0 && all.every(({ publication }) => publication !== null);
  }

  async publish(publication: Publication): Promise<readonly PublishStep[]> {
    const { repository, distributor, digest } = publication;
    await this.#forgetUnfinished(publication);
    const served = await this.#distributions.ofRepository(repository._id, distributor.id);
    const document = await this.#publications.begin({
      repository: repository._id,
      distributor: distributor.id,
      task: this.#task.taskId,
      content_revision: repository.content_revision,
      config_digest: digest,
    });
    const summary = await this.#makeOrRemove(document, publication, served);
    await this.#point(document, served, summary.directory ?? null);
    return summary.steps;
  }

  /** Nothing points to one that fails here; from the pointer on, retention alone removes. */
  async #makeOrRemove(
    document: PublicationDocument,
    publication: Publication,
    served: readonly DistributionDocument[],
  ): Promise<PublishSummary> {
    try {
      return await this.#make(document, publication, served);
    } catch (error) {
      // Where this fails too, the next publish or the sweeper removes it.
      if (!this.#task.signal.aborted) await this.#remove(document).catch(() => {});
      throw error;
    }
  }

  /** What an attempt before left, or a task that died: this one has the repository for itself. */
  async #forgetUnfinished({ repository, distributor }: Publication): Promise<void> {
    const all = await this.#publications.ofRepository(repository._id, distributor.id);
    for (const publication of all) {
      if (publication.state === 'building') await this.#remove(publication);
    }
  }

  #remove({ _id }: PublicationDocument): Promise<void> {
    return removePublication(_id, this.#publications, this.#parts.storage);
  }

  async #make(
    { _id }: PublicationDocument,
    publication: Publication,
    served: readonly DistributionDocument[],
  ): Promise<PublishSummary> {
    await using tree = await this.#parts.storage.publications.begin(_id);
    await using work = await this.#parts.storage.workDirectory();
    const { repository, distributor, type, config, isSigned } = publication;
    await using signer = isSigned ? await this.#openSigner(work.path) : undefined;
    const { storage, settings, now } = this.#parts;
    const { signal, log } = this.#task;
    const summary = await type.publish({
      repositoryId: repository._id,
      distributorId: distributor.id,
      ...{ config, tree, signer, signal, log, now: now() },
      units: (typeId) => this.#units.ofRepository(repository._id, typeId),
      artifactPath: (sha256) => storage.artifacts.pathOf(sha256),
      ...this.#keptDirectories(served),
      directoryRoots: settings.repositories.directoryRoots,
      workDirectory: work.path,
      progress: (steps) => this.#report(distributor.id, steps),
    });
    signal.throwIfAborted();
    await tree.commit();
    if (await this.#publications.complete(_id, summary)) return summary;
    throw new TaskFailure('PLP0034', 'The publication was taken away while it was made');
  }

  async #openSigner(workDirectory: string): Promise<MetadataSigner & AsyncDisposable> {
    const { gpgKeyFile: keyFile = '', gpgPassphraseFile } = this.#parts.settings.repositories;
    await requirePrograms(signerPrograms);
    const key = { keyFile, passphraseFile: gpgPassphraseFile };
    return openSigner(key, workDirectory, this.#task.signal);
  }

  #keptDirectories(served: readonly DistributionDocument[]): {
    readonly previous: string | undefined;
    readonly kept: readonly string[];
  } {
    const { publications } = this.#parts.storage;
    const now = this.#parts.now();
    const present = served.flatMap(({ publication }) => publication ?? []);
    const earlier = served.flatMap((distribution) =>
      distribution.earlier.filter(({ until }) => until > now).map((one) => one.publication),
    );
    const kept = [...new Set([...present, ...earlier])].map((id) => publications.directoryOf(id));
    return { previous: kept[0], kept };
  }

  /** The one step that clients see. */
  async #point(
    { _id }: PublicationDocument,
    served: readonly DistributionDocument[],
    directory: string | null,
  ): Promise<void> {
    await this.#task.confirm();
    const { publicationGraceSeconds } = this.#parts.settings.storage;
    for (const distribution of served) {
      const { _id: id } = distribution;
      await this.#distributions.pointTo(id, _id, publicationGraceSeconds, directory);
    }
  }

  #report(distributor: string, steps: readonly PublishStep[]): void {
    this.#steps = steps;
    this.#task.progress({ [distributor]: steps.map((step) => ({ ...step })) });
  }
}
