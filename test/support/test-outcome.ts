/** What a run of the tests comes to, beyond what the reporter says. */

import path from 'node:path';
import type { EventData } from 'node:test';

type Passed = Pick<EventData.TestPass, 'name' | 'file' | 'skip'>;
type Summary = {
  readonly file?: string | undefined;
  readonly success: boolean;
  readonly counts: { readonly passed: number };
};

export class TestOutcome {
  readonly #root: string;
  readonly #skipped: string[] = [];
  readonly #empty: string[] = [];
  #passed = 0;
  #success = false;

  constructor(root: string) {
    this.#root = root;
  }

  /** A passing test, a skipped one included. */
  add(event: Passed): void {
    const file = path.relative(this.#root, event.file ?? '');
    // The runner counts a file without any test as one test that has the file's name, and passes it.
    if (event.name === event.file) this.#empty.push(file);
    if (event.skip === undefined) return;
    const reason = typeof event.skip === 'string' ? event.skip : 'no reason given';
    this.#skipped.push(`  ${file}: ${event.name} (${reason})`);
  }

  finish(summary: Summary): void {
    if (summary.file !== undefined) return;
    this.#passed = summary.counts.passed;
    this.#success = summary.success;
  }

  /** False as well when nothing ran, or a file held no test: a green run has to mean something. */
  get succeeded(): boolean {
    return this.#success && this.#passed > 0 && this.#empty.length === 0;
  }

  report(): readonly string[] {
    const lines = this.#empty.map((file) => `Failed: ${file} holds no test`);
    if (this.#passed === 0) lines.push('Failed: no test ran');
    if (this.#skipped.length === 0) return [...lines, 'Nothing was skipped'];
    return [...lines, `Skipped, ${this.#skipped.length} in all:`, ...this.#skipped];
  }
}
