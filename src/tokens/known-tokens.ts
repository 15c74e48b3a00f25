/** Tokens as rules ask for them: by their secrets and by their ids, out of what is in memory. */

import { timingSafeEqual } from 'node:crypto';
import type { StoredDocument } from '../stores/document.ts';
import { where } from '../stores/parse-filter.ts';
import type { StoreReader } from '../stores/store-reader.ts';
import { readToken, secretsOf } from './record.ts';
import { type Token, tokenCollection } from './token.ts';

export interface FoundToken {
  readonly token: Token;
  /** Until when the secret is good that was asked for; null for the present one. */
  readonly secretUntil: Date | null;
}

/** All throw PortcullisError STORE_… */
export class KnownTokens {
  readonly #reader: StoreReader;

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  /** @param digest as `digestOf` makes it */
  async bySecret(digest: string): Promise<FoundToken | undefined> {
    return this.#reader.read(tokenCollection, `digest ${digest}`, async (store) => {
      const filter = where({ 'secrets.digest': digest });
      const [document] = await store.find(tokenCollection, { filter, limit: 1 });
      return document && foundBy(digest, document);
    });
  }

  async byId(id: string): Promise<Token | undefined> {
    return this.#reader.read(tokenCollection, `id ${id}`, async (store) => {
      const document = await store.get(tokenCollection, id);
      return document && readToken(document);
    });
  }
}

/** The store found it by the digest; which of its secrets it is, and whether at all, is seen here (T48). */
function foundBy(digest: string, document: StoredDocument): FoundToken | undefined {
  const given = Buffer.from(digest, 'hex');
  const stored = secretsOf(document).find((each) => {
    const kept = Buffer.from(each.digest, 'hex');
    return kept.length === given.length && timingSafeEqual(kept, given);
  });
  return stored && { token: readToken(document), secretUntil: stored.until };
}
