/**
 * Publishes again and again while clients loop: packages are replaced by others of the same name with other
 * bytes, and each client's transaction has to be of one publication.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { sha256 } from '../support/published.ts';
import { rpmPackage } from '../support/rpm-packages.ts';
import { dnfHost } from './dnf-host.ts';
import {
  bind,
  type ClientFile,
  clientFiles,
  publish,
  type RegisteredConsumer,
  type RepositorySite,
  registerConsumer,
  troubles,
  uploadUnit,
} from './repository-site.ts';

export interface Load {
  readonly publishes: number;
  /** Clients that read as dnf does, without its time for installing. */
  readonly rawClients: number;
  readonly dnfClients: number;
}

/** What was seen; anything that was not as it has to be is thrown. */
export interface Seen {
  readonly seconds: number;
  readonly rawTransactions: number;
  readonly files: number;
  readonly dnfTransactions: number;
  /** Different repomd.xml that clients have read. */
  readonly publications: number;
  /** Transactions during which another publication took the place. */
  readonly overtaken: number;
}

const place = { repository: 'moving', distributor: 'yum_distributor' };
/** Builds of one package, with other bytes each: a repository for each to copy from. */
const builds = ['one', 'two', 'three'];
/** The longest that a client waits between metadata and packages, in milliseconds. */
const pauseMsMax = 2000;

export async function publishUnderLoad(site: RepositorySite, load: Load): Promise<Seen> {
  const digests = await prepare(site);
  using consumer = await registerConsumer(site, 'web-01');
  await bind(site, consumer, place);
  const files = await clientFiles(site, place, consumer.file);
  const state: State = { isMoving: true, raw: 0, files: 0, dnf: 0, seen: new Set(), overtaken: 0 };
  const begun = performance.now();
  const clients = [
    ...Array.from({ length: load.rawClients }, () => rawLoop(site, consumer, digests, state)),
    ...Array.from({ length: load.dnfClients }, () => dnfLoop(site, files, state)),
  ];
  const publishing = publishLoop(site, load.publishes, state);
  await Promise.all([publishing, ...clients]);
  return {
    seconds: (performance.now() - begun) / 1000,
    rawTransactions: state.raw,
    files: state.files,
    dnfTransactions: state.dnf,
    publications: state.seen.size,
    overtaken: state.overtaken,
  };
}

interface State {
  /** Until the last publish is over, or something is wrong. */
  isMoving: boolean;
  raw: number;
  files: number;
  dnf: number;
  readonly seen: Set<string>;
  overtaken: number;
}

/** @returns the digests of all packages that are ever published */
async function prepare(site: RepositorySite): Promise<ReadonlySet<string>> {
  const fixed = await rpmPackage({ name: 'lever' });
  const digests = new Set([sha256(fixed)]);
  await site.api.ok('POST', '/v2/repositories/', {
    ...{ id: place.repository, importer_type_id: 'yum_importer', importer_config: {} },
    distributors: [
      {
        ...{ distributor_id: place.distributor, distributor_type_id: place.distributor },
        distributor_config: {
          ...{ relative_url: 'acme/moving', http: false, https: true },
          auth_ca: site.clientCa.certificate,
        },
      },
    ],
  });
  await uploadUnit(site, place.repository, 'rpm', fixed);
  for (const text of builds) {
    const importer = { importer_type_id: 'yum_importer', importer_config: {} };
    await site.api.ok('POST', '/v2/repositories/', { id: `build-${text}`, ...importer });
    const bytes = await rpmPackage({ text });
    digests.add(sha256(bytes));
    await uploadUnit(site, `build-${text}`, 'rpm', bytes);
  }
  assert.equal(digests.size, builds.length + 1);
  await replaceAndPublish(site, 0);
  return digests;
}

async function replaceAndPublish(site: RepositorySite, round: number): Promise<void> {
  const source = `build-${builds[round % builds.length]}`;
  await site.api.done('POST', `/v2/repositories/${place.repository}/actions/associate/`, {
    ...{ source_repo_id: source, criteria: { type_ids: ['rpm'] } },
  });
  await publish(site, place);
}

async function publishLoop(site: RepositorySite, count: number, state: State): Promise<void> {
  try {
    for (let round = 1; round <= count && state.isMoving; round += 1) {
      await replaceAndPublish(site, round);
    }
  } finally {
    state.isMoving = false;
  }
}

