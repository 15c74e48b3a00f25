/**
 * The certificates that clients came with, kept by their fingerprints so that a request can be played
 * again. They are no secret, and stand in no log and in no answer of the API.
 */

import { keepNewest } from '../keep-newest.ts';
import type { ClientCertificate } from '../model.ts';
import type { CollectionDeclaration } from '../stores/collection.ts';
import { everything } from '../stores/filter.ts';
import type { Store } from '../stores/store.ts';
import {
  knownCertificatesMax,
  pendingCertificatesMax,
  tidyDocumentsMax,
  tidyMilliseconds,
} from './limits.ts';
import { untilNothingIsLeft } from './tidy.ts';
import { unitMilliseconds } from './usage.ts';

const collection = 'seen_certificates';

export const seenCertificateCollection: CollectionDeclaration = {
  name: collection,
  indexes: [{ fields: ['seen'] }],
};

type Writable = Pick<Store, 'insertMany' | 'update'>;

/** Writes each certificate once a day for all that a process sees of it. */
export class CertificateWriter {
  readonly #store: () => Promise<Writable>;
  readonly #pending = new Map<string, ClientCertificate>();
  /** The day on which each was written last; the one that was written first goes first. */
  readonly #known = new Map<string, number>();
  #period = 0;
  /** In this period. */
  #taken = 0;

  constructor(store: () => Promise<Writable>) {
    this.#store = store;
  }

  /** @returns whether it waits to be written */
  see(certificate: ClientCertificate, now: Date): boolean {
    const { fingerprint } = certificate;
    const isKnown = this.#known.get(fingerprint) === dayOf(now);
    if (isKnown || this.#pending.has(fingerprint)) return false;
    if (this.#pending.size >= pendingCertificatesMax || !this.#isRoom(now)) return false;
    this.#taken += 1;
    this.#pending.set(fingerprint, certificate);
    return true;
  }

  /** Anybody can make certificates: only so many are written between two looks for what is too much. */
  #isRoom(now: Date): boolean {
    const period = Math.floor(now.getTime() / tidyMilliseconds);
    if (period !== this.#period) this.#taken = 0;
    this.#period = period;
    return this.#taken < pendingCertificatesMax;
  }

  /** Writes all that waits; what cannot be written goes on waiting. */
  async flush(now: Date): Promise<void> {
    const certificates = [...this.#pending.values()];
    if (certificates.length === 0) return;
    const store = await this.#store();
    const seen = new Date(dayOf(now) * unitMilliseconds.day);
    const results = await store.insertMany(
      collection,
      certificates.map((one) => ({ _id: one.fingerprint, seen, pem: pemOf(one) })),
    );
    for (const [index, { fingerprint }] of certificates.entries()) {
      if (results[index]?.outcome === 'duplicate') {
        await store.update(collection, fingerprint, { $set: { seen } });
      }
      this.#pending.delete(fingerprint);
      keepNewest(this.#known, fingerprint, dayOf(now), knownCertificatesMax);
    }
  }
}

/** The certificate and what came with it, PEM; undefined for one that was not seen. */
export async function findSeenCertificate(
  store: Pick<Store, 'get'>,
  fingerprint: string,
): Promise<string | undefined> {
  const document = await store.get(collection, fingerprint);
  return typeof document?.pem === 'string' ? document.pem : undefined;
}

/**
 * Removes those that were not seen for longest.
 *
 * @returns how many were removed
 */
export async function tidyCertificates(
  store: Pick<Store, 'count' | 'find' | 'remove'>,
  certificatesMax: number,
): Promise<number> {
  return untilNothingIsLeft(() => removeSome(store, certificatesMax));
}

async function removeSome(
  store: Pick<Store, 'count' | 'find' | 'remove'>,
  certificatesMax: number,
): Promise<number> {
  const excess = (await store.count(collection, everything)) - certificatesMax;
  if (excess <= 0) return 0;
  const sort = [['seen', 1]] as const;
  const query = { filter: everything, fields: ['seen'], sort };
  const limit = Math.min(excess, tidyDocumentsMax);
  let removed = 0;
  for (const { _id } of await store.find(collection, { ...query, limit })) {
    if ((await store.remove(collection, _id)) === 'removed') removed += 1;
  }
  return removed;
}

function dayOf(now: Date): number {
  return Math.floor(now.getTime() / unitMilliseconds.day);
}

function pemOf({ der, intermediates }: ClientCertificate): string {
  return [der, ...intermediates].map(pemBlock).join('');
}

function pemBlock(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
