/**
 * Units that name their repository in their key, as groups of packages: another repository gets a unit of
 * its own, with the same file.
 */

import type { ContentChange } from '../repositories/content-changes.ts';
import type { Artifact, Unit } from '../repositories/documents.ts';
import type { NewUnit } from '../repositories/new-unit.ts';
import { unitType } from '../repository-types/all-types.ts';
import type { Artifacts, ReceivedFile } from '../storage/storage.ts';
import type { Replacement } from './replacement.ts';

const repositoryField = 'repo_id';

export function isOfOneRepository({ type }: Pick<Unit, 'type'>): boolean {
  return unitType(type)?.unitKey.includes(repositoryField) ?? false;
}

export class RepositoryCopies {
  readonly #artifacts: Artifacts;
  readonly #replacement: Replacement;

  constructor(artifacts: Artifacts, replacement: Replacement) {
    this.#artifacts = artifacts;
    this.#replacement = replacement;
  }

  /** @param source in a repository that nobody changes meanwhile, so that its file stays */
  async add(
    source: Unit,
    change: ContentChange,
    repository: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { type, artifact, fields } = source;
    const given: NewUnit = {
      ...{ type, artifact },
      fields: { ...fields, [repositoryField]: repository },
      unitKey: unitType(type)?.unitKey ?? [],
    };
    const file = artifact === null ? undefined : this.#fileOf(artifact);
    await change.announce();
    await this.#replacement.letIn({ given, file, signal }, change, repository);
  }

  #fileOf({ sha256, size }: Artifact): ReceivedFile {
    return { path: this.#artifacts.pathOf(sha256), sha256, size };
  }
}
