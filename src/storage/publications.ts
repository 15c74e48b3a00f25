/** Publications as directories named by their ids; what nobody may see yet or any more has a dot before it. */

import { mkdir, opendir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory } from './durable.ts';
import { isDone, onStorage, unless } from './faults.ts';
import { modes, publicationIdPattern, publicationsBelow } from './layout.ts';
import { manifestPath, manifestsBelow } from './manifest.ts';
import { FilePublicationTree } from './publication-tree.ts';
import { removeTree } from './remove-tree.ts';
import type { Publications, PublicationTree } from './storage.ts';

export class FilePublications implements Publications {
  readonly directory: string;
  readonly #storage: string;

  /** @param storage its directory */
  constructor(storage: string) {
    this.#storage = storage;
    this.directory = publicationsBelow(storage);
  }

  directoryOf(id: string): string {
    return path.join(this.directory, checkId(id));
  }

  async begin(id: string): Promise<PublicationTree & AsyncDisposable> {
    const directory = this.#hidden(id);
    await onStorage('begin a publication', async () => {
      await removeTree(directory);
      await mkdir(directory, { mode: modes.newPublication });
    });
    return new FilePublicationTree({ id, storage: this.#storage, directory });
  }

  async remove(id: string): Promise<void> {
    const [directory, hidden] = [this.directoryOf(id), this.#hidden(id)];
    await onStorage('remove a publication', async () => {
      do {
        await removeTree(hidden);
      } while (await this.#hide(directory, hidden));
      await unless(['ENOENT'], unlink(manifestPath(this.#storage, id)));
      await syncDirectory(this.directory);
    });
  }

  /** @returns whether there is something to remove, at the hidden name now or soon */
  async #hide(directory: string, hidden: string): Promise<boolean> {
    const isThere = isDone(['ENOENT'], rename(directory, hidden));
    return (await unless(['ENOTEMPTY', 'EEXIST'], isThere)) ?? true;
  }

  async *list(): AsyncIterable<string> {
    const seen = new Set<string>();
    for (const folder of [this.directory, manifestsBelow(this.#storage)]) {
      const entries = await onStorage('list publications', () => opendir(folder));
      for await (const { name } of entries) {
        const id = name.replace(/^\.|\.sha256$/, '');
        if (!publicationIdPattern.test(id) || seen.has(id)) continue;
        seen.add(id);
        yield id;
      }
    }
  }

  #hidden(id: string): string {
    return path.join(this.directory, `.${checkId(id)}`);
  }
}

function checkId(id: string): string {
  if (publicationIdPattern.test(id)) return id;
  throw new TypeError('Cannot name a publication: no 24 digits');
}
