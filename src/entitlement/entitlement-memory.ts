/** Decodes the entitlement of each certificate once, and keeps what came of it. */

import { parseCertificate } from '../identity/certificate.ts';
import type { ClientCertificate, Unusable } from '../model.ts';
import type { Entitlement } from '../plugin.ts';
import { readEntitlement } from './read-entitlement.ts';

export interface EntitlementMemoryLimits {
  /** Certificates; above it the one that was not asked for longest goes. */
  readonly entriesMax: number;
  /** About how many bytes all of them may take, in the same way. */
  readonly bytesMax: number;
}

export const entitlementMemoryLimits: EntitlementMemoryLimits = {
  entriesMax: 10_000,
  bytesMax: 64 * 1024 * 1024,
};

type Read = Entitlement | Unusable;

interface Entry {
  readonly read: Read;
  readonly bytes: number;
}

/** What an entry takes besides its paths, in bytes. */
const entryBytes = 500;

/** One for all rules of a worker: what a certificate grants depends on its bytes alone. */
export class EntitlementMemory {
  readonly #limits: EntitlementMemoryLimits;
  /** By fingerprint, the one that was asked for last at the end. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limits: EntitlementMemoryLimits = entitlementMemoryLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @see Services.readEntitlement */
  read(certificate: Pick<ClientCertificate, 'der' | 'fingerprint'>): Read {
    const { fingerprint } = certificate;
    const entry = this.#entries.get(fingerprint) ?? decode(certificate.der);
    this.#forget(fingerprint);
    this.#entries.set(fingerprint, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limits.entriesMax && this.#bytes <= this.#limits.bytesMax)
        break;
      this.#forget(oldest);
    }
    return entry.read;
  }

  #forget(fingerprint: string): void {
    this.#bytes -= this.#entries.get(fingerprint)?.bytes ?? 0;
    this.#entries.delete(fingerprint);
  }
}

function decode(der: Uint8Array): Entry {
  const certificate = parseCertificate(der);
  if ('problem' in certificate) {
    return { read: { unusable: certificate.problem }, bytes: entryBytes };
  }
  const read = readEntitlement(certificate.extensions.others);
  return { read, bytes: entryBytes + ('unusable' in read ? 0 : read.bytes) };
}
