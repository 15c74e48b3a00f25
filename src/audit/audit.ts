/** Keeps what a process decides in the store: entries, sums of usage, and the certificates that came. */

import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ClientCertificate, Unusable } from '../model.ts';
import type { Store } from '../stores/store.ts';
import { BatchedWork } from './batched-work.ts';
import { type DecisionFields, entryOf } from './entry.ts';
import { EntryWriter } from './entry-writer.ts';
import {
  flushMilliseconds,
  pendingEntriesMax,
  tidyMilliseconds,
  usageFlushMilliseconds,
} from './limits.ts';
import { CertificateWriter, tidyCertificates } from './seen-certificates.ts';
import { type AuditBounds, tidyDecisions } from './tidy.ts';
import { tidyUsage } from './usage-report.ts';
import { UsageWriter } from './usage-writer.ts';

/** Told of each request once it is answered. Takes no time to speak of. */
export interface DecisionAudit {
  /**
   * @param encodedPath percent-encoded, without a query and without tokens
   * @param certificate as the client came with it
   */
  decided(
    fields: DecisionFields,
    encodedPath: string,
    certificate: ClientCertificate | Unusable | undefined,
  ): void;
}

export interface KeptBounds extends AuditBounds {
  /** Days for which sums of days are kept. */
  readonly usageDays: number;
  /** Certificates that are kept; 0 keeps none. */
  readonly certificates: number;
}

export interface AuditParts {
  readonly store: () => Promise<Store>;
  readonly bounds: KeptBounds;
  readonly log: Logger;
  readonly now: () => Date;
}

export class Audit implements DecisionAudit, AsyncDisposable {
  readonly #parts: AuditParts;
  readonly #entries: EntryWriter;
  readonly #usage: UsageWriter;
  readonly #certificates: CertificateWriter;
  readonly #entryWork: BatchedWork;
  readonly #usageWork: BatchedWork;
  #tidiedAt = Number.NEGATIVE_INFINITY;
  /** Why nothing could be written; undefined while all is well. */
  #failure: string | undefined;
  #toldLost = 0;

  constructor(parts: AuditParts) {
    this.#parts = parts;
    const { store } = parts;
    this.#entries = new EntryWriter(store);
    this.#usage = new UsageWriter(store);
    this.#certificates = new CertificateWriter(store);
    const onEnd = (error: unknown): void => this.#tell(error);
    this.#entryWork = new BatchedWork({
      milliseconds: flushMilliseconds,
      work: () => this.#writeEntries(),
      onEnd,
    });
    this.#usageWork = new BatchedWork({
      milliseconds: usageFlushMilliseconds,
      work: () => this.#usage.flush(),
      onEnd,
    });
  }

  /** Entries since the start that were not kept and never will be. */
  get lost(): number {
    return this.#entries.lost;
  }

  decided(...[fields, encodedPath, certificate]: Parameters<DecisionAudit['decided']>): void {
    const now = this.#parts.now();
    const entry = entryOf(fields, encodedPath, now);
    this.#entries.add(entry);
    if (certificate !== undefined && !('unusable' in certificate)) {
      if (this.#parts.bounds.certificates > 0) this.#certificates.see(certificate, now);
    }
    this.#entryWork.poke();
    if (this.#usage.count(entry, now)) this.#usageWork.poke();
  }

  /** Writes what waits. What the store does not take now is lost, and counted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#entryWork.stop();
    await this.#usageWork.stop();
    this.#entries.giveUp();
    this.#tellOfLosses();
  }

  async #writeEntries(): Promise<void> {
    await this.#entries.flush();
    const { now, store, bounds } = this.#parts;
    await this.#certificates.flush(now());
    if (performance.now() - this.#tidiedAt < tidyMilliseconds) return;
    this.#tidiedAt = performance.now();
    const opened = await store();
    await tidyDecisions(opened, bounds, now());
    await tidyUsage(opened, bounds.usageDays, now());
    await tidyCertificates(opened, bounds.certificates);
  }

  #tell(error: unknown): void {
    const { log } = this.#parts;
    const reason = error === undefined ? undefined : messageOf(error);
    if (reason !== undefined && this.#failure === undefined) {
      const message = 'Decisions cannot be kept in the store at the moment';
      log.warn(message, { reason, pendingEntriesMax });
    }
    if (reason === undefined && this.#failure !== undefined) {
      log.info('Decisions are kept in the store again');
    }
    this.#failure = reason;
    this.#tellOfLosses();
  }

  #tellOfLosses(): void {
    const { lost } = this.#entries;
    if (lost === this.#toldLost) return;
    this.#toldLost = lost;
    this.#parts.log.error('The decision log of the store lost entries', { losses: lost });
  }
}
