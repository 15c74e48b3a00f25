/**
 * A process that imports, uploads, publishes and removes at random, with few contents, so that several of it
 * get into each other's way. It says what was acknowledged, a line each, and ends when its input does.
 *
 * Arguments: the file of the store, the directory of the storage, a seed.
 */

import { writeSync } from 'node:fs';
import { repositoryCollections } from '../../../src/repositories/documents.ts';
import { Publications } from '../../../src/repositories/publications.ts';
import { Units } from '../../../src/repositories/units.ts';
import { Uploads } from '../../../src/repositories/uploads.ts';
import { openStorage } from '../../../src/storage/open-storage.ts';
import type { ReceivedFile } from '../../../src/storage/storage.ts';
import { everything } from '../../../src/stores/filter.ts';
import { openStore } from '../../../src/stores/open.ts';
import { chunks, received } from '../../storage/opened.ts';
import { churnBytes } from './churn-bytes.ts';

const [, , storeFile = '', directory = '', seed = '0'] = process.argv;
const contents = 8;
const now = (): Date => new Date();
const signal = new AbortController().signal;

const store = await openStore({
  settings: { type: 'sqlite', file: storeFile },
  access: 'write',
  collections: repositoryCollections,
});
const storage = await openStorage({ directory, uploadBytesMax: 1024 ** 2 });
const units = new Units(store, now);
const uploads = new Uploads(store, now);
const publications = new Publications(store, now);

let state = Number(seed);
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
  return (state >>> 8) % below;
}

function say(...words: readonly (string | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`);
}

async function importFile(file: ReceivedFile): Promise<void> {
  const { sha256, size } = file;
  for (;;) {
    const { unit } = await units.insertPending({
      type: 'iso',
      fields: { name: sha256 },
      unitKey: ['name'],
      artifact: { sha256, size, filename: `${sha256}.iso` },
    });
    await storage.artifacts.keep(file);
    if ((await units.settle(unit._id, 'files')) !== undefined) return;
  }
}

async function importBytes(): Promise<void> {
  await using file = await received(storage, chunks(churnBytes(random(contents))));
  await importFile(file);
}

async function upload(): Promise<void> {
  const { _id } = await uploads.create('somebody');
  await storage.uploads.create(_id);
  const index = random(contents);
  const bytes = churnBytes(index);
  const step = Math.ceil(bytes.length / 5) + random(bytes.length);
  for (let offset = 0; offset < bytes.length; offset += step) {
    const chunk = bytes.subarray(offset, offset + step);
    await storage.uploads.write(_id, offset, chunks(chunk));
    say('written', _id, index, offset + chunk.length);
  }
  if (random(3) === 0) return;
  const file = await storage.uploads.seal(_id, signal);
  if (file === undefined) return;
  await importFile(file);
  say('removing', _id);
  await uploads.remove(_id);
  await storage.uploads.remove(_id);
}

async function publish(): Promise<void> {
  const given = { repository: 'files', distributor: 'iso', task: 'task' };
  const { _id } = await publications.begin({ ...given, content_revision: 1, config_digest: '' });
  await using tree = await storage.publications.begin(_id);
  for await (const { artifact } of units.ofRepository('files', 'iso')) {
    if (artifact === null) continue;
    try {
      await tree.link(artifact.filename, artifact.sha256);
    } catch {
      // Removed meanwhile by another of these, which no two tasks of one repository are.
    }
  }
  await tree.write('PULP_MANIFEST', _id);
  await tree.commit();
  await publications.complete(_id, { unitCounts: {} });
  say('published', _id);
  if (random(3) > 0) return;
  say('removing', _id);
  await publications.removing(_id);
  await storage.publications.remove(_id);
  await publications.removed(_id);
}

async function remove(): Promise<void> {
  const all = await units.find({ filter: everything });
  const unit = all[random(Math.max(1, all.length))];
  if (unit === undefined || unit.is_pending) return;
  await units.dissociate([unit._id], 'files');
  const orphan = await units.byId(unit._id);
  if (orphan === undefined || (await units.removeOrphan(orphan)) !== 'removed') return;
  const sha256 = orphan.artifact?.sha256 ?? '';
  await storage.artifacts.removeUnless(sha256, () => units.isArtifactReferred(sha256));
}

let isEnding = false;
process.stdin.on('end', () => {
  isEnding = true;
});
process.stdin.resume();
say('ready');
const acts = [importBytes, importBytes, upload, publish, remove, remove];
while (!isEnding) {
  await acts[random(acts.length)]?.();
  if (random(10) === 0) await storage.sweep((sha256) => units.isArtifactReferred(sha256));
}
await store.close();
