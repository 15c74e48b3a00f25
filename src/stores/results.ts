/** Gathers the documents of one query within the limits, however they come. */

import { PortcullisError } from '../errors.ts';
import { documentBytes, type StoredDocument } from './document.ts';
import type { StoreLimits } from './limits.ts';
import { documentOrder } from './order.ts';
import { projection } from './project.ts';
import type { ReadQuery } from './query.ts';

type Project = (document: StoredDocument) => StoredDocument;

interface Gathered {
  readonly document: StoredDocument;
  readonly bytes: number;
}

/** Documents beyond the limit of a query that are held before they are let go of. */
const spareDocumentsMax = 100;

const whole: Project = (document) => document;

export class Results {
  readonly #query: ReadQuery;
  readonly #isSorted: boolean;
  readonly #limits: StoreLimits;
  /** What is asked for. */
  readonly #project: Project;
  /** What is kept until then: what still has to be sorted needs the fields it is sorted by. */
  readonly #reduce: Project;
  #gathered: Gathered[] = [];
  #skipped = 0;
  #bytes = 0;

  /** @param isSorted whether the documents come in the order that the query asks for */
  constructor(query: ReadQuery, isSorted: boolean, limits: StoreLimits) {
    const { fields, sort } = query;
    this.#query = query;
    this.#isSorted = isSorted;
    this.#limits = limits;
    this.#project = fields === undefined ? whole : projection(fields);
    const sorting = isSorted ? [] : sort.map(({ names }) => names);
    this.#reduce = fields === undefined ? whole : projection([...fields, ...sorting]);
  }

  /** Whether more documents would change nothing. */
  get isComplete(): boolean {
    const { limit } = this.#query;
    return this.#isSorted && limit !== undefined && this.#gathered.length >= limit;
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
    const reduced = this.#reduce(document);
    const kept = reduced === document ? bytes : documentBytes(reduced);
    this.#bytes += kept;
    this.#gathered.push({ document: reduced, bytes: kept });
    this.#dropLast();
    this.#check();
  }

  finish(): readonly StoredDocument[] {
    // What came in order has no more than what is asked for.
    if (this.#isSorted) return this.#gathered.map(({ document }) => document);
    const { skip, limit } = this.#query;
    this.#sort();
    const given = this.#gathered.slice(skip, limit === undefined ? undefined : skip + limit);
    return given.map(({ document }) => this.#project(document));
  }

  #isTooMuch(): boolean {
    const { resultDocumentsMax, resultBytesMax } = this.#limits;
    return this.#gathered.length > resultDocumentsMax || this.#bytes > resultBytesMax;
  }

  /**
   * Of a query with a limit, those that come after it whatever else there is need not be held. They go many
   * at a time, because each time costs a sort.
   */
  #dropLast(): void {
    const { skip, limit } = this.#query;
    if (this.#isSorted || limit === undefined) return;
    const kept = skip + limit;
    const spare = this.#gathered.length - kept;
    const isDue = spare > kept / 4 && (spare > spareDocumentsMax || this.#isTooMuch());
    if (!isDue) return;
    this.#sort();
    this.#gathered = this.#gathered.slice(0, kept);
    this.#bytes = this.#gathered.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #sort(): void {
    const order = documentOrder(this.#query.sort);
    this.#gathered.sort((left, right) => order(left.document, right.document));
  }

  #check(): void {
    const { resultDocumentsMax, resultBytesMax } = this.#limits;
    if (this.#gathered.length > resultDocumentsMax) {
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
