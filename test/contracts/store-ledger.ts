/** What a process wrote into the collection `users`, by its own words, and whether the store has it. */

import assert from 'node:assert/strict';
import type { StoredDocument } from '../../src/stores/document.ts';

/** What store-process.ts says of its work `write`. */
export interface Acknowledgement {
  readonly inserted?: number;
  readonly updated?: number;
  readonly to?: number;
  readonly counted?: number;
}

/** Of one writer, whatever process it is at the moment. */
export class Ledger {
  readonly writer: string;
  /** How often the common counter was raised. */
  counted = 0;
  /** By number, the value that was acknowledged last. */
  readonly #known = new Map<number, number>();

  constructor(writer: string) {
    this.writer = writer;
  }

  /** The number of the next document; those before were acknowledged. */
  get next(): number {
    return this.#known.size;
  }

  take(said: readonly unknown[]): void {
    for (const { inserted, updated, to, counted } of said as readonly Acknowledgement[]) {
      if (inserted !== undefined) this.#known.set(inserted, inserted);
      if (updated !== undefined && to !== undefined) this.#known.set(updated, to);
      if (counted !== undefined) this.counted += 1;
    }
  }

  check(users: ReadonlyMap<string, StoredDocument>): void {
    for (const [number, value] of this.#known) {
      const age = this.#find(users, number)?.age;
      // The change that was under way when the process was killed may have been made.
      const isKept = age === value || (number === this.next - 2 && age === -(number + 1));
      const name = this.#id(number);
      assert.ok(isKept, `write ${name} was acknowledged with ${value} and is ${String(age)}`);
    }
  }

  /** A write that was made and not acknowledged counts from now on, so that it is not made again. */
  adopt(users: ReadonlyMap<string, StoredDocument>): void {
    const { next } = this;
    if (this.#find(users, next) !== undefined) this.#known.set(next, next);
    for (const number of [next - 2, next - 1]) {
      const age = this.#find(users, number)?.age;
      if (typeof age === 'number') this.#known.set(number, age);
    }
  }

  #find(users: ReadonlyMap<string, StoredDocument>, number: number): StoredDocument | undefined {
    return users.get(this.#id(number));
  }

  #id(number: number): string {
    return `${this.writer}-${number}`;
  }
}
