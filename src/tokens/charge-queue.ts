/**
 * Charges downloads to tokens with counted limits. The document of a token's counts is the unit: each
 * change of it is made on the result of the one before, in whatever process on whatever host, so that of a
 * hundred at once exactly as many fit as the limits leave (T64).
 *
 * What waits in one process for the same token is charged by one change: a fleet that shares a token
 * contends by workers, and not by clients.
 */

import type { Change } from '../stores/change.ts';
import type { Store } from '../stores/store.ts';
import { type CountedLimits, counted, type Download, limitReached, readCounts } from './counts.ts';
import { tokenCountCollection } from './token.ts';

/** Charges of one change. */
const chargesOfOneChange = 500;

/** Why it was not charged, as a clause; undefined once it is. */
type Refused = string | undefined;

interface Waiting {
  readonly limits: CountedLimits;
  readonly download: Download;
  readonly signal: AbortSignal;
  readonly settle: PromiseWithResolvers<Refused>;
}

export class ChargeQueue {
  readonly #store: () => Promise<Pick<Store, 'update'>>;
  readonly #waiting = new Map<string, Waiting[]>();

  /** @param store that may be changed */
  constructor(store: () => Promise<Pick<Store, 'update'>>) {
    this.#store = store;
  }

  /**
   * @param signal one that is aborted while others are charged is not charged any more
   * @throws PortcullisError STORE_…: it was charged, or not
   */
  charge(
    id: string,
    limits: CountedLimits,
    download: Download,
    signal: AbortSignal,
  ): Promise<Refused> {
    const settle = Promise.withResolvers<Refused>();
    const mine = { limits, download, signal, settle };
    const others = this.#waiting.get(id);
    if (others !== undefined) {
      others.push(mine);
    } else {
      this.#waiting.set(id, [mine]);
      void this.#chargeAll(id);
    }
    return settle.promise;
  }

  async #chargeAll(id: string): Promise<void> {
    for (;;) {
      const waiting = this.#waiting.get(id) ?? [];
      const some = waiting.splice(0, chargesOfOneChange);
      if (some.length === 0) {
        this.#waiting.delete(id);
        return;
      }
      await this.#chargeSome(id, some);
    }
  }

  async #chargeSome(id: string, some: readonly Waiting[]): Promise<void> {
    try {
      const refusals = await chargeOnce(await this.#store(), id, some);
      for (const [index, { settle }] of some.entries()) settle.resolve(refusals[index]);
    } catch (error) {
      for (const { settle } of some) settle.reject(error);
    }
  }
}

async function chargeOnce(
  store: Pick<Store, 'update'>,
  id: string,
  some: readonly Waiting[],
): Promise<readonly Refused[]> {
  let refusals: readonly Refused[] = [];
  // It may be asked more than once; what it says last is what was made of the document.
  const change: Change = (document) => {
    let counts = readCounts(document);
    const before = counts;
    refusals = some.map(({ limits, download, signal }) => {
      if (signal.aborted) return 'nobody waits for it any more';
      const refused = limitReached(counts, limits, download);
      if (refused === undefined) counts = counted(counts, limits, download);
      return refused;
    });
    return counts === before ? undefined : { ...document, ...counts };
  };
  const { outcome } = await store.update(tokenCountCollection, id, change);
  return outcome === 'missing' ? some.map(() => 'it was deleted') : refusals;
}
