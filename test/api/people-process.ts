/**
 * A process of its own with the users of a store, for the tests of several at once.
 *
 *     node people-process.ts SETTINGS
 *
 * Each line of standard input is `ACTION LOGIN`; each line of output is what became of it.
 */

import { createInterface } from 'node:readline';
import { peopleCollections } from '../../src/api/people/documents.ts';
import { openPeople } from '../../src/api/people/people.ts';
import { sessionCollections } from '../../src/api/people/sessions.ts';
import { openStore } from '../../src/stores/open.ts';
import { type PeopleAction, peopleActions } from './people-actions.ts';

const [settings = ''] = process.argv.slice(2);
const collections = [...peopleCollections, ...sessionCollections];
const store = await openStore({ settings: JSON.parse(settings), access: 'write', collections });
const people = openPeople(store, () => new Date());
await store.ping();
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [action, login = ''] = line.split(' ');
  const outcome = await peopleActions[action as PeopleAction](people, login);
  console.log(typeof outcome === 'object' ? 'done' : String(outcome));
}
await store.close();
