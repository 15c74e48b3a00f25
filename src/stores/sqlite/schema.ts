/** The tables, and how an older database gets them. */

import type { DatabaseSync } from 'node:sqlite';
import { PortcullisError } from '../../errors.ts';
import { StoreUnprepared } from '../unprepared.ts';

/** In the header of the file, "Port": no other program's database is taken for ours. */
const applicationId = 0x506f7274;

/** Each leads from the schema of its index to the next; what was published is never edited. */
const migrations: readonly string[] = [
  `
  CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    store TEXT NOT NULL,
    revision INTEGER NOT NULL,
    layout INTEGER NOT NULL
  ) STRICT;
  INSERT INTO state VALUES (1, lower(hex(randomblob(16))), 0, 0);
  CREATE TABLE collections (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE indexes (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections (id),
    definition TEXT NOT NULL,
    UNIQUE (collection, definition)
  ) STRICT;
  CREATE TABLE documents (
    row INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections (id),
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (collection, id)
  ) STRICT;
  CREATE TABLE entries (
    index_id INTEGER NOT NULL REFERENCES indexes (id),
    key BLOB NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (index_id, key, row)
  ) STRICT, WITHOUT ROWID;
  `,
];

export const schemaVersion = migrations.length;

/**
 * Brings the database to {@link schemaVersion}. Of several processes one does it, and it is done as a
 * whole or not at all.
 *
 * @throws PortcullisError STORE_SCHEMA
 */
export function migrate(database: DatabaseSync, file: string, access: 'read' | 'write'): void {
  if (readVersion(database, file) === schemaVersion) return;
  if (access === 'read') {
    const state = 'it is not of this version yet; a process that may write makes it so';
    throw new StoreUnprepared(`Cannot use the store ${file}: ${state}`);
  }
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = readVersion(database, file);
    for (const migration of migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA application_id = ${applicationId}`);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function readVersion(database: DatabaseSync, file: string): number {
  const application = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  const isEmpty = application === 0 && version === 0 && pragma(database, 'schema_version') === 0;
  if (application !== applicationId && !isEmpty) {
    throw unsuitable(file, 'it is the database of another program');
  }
  if (version > schemaVersion) {
    throw unsuitable(
      file,
      `its schema ${version} is of a newer Portcullis, and this one knows ${schemaVersion}`,
    );
  }
  return version;
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function unsuitable(file: string, state: string): PortcullisError {
  return new PortcullisError('STORE_SCHEMA', `Cannot use the store ${file}: ${state}`);
}
