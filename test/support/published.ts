/** Publications in a store and a storage of their own, made without a task. */

import { createHash, randomBytes } from 'node:crypto';
import { peopleCollections } from '../../src/api/people/documents.ts';
import { sessionCollections } from '../../src/api/people/sessions.ts';
import { consumerCollections } from '../../src/consumers/documents.ts';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import { createLogger } from '../../src/log.ts';
import { deniedCertificateCollections } from '../../src/people/denied-certificates.ts';
import { policyCollections } from '../../src/policies/documents.ts';
import { StoredPolicies } from '../../src/policies/stored-policies.ts';
import { derivedAccess } from '../../src/repositories/derived-access.ts';
import { Distributions } from '../../src/repositories/distributions.ts';
import {
  type Area,
  type DistributionDocument,
  repositoryCollections,
} from '../../src/repositories/documents.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { openStore } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { temporaryDirectory } from './temporary.ts';

export interface PublishOptions {
  readonly area?: Area;
  readonly repository?: string;
  readonly distributor?: string;
  readonly http?: boolean;
  readonly https?: boolean;
  /** Of the distributor. */
  readonly authCa?: string;
  /** A policy as JSON, in place of the one of `authCa`. */
  readonly access?: unknown;
  readonly gpgKey?: string;
  readonly graceSeconds?: number;
  /** A tree that is served as it lies, in place of the files. */
  readonly directory?: string;
}

export interface PublishingSite extends AsyncDisposable {
  /** For the configuration of who serves it. */
  readonly settings: {
    readonly store: { readonly file: string };
    readonly storage: { readonly directory: string };
    /** A CA of sessions, which signs the certificates of consumers. */
    readonly api: { readonly sessionCertificate: string; readonly sessionKey: string };
  };
  readonly directory: string;
  readonly store: Store;
  readonly storage: Storage;
  readonly distributions: Distributions;
  readonly policies: StoredPolicies;
  /** @param files their bytes by their paths. @returns the id of the publication */
  publish(
    relativeUrl: string,
    files: Readonly<Record<string, string>>,
    options?: PublishOptions,
  ): Promise<string>;
  /** A tree that no distribution points to. */
  build(files: Readonly<Record<string, string>>): Promise<string>;
}

export async function createPublishingSite(): Promise<PublishingSite> {
  await using stack = new AsyncDisposableStack();
  const parent = stack.use(temporaryDirectory());
  const settings = {
    store: { file: parent.file('store.db') },
    storage: { directory: parent.file('storage') },
    api: {
      sessionCertificate: parent.file('session-ca.pem'),
      sessionKey: parent.file('session-ca.key'),
    },
  };
  const { sessionCertificate: certificateFile, sessionKey: keyFile } = settings.api;
  const log = createLogger({ level: 'error', write: () => {} });
  await openSessionAuthority({ certificateFile, keyFile }, { now: () => new Date(), log });
  const collections = [
    ...repositoryCollections,
    ...policyCollections,
    ...consumerCollections,
    ...deniedCertificateCollections,
    ...peopleCollections,
    ...sessionCollections,
  ];
  const store = stack.use(
    await openStore({
      settings: { type: 'sqlite', file: settings.store.file },
      access: 'write',
      collections,
    }),
  );
  const storage = await openStorage({ ...settings.storage, uploadBytesMax: 1_000_000_000 });
  const now = (): Date => new Date();
  const distributions = new Distributions(store, now);
  const policies = new StoredPolicies(store, now);
  await store.ping();
  const build = (files: Readonly<Record<string, string>>) => buildTree(storage, files);
  const owned = stack.move();
  return {
    ...{ settings, directory: parent.path, store, storage, distributions, policies, build },
    publish: async (relativeUrl, files, options = {}) => {
      const publication = await build(files);
      const claimed = await distributions.claim(claimOf(relativeUrl, options));
      if (claimed.outcome === 'taken') throw new Error(`${claimed.by._id} is there`);
      const { graceSeconds = 3600, directory = null } = options;
      const { _id } = claimed.distribution;
      await distributions.pointTo(_id, publication, graceSeconds, directory);
      return publication;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function claimOf(
  relativeUrl: string,
  options: PublishOptions,
): Pick<
  DistributionDocument,
  'area' | 'relative_url' | 'repository' | 'distributor' | 'http' | 'https' | 'access' | 'gpg_key'
> {
  const { area = 'repos', repository = 'acme', distributor = 'yum_distributor' } = options;
  const { http = true, https = true, authCa, access, gpgKey = null } = options;
  return {
    ...{ area, relative_url: relativeUrl, repository, distributor, http, https },
    access: access === undefined ? derivedAccess(authCa, repository) : JSON.stringify(access),
    gpg_key: gpgKey,
  };
}

async function buildTree(
  storage: Storage,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const id = randomBytes(12).toString('hex');
  await using tree = await storage.publications.begin(id);
  for (const [path, bytes] of Object.entries(files)) {
    await using received = await storage.artifacts.receive(inPieces(bytes), {
      bytesMax: bytes.length,
      signal: new AbortController().signal,
    });
    await storage.artifacts.keep(received);
    await tree.link(path, received.sha256);
  }
  await tree.commit();
  return id;
}

async function* inPieces(bytes: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(bytes);
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
