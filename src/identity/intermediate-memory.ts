/** Intermediate CAs that clients sent, so that the next client of the same costs its own signature alone. */

import type { Authority } from './authority-store.ts';

export interface IntermediateMemoryLimits {
  /** CAs; above it the one that was not seen for longest goes. */
  readonly entriesMax: number;
  /** Bytes of all of them, DER, in the same way. */
  readonly bytesMax: number;
}

const intermediateMemoryLimits: IntermediateMemoryLimits = {
  entriesMax: 128,
  bytesMax: 512 * 1024,
};

/**
 * For one CA file: what is kept was signed, over others perhaps, with a key of that file. So strangers
 * cannot fill it, whatever they send.
 *
 * Only what never changes is kept: what the bytes say, and whether one key signed them. Dates, path
 * lengths and revocation are judged anew for each client.
 */
export class IntermediateMemory {
  readonly #limits: IntermediateMemoryLimits;
  /** By fingerprint of all their bytes, the one that was seen last at the end. */
  readonly #entries = new Map<string, Authority>();
  #bytes = 0;

  constructor(limits: IntermediateMemoryLimits = intermediateMemoryLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(fingerprint: string): Authority | undefined {
    return this.#entries.get(fingerprint);
  }

  /** Keeps it, as the one that was seen last. */
  keep(authority: Authority): void {
    const { fingerprint, der } = authority.certificate;
    this.#forget(fingerprint);
    this.#entries.set(fingerprint, authority);
    this.#bytes += der.length;
    for (const oldest of this.#entries.keys()) {
      const { entriesMax, bytesMax } = this.#limits;
      if (this.#entries.size <= entriesMax && this.#bytes <= bytesMax) break;
      this.#forget(oldest);
    }
  }

  #forget(fingerprint: string): void {
    this.#bytes -= this.#entries.get(fingerprint)?.certificate.der.length ?? 0;
    this.#entries.delete(fingerprint);
  }
}
