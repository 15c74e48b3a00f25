/** Gathers the documents of one query within the limits, however they come. */

import { PortcullisError } from '../errors.ts';
import type { StoredDocument } from './document.ts';
import type { StoreLimits } from './limits.ts';
import { documentOrder } from './order.ts';
import { projection } from './project.ts';
import type { ReadQuery } from './query.ts';

export class Results {
  readonly #query: ReadQuery;
  readonly #isSorted: boolean;
  readonly #limits: StoreLimits;
  readonly #project: (document: StoredDocument) => StoredDocument;
  readonly #documents: StoredDocument[] = [];
  #skipped = 0;
  #bytes = 0;

  /** @param isSorted whether the documents come in the order that the query asks for */
  constructor(query: ReadQuery, isSorted: boolean, limits: StoreLimits) {
    this.#query = query;
    this.#isSorted = isSorted;
    this.#limits = limits;
    this.#project = query.fields === undefined ? (document) => document : projection(query.fields);
  }

  /** Whether more documents would change nothing. */
  get isComplete(): boolean {
    const { limit } = this.#query;
    return this.#isSorted && limit !== undefined && this.#documents.length >= limit;
  }

  /**
   * @param bytes of the whole document as it is kept
   * @throws PortcullisError RESULT_TOO_LARGE
   */
  add(document: StoredDocument, bytes: number): void {
    if (this.#isSorted && this.#skipped < this.#query.skip) {
      this.#skipped += 1;
      return;
    }
    this.#bytes += bytes;
    // What still has to be sorted needs all its fields.
    this.#documents.push(this.#isSorted ? this.#project(document) : document);
    this.#check();
  }

  finish(): readonly StoredDocument[] {
    if (this.#isSorted) return this.#documents;
    const { sort, skip, limit } = this.#query;
    const sorted = this.#documents.sort(documentOrder(sort));
    return sorted.slice(skip, limit === undefined ? undefined : skip + limit).map(this.#project);
  }

  #check(): void {
    const { resultDocumentsMax, resultBytesMax } = this.#limits;
    if (this.#documents.length > resultDocumentsMax) {
      throw tooLarge(`more than ${resultDocumentsMax} documents`);
    }
    if (this.#bytes > resultBytesMax)
      throw tooLarge(`documents of more than ${resultBytesMax} bytes`);
  }
}

function tooLarge(what: string): PortcullisError {
  return new PortcullisError(
    'RESULT_TOO_LARGE',
    `Cannot give the result: it has ${what}, and a narrower filter or a limit would help`,
  );
}
