/** Consumers as rules ask for them: by their ids, and whether they are bound, out of what is in memory. */

import { where } from '../stores/parse-filter.ts';
import type { StoreReader } from '../stores/store-reader.ts';
import {
  type Binding,
  bindingsCollection,
  type Consumer,
  consumersCollection,
} from './documents.ts';

/** The collections that {@link KnownConsumers} reads. */
export const knownConsumerCollections = [consumersCollection, bindingsCollection] as const;

/** As much of a consumer as decides who gets in. */
export interface KnownConsumer {
  readonly record: string;
  readonly displayName: string;
  /** The serial numbers of the certificates that count. */
  readonly serials: ReadonlySet<string>;
}

/** All throw PortcullisError STORE_… */
export class KnownConsumers {
  readonly #reader: StoreReader;

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  /** @param id as a certificate has it */
  async byId(id: string): Promise<KnownConsumer | undefined> {
    return this.#reader.read(consumersCollection, id, async (store) => {
      const document = await store.get(consumersCollection, id);
      return document && known(document as unknown as Consumer);
    });
  }

  /** Whether somebody has bound the consumer to a distributor of the repository, in its present registration. */
  async isBound(id: string, record: string, repository: string): Promise<boolean> {
    const key = JSON.stringify([id, repository]);
    const records = await this.#reader.read(bindingsCollection, key, async (store) => {
      const filter = where({ consumer_id: id, repo_id: repository, is_granted: true });
      const found = await store.find(bindingsCollection, { filter, fields: ['record'] });
      return new Set((found as unknown as readonly Binding[]).map((binding) => binding.record));
    });
    return records.has(record);
  }
}

function known({ record, display_name, certificates }: Consumer): KnownConsumer {
  return {
    record,
    displayName: display_name,
    serials: new Set(certificates.map(({ serial }) => serial)),
  };
}
