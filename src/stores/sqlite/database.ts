/** The database over time: opened when it is needed, again after it was lost, and tried again when busy. */

import { setTimeout as sleep } from 'node:timers/promises';
import { PortcullisError } from '../../errors.ts';
import { Connection } from './connection.ts';
import { isBusy, isLost, storeFailure } from './failure.ts';
import { fileIdentity } from './file.ts';

/** How long to wait before a lock is tried again, in milliseconds, at random up to this. */
const pauseMillisecondsMax = 15;

export interface DatabaseOptions {
  readonly file: string;
  readonly access: 'read' | 'write';
  /** Whether the file is made with the first use where there is none. */
  readonly mayCreate: boolean;
  /** How long a lock is waited for, in milliseconds. */
  readonly contentionMillisecondsMax: number;
  /** What has to be done with a file before its first use. */
  readonly prepare: (connection: Connection) => void;
}

export class Database {
  readonly #options: DatabaseOptions;
  #connection: Connection | undefined;
  #wasOpen = false;
  #isClosed = false;

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** @throws PortcullisError STORE_… */
  read<Result>(work: (connection: Connection) => Result): Promise<Result> {
    return this.#persist(() => work(this.#open()));
  }

  /**
   * In one transaction, after those of all other processes.
   *
   * @throws PortcullisError STORE_…
   */
  write<Result>(work: (connection: Connection) => Result): Promise<Result> {
    if (this.#options.access === 'read') {
      const state = 'this process reads it only';
      throw new PortcullisError(
        'STORE_READ_ONLY',
        `Cannot change the store ${this.#options.file}: ${state}`,
      );
    }
    return this.#persist(() => {
      const connection = this.#open();
      return connection.transaction(() => work(connection));
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#discard();
  }

  async #persist<Result>(attempt: () => Result): Promise<Result> {
    const deadline = performance.now() + this.#options.contentionMillisecondsMax;
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (isLost(error)) this.#discard();
        if (!isBusy(error) || performance.now() > deadline) {
          throw storeFailure(error, this.#options.file);
        }
      }
      await sleep(Math.random() * pauseMillisecondsMax);
    }
  }

  #open(): Connection {
    if (this.#isClosed) throw new TypeError('Cannot use the store: it was closed');
    const { file, access, mayCreate, prepare } = this.#options;
    // A backup that was put in its place has the name, but is another file.
    if (this.#connection !== undefined && fileIdentity(file) !== this.#connection.identity) {
      this.#discard();
    }
    if (this.#connection !== undefined) return this.#connection;
    // A store that vanished is not made anew: an empty one would know of nobody who was shut out.
    const connection = new Connection(file, access, mayCreate && !this.#wasOpen);
    try {
      prepare(connection);
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
    this.#connection = connection;
    this.#wasOpen = true;
    return connection;
  }

  #discard(): void {
    this.#connection?.[Symbol.dispose]();
    this.#connection = undefined;
  }
}
