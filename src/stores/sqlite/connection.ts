/** One open database file: its settings, its prepared statements, its transactions. */

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { fileIdentity, prepareFile } from './file.ts';
import { migrate } from './schema.ts';

/** How long SQLite itself waits for a lock, in milliseconds: nothing else runs meanwhile. */
const waitMilliseconds = 5;

/** Pages of the log after which it is written into the database; SQLite's own default. */
const pagesOfLog = 1000;

export type Row = Readonly<Record<string, unknown>>;

export class Connection implements Disposable {
  readonly file: string;
  readonly identity: string | undefined;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws the error of SQLite, or a PortcullisError for a file that may not be used */
  constructor(file: string, access: 'read' | 'write', mayCreate: boolean) {
    this.file = file;
    prepareFile(file, mayCreate);
    this.#database = new DatabaseSync(file, {
      readOnly: access === 'read',
      timeout: waitMilliseconds,
      enableForeignKeyConstraints: true,
    });
    try {
      this.#configure(access);
      migrate(this.#database, file, access);
      this.identity = fileIdentity(file);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.#statement(sql).all(...values) as readonly Row[];
  }

  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  /** @returns the row id of what was inserted last */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  /** All that `work` changes, or nothing of it: it must not wait for anything. */
  transaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors, such as a full disk.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #configure(access: 'read' | 'write'): void {
    const database = this.#database;
    // Functions in the schema of a file that somebody prepared are not run.
    database.exec('PRAGMA trusted_schema = OFF');
    database.exec('PRAGMA cell_size_check = ON');
    if (access === 'read') return;
    // Each commit is on the disk before it is acknowledged.
    database.exec('PRAGMA synchronous = FULL');
    database.exec(`PRAGMA wal_autocheckpoint = ${pagesOfLog}`);
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
    if (mode !== 'wal') throw new Error(`the journal mode is ${String(mode)} and not WAL`);
  }
}
