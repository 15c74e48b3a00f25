/** A store and a storage that agree, for tests that then make them disagree. */

import { type VerificationResult, verifyStorage } from '../../../src/cli/verify/verify-storage.ts';
import { repositoryCollections } from '../../../src/repositories/documents.ts';
import { Publications } from '../../../src/repositories/publications.ts';
import { Units } from '../../../src/repositories/units.ts';
import { openStorage } from '../../../src/storage/open-storage.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { openStore } from '../../../src/stores/open.ts';
import type { Store } from '../../../src/stores/store.ts';
import { chunks, received } from '../../storage/opened.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary.ts';

const now = (): Date => new Date();

export class VerifyFixture implements AsyncDisposable {
  readonly store: Store;
  readonly storage: Storage;
  readonly units: Units;
  readonly publications: Publications;
  readonly storeFile: string;
  readonly compileCache: string;
  readonly #directory: TemporaryDirectory;

  private constructor(directory: TemporaryDirectory, store: Store, storage: Storage) {
    this.#directory = directory;
    this.storeFile = directory.file('portcullis.db');
    this.compileCache = process.env.NODE_COMPILE_CACHE ?? directory.file('compiled');
    this.store = store;
    this.storage = storage;
    this.units = new Units(store, now);
    this.publications = new Publications(store, now);
  }

  static async open(): Promise<VerifyFixture> {
    const directory = temporaryDirectory();
    const settings = { type: 'sqlite', file: directory.file('portcullis.db') } as const;
    const store = await openStore({
      settings,
      access: 'write',
      collections: repositoryCollections,
    });
    const storage = await openStorage({
      directory: directory.file('storage'),
      uploadBytesMax: 1024 ** 3,
    });
    return new VerifyFixture(directory, store, storage);
  }

  /** A unit with its artifact, as an import makes it. @returns the digest */
  async unit(bytes: string): Promise<string> {
    await using file = await received(this.storage, chunks(bytes));
    const { sha256, size } = file;
    const { unit } = await this.units.insertPending({
      type: 'iso',
      fields: { name: bytes, checksum: sha256, size },
      unitKey: ['name', 'checksum', 'size'],
      artifact: { sha256, size, filename: `${bytes}.iso` },
    });
    await this.storage.artifacts.keep(file);
    await this.units.settle(unit._id, 'files');
    return sha256;
  }

  /** A complete publication with a file `files/N.iso` for each digest, and a manifest. */
  async publication(digests: readonly string[]): Promise<string> {
    const { _id } = await this.publications.begin({
      repository: 'files',
      distributor: 'iso',
      task: 'task',
      content_revision: 1,
      config_digest: '',
    });
    await using tree = await this.storage.publications.begin(_id);
    for (const [index, sha256] of digests.entries()) await tree.link(`files/${index}.iso`, sha256);
    await tree.write('PULP_MANIFEST', digests.join('\n'));
    await tree.commit();
    await this.publications.complete(_id, { unitCounts: { iso: digests.length } });
    return _id;
  }

  verify(options: { readonly isRepairing?: boolean } = {}): Promise<VerificationResult> {
    return verifyStorage({
      store: this.store,
      storage: this.storage,
      isRepairing: options.isRepairing ?? false,
      now,
      signal: new AbortController().signal,
      progress: () => {},
    });
  }

  /** The kinds of what is found, in order, with a + where it was repaired. */
  async kinds(options: { readonly isRepairing?: boolean } = {}): Promise<readonly string[]> {
    const { findings } = await this.verify(options);
    return findings.map(({ kind, isRepaired }) => `${kind}${isRepaired ? '+' : ''}`).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
    this.#directory[Symbol.dispose]();
  }
}
