/**
 * Publishes again and again while clients loop: packages are replaced by others of the same name with other
 * bytes, and each client's transaction has to be of one publication.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { sha256 } from '../support/published.ts';
import { rpmPackage } from '../support/rpm-packages.ts';
import { dnfHost } from './dnf-host.ts';
import {
  bind,
  type ClientFile,
  clientFiles,
  type RegisteredConsumer,
  registerConsumer,
} from './repository-clients.ts';
import { publish, type RepositorySite, troubles, uploadUnit } from './repository-site.ts';
import { yumClient } from './yum-client.ts';

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
  using client = yumClient(site, consumer, 'acme/moving');
  await loop(state, async () => {
    const { repomd, packages, isOvertaken } = await client.transaction(Math.random() * pauseMsMax);
    state.seen.add(repomd);
    assert.equal(packages.length, 2);
    for (const digest of packages) assert.ok(digests.has(digest), `${digest} was never published`);
    state.files += packages.length;
    if (isOvertaken) state.overtaken += 1;
    state.raw += 1;
  });
}
