/**
 * What is used of tokens without counted limits, written to the store in batches: a download costs no
 * write, and is seen in lists some seconds later. A process that is killed loses what it had not written.
 */

import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../stores/store.ts';
import { later, readCounts } from './counts.ts';
import { tokenCountCollection } from './token.ts';

/** How often what was counted is written, in seconds; and once more when the process drains. */
export const usageFlushSeconds = 10;

/** Tokens of which something is kept between two writes; of more, nothing is counted. */
export const usageEntriesMax = 10_000;

interface Usage {
  readonly downloads: number;
  readonly bytes: number;
  readonly lastUsed: Date;
}

export class UsageBook {
  readonly #store: () => Promise<Pick<Store, 'update'>>;
  readonly #log: Logger;
  #pages = new Map<string, Usage>();
  #lost = 0;

  /** @param store that may be changed; nobody asks for it while nothing was used */
  constructor(store: () => Promise<Pick<Store, 'update'>>, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  record(id: string, bytes: number, at: Date): void {
    this.#add(id, { downloads: 1, bytes, lastUsed: at });
  }

  /** Writes what was counted. What cannot be written is kept for the next time. */
  async flush(): Promise<void> {
    const pages = this.#pages;
    this.#pages = new Map();
    try {
      for (const [id, usage] of pages) {
        await write(await this.#store(), id, usage);
        pages.delete(id);
        // A change of SQLite is made at once: requests get their turn in between.
        await setImmediate();
      }
    } catch (error) {
      for (const [id, usage] of pages) this.#add(id, usage);
      const message = 'The use of tokens cannot be written to the store: it is tried again';
      this.#log.warn(message, { reason: messageOf(error), tokens: this.#pages.size });
    }
    if (this.#lost === 0) return;
    this.#log.error('The use of tokens was not counted: too many were used at once', {
      downloads: this.#lost,
    });
    this.#lost = 0;
  }

  #add(id: string, { downloads, bytes, lastUsed }: Usage): void {
    const known = this.#pages.get(id);
    if (known === undefined && this.#pages.size >= usageEntriesMax) {
      this.#lost += downloads;
      return;
    }
    this.#pages.set(id, {
      downloads: (known?.downloads ?? 0) + downloads,
      bytes: (known?.bytes ?? 0) + bytes,
      lastUsed: later(known?.lastUsed ?? null, lastUsed),
    });
  }
}

/** A token that was deleted meanwhile has no counts any more. */
async function write(store: Pick<Store, 'update'>, id: string, usage: Usage): Promise<void> {
  await store.update(tokenCountCollection, id, (document) => {
    const counts = readCounts(document);
    return {
      ...document,
      downloads: counts.downloads + usage.downloads,
      bytes: counts.bytes + usage.bytes,
      lastUsed: later(counts.lastUsed, usage.lastUsed),
    };
  });
}