/** Goes on until no more is published, and ends everything when something is wrong. */
async function loop(state: State, transaction: () => Promise<void>): Promise<void> {
  try {
    do await transaction();
    while (state.isMoving);
  } catch (error) {
    state.isMoving = false;
    throw error;
  }
}

async function dnfLoop(
  site: RepositorySite,
  files: readonly ClientFile[],
  state: State,
): Promise<void> {
  await loop(state, async () => {
    using host = dnfHost(files);
    const { code, stderr } = await host.dnf('install', 'gate', 'lever');
    assert.equal(code, 0, stderr + troubles(site));
    assert.deepEqual(await host.installed(), ['gate-1.0', 'lever-1.0']);
    const installed = readFileSync(`${host.root}/usr/share/portcullis-test/gate`, 'utf8');
    assert.ok(builds.includes(installed.trim()), installed);
    state.dnf += 1;
  });
}

async function rawLoop(
  site: RepositorySite,
  consumer: RegisteredConsumer,
  digests: ReadonlySet<string>,
  state: State,
): Promise<void> {
  const pem = readFileSync(consumer.file);
  const ca = readFileSync(site.serverCa);
  const agent = new Agent({ keepAlive: true, ca, cert: pem, key: pem });
  const fetch = (path: string) => fetchFile(site, agent, path);
  try {
    await loop(state, async () => {
      const repomd = await fetch('repodata/repomd.xml');
      state.seen.add(sha256(repomd));
      const { primary, filelists, other } = await fetchMetadata(repomd.toString(), fetch);
      const packages = packagesOf(primary);
      const ids = packages.map(({ digest }) => digest).sort();
      for (const more of [filelists, other]) {
        const named = [...more.matchAll(/<package pkgid="([0-9a-f]{64})"/g)].map(([, id]) => id);
        assert.deepEqual(named.sort(), ids, 'metadata of one publication tells of other packages');
      }
      assert.deepEqual(ids.length, 2);
      await sleep(Math.random() * pauseMsMax);
      for (const { digest, href } of packages) {
        assert.equal(sha256(await fetch(href)), digest, `${href} has other bytes`);
        assert.ok(digests.has(digest), `${href} was never published`);
        state.files += 1;
      }
      if (!repomd.equals(await fetch('repodata/repomd.xml'))) state.overtaken += 1;
      state.raw += 1;
    });
  } finally {
    agent.destroy();
  }
}

const metadataTypes = ['primary', 'filelists', 'other'] as const;
type Metadata = Readonly<Record<(typeof metadataTypes)[number], string>>;

/** The text of each, whose bytes have the digest that repomd.xml says. */
async function fetchMetadata(
  repomd: string,
  fetch: (path: string) => Promise<Buffer>,
): Promise<Metadata> {
  const texts: Record<string, string> = {};
  for (const type of metadataTypes) {
    const [, data = ''] =
      repomd.match(new RegExp(`<data type="${type}">([\\s\\S]*?)</data>`)) ?? [];
    const [, digest] = data.match(/<checksum type="sha256">([0-9a-f]{64})</) ?? [];
    const [, href = ''] = data.match(/<location href="([^"]+)"/) ?? [];
    const bytes = await fetch(href);
    assert.equal(sha256(bytes), digest, `${href} is not what repomd.xml says`);
    texts[type] = gunzipSync(bytes).toString();
  }
  return texts as Metadata;
}

interface Listed {
  readonly digest: string;
  readonly href: string;
}

function packagesOf(primary: string): readonly Listed[] {
  const found = primary.matchAll(
    /<checksum type="sha256" pkgid="YES">([0-9a-f]{64})<[\s\S]*?<location href="([^"]+)"/g,
  );
  return [...found].map(([, digest = '', href = '']) => ({ digest, href }));
}

async function fetchFile(site: RepositorySite, agent: Agent, path: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const target = `/pulp/repos/acme/moving/${path}`;
  get({ host: 'localhost', port: site.port, path: target, agent }, async (response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      assert.equal(response.statusCode, 200, `${target}: ${troubles(site)}`);
      resolve(Buffer.concat(chunks));
    } catch (error) {
      reject(error);
    }
  }).on('error', reject);
  return promise;
}
