/** Every publication: is it there, and has it the files that it was put in place with? */

import { stat } from 'node:fs/promises';
import type { PublicationDocument } from '../../repositories/documents.ts';
import { publicationsCollection } from '../../repositories/documents.ts';
import { unless } from '../../storage/faults.ts';
import { parseFilter } from '../../stores/parse-filter.ts';
import { verifyFiles } from './published-files.ts';
import type { Verification } from './verification.ts';

/** Publications of one query. */
const pageSize = 100;

export async function verifyPublications(verification: Verification): Promise<void> {
  for await (const publication of completePublications(verification)) {
    verification.count('publications');
    const directory = verification.storage.publications.directoryOf(publication._id);
    if ((await unless(['ENOENT'], stat(directory))) === undefined) {
      await reportMissing(publication, verification);
    } else {
      await verifyFiles(publication._id, verification);
    }
  }
  await verifyKnown(verification);
}

async function* completePublications({ store }: Verification): AsyncIterable<PublicationDocument> {
  for (let last = ''; ; ) {
    const filter = parseFilter({ _id: { $gt: last }, state: 'complete' });
    const page = await store.find(publicationsCollection, { filter, limit: pageSize });
    yield* page as unknown as readonly PublicationDocument[];
    if (page.length < pageSize) return;
    last = page.at(-1)?._id ?? last;
  }
}

/** One that went meanwhile had its state changed first. */
async function reportMissing(
  { _id, repository, distributor }: PublicationDocument,
  verification: Verification,
): Promise<void> {
  if ((await verification.publications.byId(_id))?.state !== 'complete') return;
  const what = `publication ${_id} of ${repository}/${distributor}`;
  const message = `${what}: its directory is not there; publish anew`;
  await verification.found({ kind: 'publication-missing', id: _id, message });
}

/** The document comes before the directory, and goes after it. */
async function verifyKnown(verification: Verification): Promise<void> {
  const { storage, publications } = verification;
  for await (const id of storage.publications.list()) {
    verification.signal.throwIfAborted();
    if ((await publications.byId(id)) !== undefined) continue;
    const message = `publication ${id}: nothing in the store speaks of it`;
    await verification.found({ kind: 'publication-unknown', id, message }, async () => {
      await storage.publications.remove(id);
      return true;
    });
  }
}
