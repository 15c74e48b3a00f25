/** How far a sync is, in the words of Pulp's progress report. */

import type { Value } from '../stores/document.ts';

export type StepState =
  | 'NOT_STARTED'
  | 'IN_PROGRESS'
  | 'FINISHED'
  | 'FAILED'
  | 'SKIPPED'
  | 'CANCELLED';

type StepName =
  | 'metadata'
  | 'content'
  | 'errata'
  | 'comps'
  | 'modules'
  | 'metadata_files'
  | 'distribution';

interface ContentCounts {
  items_total: number;
  items_left: number;
  /** In bytes. */
  size_total: number;
  size_left: number;
}

export class SyncProgress {
  readonly #importerId: string;
  readonly #show: (report: Readonly<Record<string, Value>>) => void;
  readonly #states = new Map<StepName, StepState>();
  readonly #skipped = new Map<StepName, string>();
  readonly #content: ContentCounts = { items_total: 0, items_left: 0, size_total: 0, size_left: 0 };
  #error: string | undefined;
  #current: StepName = 'metadata';

  /** @param show is given each report; whoever keeps them may leave some out */
  constructor(importerId: string, show: (report: Readonly<Record<string, Value>>) => void) {
    this.#importerId = importerId;
    this.#show = show;
  }

  begin(step: StepName): void {
    this.#current = step;
    this.#set(step, 'IN_PROGRESS');
  }

  finish(step: StepName): void {
    this.#set(step, 'FINISHED');
  }

  /** @param why as it is shown */
  skip(step: StepName, why: string): void {
    this.#skipped.set(step, why);
    this.#set(step, 'SKIPPED');
  }

  /** The step that runs ends because the sync does. */
  cancel(): void {
    this.#set(this.#current, 'CANCELLED');
  }

  /** What there is to fetch. */
  expect(items: number, bytes: number): void {
    Object.assign(this.#content, {
      ...{ items_total: items, items_left: items },
      ...{ size_total: bytes, size_left: bytes },
    });
    this.#report();
  }

  received(bytes: number): void {
    this.#content.size_left = Math.max(0, this.#content.size_left - bytes);
    this.#report();
  }

  fetched(): void {
    this.#content.items_left -= 1;
    this.#report();
  }

  /** The step that runs has failed. @param description as it is shown to whoever may see the task */
  fail(description: string): void {
    this.#error = description;
    this.#set(this.#current, 'FAILED');
  }

  /** As Pulp's summary: each step with its state. */
  summary(): Readonly<Record<string, Value>> {
    return Object.fromEntries(this.#states);
  }

  /** By the importer's id. */
  report(): Readonly<Record<string, Value>> {
    const step = (name: StepName) => ({
      state: this.#states.get(name) ?? 'NOT_STARTED',
      error_details:
        this.#error !== undefined && name === this.#current ? [{ error: this.#error }] : [],
    });
    return {
      [this.#importerId]: {
        metadata: step('metadata'),
        content: { ...step('content'), ...this.#content, details: {} },
        errata: step('errata'),
        comps: step('comps'),
        modules: step('modules'),
        metadata_files: step('metadata_files'),
        distribution: { ...step('distribution'), details: this.#detailsOf('distribution') },
      },
    };
  }

  #detailsOf(step: StepName): Readonly<Record<string, Value>> {
    const why = this.#skipped.get(step);
    return why === undefined ? {} : { left_out: why };
  }

  #set(step: StepName, state: StepState): void {
    this.#states.set(step, state);
    this.#report();
  }

  #report(): void {
    this.#show(this.report());
  }
}
