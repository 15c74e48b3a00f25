/** Writes the entries of one process into the store: never on the way of a request, and bounded. */

import { randomBytes } from 'node:crypto';
import type { Document } from '../stores/document.ts';
import type { Store } from '../stores/store.ts';
import type { DecisionEntry } from './entry.ts';
import { pendingEntriesMax, segmentEntriesMax, segmentSpanMilliseconds } from './limits.ts';
import { documentOf, segments } from './segment.ts';

/** The document that is added to: written whole each time, so that a second try does no harm. */
interface OpenSegment {
  readonly id: string;
  readonly startedAt: number;
  /** Those that the store has acknowledged. */
  readonly entries: readonly DecisionEntry[];
  readonly lost: number;
  readonly isWritten: boolean;
}

export class EntryWriter {
  readonly #store: () => Promise<Pick<Store, 'insert' | 'update'>>;
  readonly #pending: DecisionEntry[] = [];
  #open: OpenSegment | undefined;
  /** Entries since the start that were not kept and never will be. */
  #lost = 0;
  /** How many of them a document tells of. */
  #told = 0;

  constructor(store: () => Promise<Pick<Store, 'insert' | 'update'>>) {
    this.#store = store;
  }

  get lost(): number {
    return this.#lost;
  }

  get pending(): number {
    return this.#pending.length;
  }

  add(entry: DecisionEntry): void {
    if (this.#pending.length < pendingEntriesMax) this.#pending.push(entry);
    else this.#lost += 1;
  }

  /** Writes all that waits; what cannot be written goes on waiting. */
  async flush(): Promise<void> {
    while (this.#pending.length > 0) {
      // Kept before it is written: a second try of what may have been written has the same id.
      this.#open = this.#room() ?? newSegment(this.#pending[0]);
      const { id, entries, lost, ...open } = this.#open;
      const taken = this.#pending.slice(0, segmentEntriesMax - entries.length);
      const told = this.#lost;
      const next = { id, entries: [...entries, ...taken], lost: lost + told - this.#told };
      await this.#write({ ...open, ...next });
      this.#open = { ...open, ...next, isWritten: true };
      this.#told = told;
      this.#pending.splice(0, taken.length);
    }
  }

  /** What is given up at the end counts as lost. */
  giveUp(): void {
    this.#lost += this.#pending.splice(0).length;
  }

  #room(): OpenSegment | undefined {
    const open = this.#open;
    if (open === undefined || open.entries.length >= segmentEntriesMax) return undefined;
    const age = Math.abs((this.#pending[0]?.time.getTime() ?? 0) - open.startedAt);
    return age < segmentSpanMilliseconds ? open : undefined;
  }

  async #write({ id, entries, lost, isWritten }: OpenSegment): Promise<void> {
    const store = await this.#store();
    const { _id, ...fields } = documentOf(id, entries, lost);
    const change = (): Document => fields;
    if (isWritten && (await store.update(segments, id, change)).outcome !== 'missing') return;
    const inserted = await store.insert(segments, { _id, ...fields });
    if (inserted.outcome === 'duplicate') await store.update(segments, id, change);
  }
}

function newSegment(first: DecisionEntry | undefined): OpenSegment {
  const startedAt = first?.time.getTime() ?? 0;
  const id = randomBytes(12).toString('hex');
  return { id, startedAt, entries: [], lost: 0, isWritten: false };
}
