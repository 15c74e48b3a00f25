/** How far a sync is, in the words of Pulp's progress report. */

import type { Value } from '../stores/document.ts';

export type StepState = 'NOT_STARTED' | 'IN_PROGRESS' | 'FINISHED' | 'FAILED' | 'SKIPPED';

type StepName = 'metadata' | 'content' | 'errata' | 'comps' | 'modules' | 'metadata_files';

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

  skip(step: StepName): void {
    this.#set(step, 'SKIPPED');
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
      },
    };
  }

  #set(step: StepName, state: StepState): void {
    this.#states.set(step, state);
    this.#report();
  }

  #report(): void {
    this.#show(this.report());
  }
}
