/** Repositories of many small packages: published, listed, copied and removed, beside createrepo_c alone. */

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runOk } from '../test/support/processes.ts';
import { makeFilesFeed, makeYumFeed, startFeed } from './publishing-feed.ts';
import { seedRepository } from './publishing-seed.ts';
import { type PublishingSite, startPublishingSite, usedBy } from './publishing-site.ts';
import { printRow } from './rounds.ts';
import { packageFile, packageName, smallPackages } from './small-packages.ts';

/** Of each of them programs read the header: some 20 ms of CPU time. */
const syncedPackages = 300;
const syncedFiles = 3000;

interface Figures {
  readonly seconds: number;
  /** CPU seconds of our worker. */
  readonly cpu?: number;
  /** CPU seconds of the programs that it ran, or of the one that is measured. */
  readonly programs?: number;
  /** MiB that our worker had resident at most. */
  readonly resident?: number;
}

/** @param count of packages */
export async function measurePublishing(count: number): Promise<void> {
  const packages = await smallPackages(count + 1);
  await using site = await startPublishingSite();
  console.log(`\nA repository of ${count} packages, seconds\n`);
  printRow(['', 'seconds', 'items/s', 'CPU worker', 'CPU programs', 'MiB'], widths);
  await measureAlone(site, packages, count);
  await createRepository(site, 'all', 'yum');
  print('import of one upload', 1, await importPackage(site, packages, 0));
  const { configuration } = site;
  await seedRepository(configuration, { repository: 'all', packages, count });
  const publish = (): Promise<Figures> =>
    site.done('POST', `${pathOf('all')}actions/publish/`, { id: 'all' });
  print('publish, first', count, await publish());
  print('publish, skipped', count, await publish());
  await importPackage(site, packages, count);
  print('publish, one more', count, await publish());
  await measureReading(site, count + 1);
  await measureChanges(site, count + 1);
  await measureSyncs(site, packages);
}

/** What no publish can do without. */
async function measureAlone(site: PublishingSite, packages: string, count: number): Promise<void> {
  const tree = site.file('alone');
  const [before, extra] = [path.join(tree, 'repodata'), path.join(tree, packageFile(count))];
  // Copies are as warm in memory as what was linked.
  cpSync(packages, tree, { recursive: true });
  const kept = readFileSync(extra);
  rmSync(extra);
  const args = ['--quiet', '--no-database', '--workers=2', '--compress-type=gz'];
  const run = (more: readonly string[]): Promise<Figures> =>
    costOf(() => runOk('createrepo_c', [...args, ...more, tree], { timeoutMs: 600_000 }));
  await run([]);
  rmSync(before, { recursive: true });
  print('createrepo_c alone', count, await run([]));
  writeFileSync(extra, kept);
  print('createrepo_c --update, one more', count, await run(['--update', '--skip-stat']));
  rmSync(tree, { recursive: true });
}

async function costOf(work: () => Promise<unknown>): Promise<Figures> {
  const before = usedBy(process.pid);
  await work();
  const after = usedBy(process.pid);
  return { seconds: after.time - before.time, programs: after.programs - before.programs };
}

/** By HTTPS alone. */
const served = {
  yum: { http: false, https: true },
  iso: { serve_http: false, serve_https: true },
};

function pathOf(repository: string): string {
  return `repositories/${repository}/`;
}

async function createRepository(
  site: PublishingSite,
  id: string,
  type: 'yum' | 'iso',
  feed?: string,
): Promise<void> {
  await site.call('POST', 'repositories/', {
    id,
    importer_type_id: `${type}_importer`,
    importer_config: feed === undefined ? {} : { feed },
    distributors: [
      {
        distributor_id: id,
        distributor_type_id: `${type}_distributor`,
        auto_publish: false,
        distributor_config: { relative_url: id, ...served[type] },
      },
    ],
  });
}

async function importPackage(
  site: PublishingSite,
  packages: string,
  number: number,
): Promise<Figures> {
  const { body } = await site.call('POST', 'content/uploads/');
  const { upload_id: upload } = body;
  const bytes = readFileSync(path.join(packages, packageFile(number)));
  await site.call('PUT', `content/uploads/${upload}/0/`, bytes);
  return site.done('POST', `${pathOf('all')}actions/import_upload/`, {
    ...{ upload_id: upload, unit_type_id: 'rpm', unit_key: {}, unit_metadata: {} },
  });
}

/** By the API, as clients do. */
async function measureReading(site: PublishingSite, count: number): Promise<void> {
  const search = (criteria: object) =>
    site.call('POST', `${pathOf('all')}search/units/`, { criteria });
  const one = { type_ids: ['rpm'], filters: { unit: { name: packageName(count >> 1) } } };
  const pattern = { type_ids: ['rpm'], filters: { unit: { name: { $regex: '99$' } } } };
  const page = { type_ids: ['rpm'], sort: { unit: [['name', 'ascending']] }, limit: 100 };
  const names = { type_ids: ['rpm'], fields: { unit: ['name', 'version', 'release', 'arch'] } };
  const questions = {
    'search: one name': one,
    'search: a pattern': pattern,
    'search: 100 by name': page,
    'list: all, four fields': names,
  };
  for (const [name, criteria] of Object.entries(questions)) {
    const { body, seconds } = await search(criteria);
    print(`${name} (${body.length})`, body.length, { seconds });
  }
}

async function measureChanges(site: PublishingSite, count: number): Promise<void> {
  await createRepository(site, 'copy', 'yum');
  const all = { criteria: { type_ids: ['rpm'] } };
  const copy = { source_repo_id: 'all', ...all };
  print('copy all', count, await site.done('POST', `${pathOf('copy')}actions/associate/`, copy));
  for (const repository of ['copy', 'all']) {
    const path = `${pathOf(repository)}actions/unassociate/`;
    print(`remove all from ${repository}`, count, await site.done('POST', path, all));
  }
  print('remove orphans', count, await site.done('DELETE', 'content/orphans/'));
}

async function measureSyncs(site: PublishingSite, packages: string): Promise<void> {
  await makeYumFeed(site.file('yum'), packages, syncedPackages);
  makeFilesFeed(site.file('iso'), syncedFiles);
  for (const [type, count] of [
    ['yum', syncedPackages],
    ['iso', syncedFiles],
  ] as const) {
    await using feed = await startFeed(site.file(type));
    await createRepository(site, type, type, feed.url);
    const sync = (): Promise<Figures> => site.done('POST', `${pathOf(type)}actions/sync/`, {});
    print(`sync by ${type}_importer, first`, count, await sync());
    print(`sync by ${type}_importer, again`, count, await sync());
  }
}

const widths = [38, 10, 10, 12, 14, 8];

function print(name: string, items: number, figures: Figures): void {
  const { seconds, cpu, programs, resident } = figures;
  const cells = [
    seconds.toFixed(2),
    (items / seconds).toFixed(0),
    cpu?.toFixed(2),
    programs?.toFixed(2),
    resident?.toFixed(0),
  ];
  printRow([name, ...cells.map((cell) => cell ?? '')], widths);
}
