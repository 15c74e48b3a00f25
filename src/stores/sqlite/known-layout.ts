/** The collections and indexes of the database, as this process knows them at the moment. */

import { type Collections, indexesOf } from '../collection.ts';
import type { Connection } from './connection.ts';
import {
  extendLayout,
  isComplete,
  type Layout,
  missing,
  readGeneration,
  readLayout,
  type StoredCollection,
} from './layout.ts';

export class KnownLayout {
  readonly #declared: Collections;
  #layout: Layout | undefined;

  constructor(declared: Collections) {
    this.#declared = declared;
  }

  /** Of a file that was just opened: whoever may write adds what it lacks. */
  prepare(connection: Connection, access: 'read' | 'write'): void {
    this.#layout = readLayout(connection);
    if (access === 'read' || isComplete(this.#layout, this.#declared)) return;
    connection.transaction(() => extendLayout(connection, this.#declared));
    this.#layout = readLayout(connection);
  }

  /** Another process, of a newer version perhaps, may have added an index since. In a transaction. */
  refresh(connection: Connection): void {
    if (readGeneration(connection) !== this.#layout?.generation) {
      this.#layout = readLayout(connection);
    }
  }

  /**
   * @throws TypeError for a collection that was not declared
   * @throws PortcullisError STORE_UNAVAILABLE for one that nobody has made yet
   */
  stored(collection: string, connection: Connection): StoredCollection {
    indexesOf(this.#declared, collection);
    const known = this.#layout?.collections.get(collection);
    if (known !== undefined) return known;
    // Who only reads may be there before whoever makes the collections, or adds one.
    this.#layout = readLayout(connection);
    const stored = this.#layout.collections.get(collection);
    if (stored === undefined) throw missing(connection, collection);
    return stored;
  }
}
