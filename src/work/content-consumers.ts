/** The consumers of the store, opened once for all the rules of a worker that ask. */

import type { Configuration } from '../config/configuration.ts';
import { KnownConsumers, knownConsumerCollections } from '../consumers/known-consumers.ts';
import type { Logger } from '../log.ts';
import { StoreMemory } from '../people/store-memory.ts';
import type { ControlPlane } from './control-plane.ts';

export interface ContentConsumersParts {
  readonly configuration: Pick<Configuration, 'access'>;
  readonly controlPlane: ControlPlane;
  readonly log: Logger;
  /** Gets what has to be closed in the end. */
  readonly opened: AsyncDisposableStack;
}

export class ContentConsumers {
  readonly #parts: ContentConsumersParts;
  #opening: Promise<KnownConsumers> | undefined;
  #memory: StoreMemory | undefined;

  constructor(parts: ContentConsumersParts) {
    this.#parts = parts;
  }

  /** @throws PortcullisError CONFIG_INVALID, FILE_UNREADABLE for a store that there cannot be */
  open(): Promise<KnownConsumers> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** The basis of a rule that asks for consumers; where nobody opened them, there is one. */
  get version(): number | undefined {
    return this.#memory === undefined ? 0 : this.#memory.version(knownConsumerCollections);
  }

  /** A memory of its own: a thousand hosts push no user out of it. */
  async #open(): Promise<KnownConsumers> {
    const { configuration, controlPlane, log, opened } = this.#parts;
    const { storeOutageSeconds: outageSeconds, rememberEntries } = configuration.access;
    this.#memory = opened.use(
      new StoreMemory({
        store: await controlPlane.store(),
        collections: knownConsumerCollections,
        outageSeconds,
        entriesMax: rememberEntries,
        log,
      }),
    );
    return new KnownConsumers(this.#memory);
  }
}
