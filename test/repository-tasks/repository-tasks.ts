/** What the tests of the tasks of units have in common. */

import { loadConfiguration, requireRight } from '../../src/config/load.ts';
import { repositoryCollections } from '../../src/repositories/documents.ts';
import { Repositories } from '../../src/repositories/repositories.ts';
import { Uploads } from '../../src/repositories/uploads.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { openStore, type StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { taskCollections } from '../../src/tasks/task.ts';
import { chunks } from '../storage/opened.ts';

export function openTaskStore(settings: StoreSettings): Promise<Store> {
  const collections = [...repositoryCollections, ...taskCollections];
  return openStore({ settings, access: 'write', collections });
}

/** As a configuration has them that says nothing of it. */
export async function taskSettings(directory: string): Promise<RepositoryTaskParts['settings']> {
  const text = JSON.stringify({ storage: { directory } });
  const loaded = await loadConfiguration({ file: '/x', text, environment: {}, flags: {} });
  return requireRight(loaded).configuration;
}

/** A repository of files that publishes nothing. */
export async function addFileRepository(store: Store, id: string): Promise<void> {
  await new Repositories(store, () => new Date()).create({
    ...{ id, display_name: null, description: null, notes: {} },
    importer: { importer_type_id: 'iso_importer', config: {} },
  });
}

/** A whole upload, as the API would have taken it. @returns its id */
export async function addUpload(
  store: Store,
  storage: Storage,
  bytes: string | Buffer,
): Promise<string> {
  const { _id } = await new Uploads(store, () => new Date()).create('somebody');
  await storage.uploads.create(_id);
  await storage.uploads.write(_id, 0, chunks(bytes));
  return _id;
}
