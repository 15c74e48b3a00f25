/** The people and deny-lists of the store, opened once for all the rules of a worker that ask. */

import type { Configuration } from '../config/configuration.ts';
import type { Logger } from '../log.ts';
import { Directory, directoryCollections } from '../people/directory.ts';
import { StoreMemory } from '../people/store-memory.ts';
import type { ControlPlane } from './control-plane.ts';

export interface ContentDirectoryParts {
  readonly configuration: Pick<Configuration, 'access'>;
  readonly controlPlane: ControlPlane;
  readonly log: Logger;
  /** Gets what has to be closed in the end. */
  readonly opened: AsyncDisposableStack;
}

/** What a rule asks for. */
export type DirectoryPart = keyof typeof directoryCollections;

export class ContentDirectory {
  readonly #parts: ContentDirectoryParts;
  #opening: Promise<Directory> | undefined;
  #memory: StoreMemory | undefined;
  #directory: Directory | undefined;

  constructor(parts: ContentDirectoryParts) {
    this.#parts = parts;
  }

  /** Undefined while nobody has opened it. */
  get present(): Directory | undefined {
    return this.#directory;
  }

  /** @throws PortcullisError CONFIG_INVALID, FILE_UNREADABLE for a store that there cannot be */
  open(): Promise<Directory> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** The basis of a rule that asks for `parts`: of nothing, and where nobody opened it, there is one. */
  version(parts: ReadonlySet<DirectoryPart>): number | undefined {
    if (this.#memory === undefined) return 0;
    let sum = 0;
    for (const part of parts) {
      const version = this.#memory.version(directoryCollections[part]);
      if (version === undefined) return undefined;
      sum += version;
    }
    return sum;
  }

  async #open(): Promise<Directory> {
    const { configuration, controlPlane, log, opened } = this.#parts;
    const { storeOutageSeconds: outageSeconds, rememberEntries } = configuration.access;
    const store = await controlPlane.store();
    this.#memory = opened.use(
      new StoreMemory({
        store,
        collections: Object.values(directoryCollections).flat(),
        outageSeconds,
        entriesMax: rememberEntries,
        log,
      }),
    );
    this.#directory = new Directory(this.#memory);
    return this.#directory;
  }
}
