/** The revision of an SQLite store: which store in which file, and the number of its last change. */

import type { ChangedCollections, Revision } from '../store.ts';
import type { Connection } from './connection.ts';

export function readRevision(connection: Connection): Revision {
  const state = connection.get('SELECT store, revision FROM state');
  return `${origin(connection, state?.store)} ${String(state?.revision)}` as Revision;
}

/** In one statement for the numbers and the names, so that they are of one moment. */
export function readChanges(connection: Connection, since: Revision): ChangedCollections {
  const sql = `SELECT store, state.revision AS latest, name, collections.revision AS changed
    FROM state LEFT JOIN collections`;
  const rows = connection.all(sql);
  const [first] = rows;
  const latest = Number(first?.latest);
  const revision = `${origin(connection, first?.store)} ${latest}` as Revision;
  const known = since.split(' ');
  const number = Number(known[1]);
  // The number goes back when somebody restores a backup; then nothing is known of the changes.
  const isContinued = known[0] === revision.split(' ')[0] && number <= latest;
  const changed = rows.filter((row) => !isContinued || Number(row.changed) > number);
  const names = changed.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
  return { revision, collections: new Set(names) };
}

function origin(connection: Connection, store: unknown): string {
  return `${String(store)}@${connection.identity}`;
}
