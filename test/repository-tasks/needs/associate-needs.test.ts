/** Copies with what is needed: repositories of made-up packages, and the task that copies. */

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { JsonObject } from '../../../src/repositories/documents.ts';
import { Repositories } from '../../../src/repositories/repositories.ts';
import { Units } from '../../../src/repositories/units.ts';
import {
  associateSubmission,
  createAssociateKind,
  type Needs,
} from '../../../src/repository-tasks/associate.ts';
import { PackageIndex } from '../../../src/repository-tasks/needs/package-index.ts';
import { unitType } from '../../../src/repository-types/all-types.ts';
import type { Store } from '../../../src/stores/store.ts';
import type { RunningTask } from '../../../src/tasks/kind.ts';
import type { Submission } from '../../../src/tasks/queue.ts';
import type { StoreHost } from '../../contracts/store-fixture.ts';
import { type OpenedStorage, openedStorage } from '../../storage/opened.ts';
import { silent, storeContracts } from '../../tasks/fixture.ts';
import { openTaskStore, taskSettings } from '../repository-tasks.ts';

const now = (): Date => new Date();
const never = new AbortController().signal;

interface Given {
  readonly version?: string;
  readonly arch?: string;
  /** As `tool` or `tool >= 2`. */
  readonly requires?: readonly string[];
  readonly provides?: readonly string[];
  readonly files?: readonly string[];
}

for (const contract of storeContracts) {
  describe(`copies with what is needed on ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    let opened: OpenedStorage;
    let store: Store;
    let units: Units;
    before(async () => {
      host = await contract.host();
    });
    beforeEach(async () => {
      opened = await openedStorage();
      store = await openTaskStore(host.settings());
      units = new Units(store, now);
      for (const id of ['from', 'to']) {
        await new Repositories(store, now).create({
          ...{ id, display_name: null, description: null, notes: {} },
          importer: { importer_type_id: 'yum_importer', config: {} },
        });
      }
    });
    afterEach(async () => {
      await store.close();
      opened[Symbol.dispose]();
    });
    after(() => host[Symbol.asyncDispose]());

    const add = async (type: string, fields: JsonObject, repository = 'from') => {
      const unitKey = unitType(type)?.unitKey ?? [];
      const { unit } = await units.insertPending({ type, fields, unitKey, artifact: null });
      await units.settle(unit._id, repository);
    };
    const addPackage = (name: string, given: Given = {}, repository = 'from') => {
      const { version = '1', arch = 'noarch', requires = [], provides = [], files = [] } = given;
      const own = `${name} = 0:${version}-1`;
      const fields = {
        ...{ name, epoch: '0', version, release: '1', arch },
        ...{ checksumtype: 'sha256', checksum: `${name}-${version}-${arch}` },
        requires: requires.map(relation),
        provides: [own, ...provides].map(relation),
        primary_files: [...files],
      };
      return add('rpm', fields, repository);
    };
    const run = async (submission: Submission) => {
      const settings = await taskSettings(opened.directory);
      const parts = { store, storage: opened.storage, settings, log: silent, now };
      const task = {
        ...{ taskId: 't', name: submission.name, arguments: submission.arguments, tags: [] },
        ...{ attempt: 1, signal: never, log: silent, progress: () => {} },
      };
      return createAssociateKind(parts).run(task as unknown as RunningTask);
    };
    const copy = async (filter: JsonObject, needs?: Needs): Promise<readonly string[]> => {
      const result = await run(
        associateSubmission({
          ...{ repository: 'to', source: 'from', criteria: { filters: { unit: filter } } },
          ...(needs !== undefined && { needs }),
        }),
      );
      const { units_successful: copied } = result as { units_successful: readonly object[] };
      return copied.map(nameOf).toSorted();
    };

    it('takes what packages require to the end: by name, capability, file, and in circles', async () => {
      await addPackage('app', { requires: ['lib >= 2', '/usr/bin/run', 'rpmlib(X) <= 1'] });
      await addPackage('lib', { version: '1' });
      await addPackage('lib', { version: '2', requires: ['so()(64bit)', 'nowhere'] });
      await addPackage('lib', { version: '10', requires: ['so()(64bit)'] });
      await addPackage('runner', { files: ['/usr/bin/run'], requires: ['(app or other)'] });
      await addPackage('brings-so', { provides: ['so()(64bit)'] });
      await addPackage('unrelated');
      const whole = ['app-1', 'brings-so-1', 'lib-10', 'runner-1'];
      assert.deepEqual(await copy({ name: 'app' }), ['app-1']);
      assert.deepEqual(await copy({ name: 'app' }, 'all'), whole);
      assert.deepEqual(await units.countsOf('to', ['rpm']), { rpm: 4 });
    });

    it('takes what fits the architecture, and what is copied anyway before anything else', async () => {
      await addPackage('app', { arch: 'x86_64', requires: ['mail'] });
      await addPackage('a', { arch: 'i686', provides: ['mail'] });
      await addPackage('mail-server', { arch: 'x86_64', provides: ['mail'] });
      assert.deepEqual(await copy({ name: 'app' }, 'all'), ['app-1', 'mail-server-1']);
      const both = { name: { $in: ['app', 'a'] } };
      assert.deepEqual(await copy(both as JsonObject, 'all'), ['a-1', 'app-1']);
    });

    it('takes with “missing” only what the repository has nothing for', async () => {
      await addPackage('app', { requires: ['lib >= 2', 'tool'] });
      for (const version of ['2', '3']) await addPackage('lib', { version });
      await addPackage('tool');
      await addPackage('lib', { version: '2.5' }, 'to');
      assert.deepEqual(await copy({ name: 'app' }, 'missing'), ['app-1', 'tool-1']);
      assert.deepEqual(await copy({ name: 'app' }, 'all'), ['app-1', 'lib-3', 'tool-1']);
    });

    it('takes what errata, groups, categories, environments and modules are of', async () => {
      for (const version of ['1', '2']) await addPackage('anvil', { version });
      await addPackage('coal');
      await addPackage('hammer', { requires: ['coal'] });
      const named = { name: 'anvil', epoch: null, version: '1', release: '1', arch: 'noarch' };
      await add('erratum', { id: 'E-1', pkglist: [{ packages: [named] }] });
      assert.deepEqual(await copy({ id: 'E-1' }, 'all'), ['E-1', 'anvil-1']);
      const group = { package_group_id: 'tools', repo_id: 'from' };
      await add('package_group', {
        ...{ ...group, mandatory_package_names: ['anvil'], default_package_names: ['nowhere'] },
        ...{ optional_package_names: ['hammer'], conditional_package_names: [] },
      });
      const category = { package_category_id: 'all', repo_id: 'from', packagegroupids: ['tools'] };
      await add('package_category', category);
      const environment = { package_environment_id: 'env', repo_id: 'from', group_ids: [] };
      await add('package_environment', { ...environment, options: [{ group: 'tools' }] });
      const packages = ['anvil-2', 'coal-1', 'hammer-1', 'tools'];
      const ofCategory = await copy({ package_category_id: 'all' }, 'all');
      assert.deepEqual(ofCategory, ['all', ...packages].toSorted());
      const ofEnvironment = await copy({ package_environment_id: 'env' }, 'all');
      assert.deepEqual(ofEnvironment, ['env', ...packages].toSorted());
      await add('modulemd', {
        ...{ name: 'forge', stream: '1', version: 1, context: 'c', arch: 'noarch' },
        artifacts: ['anvil-0:1-1.noarch', 'nowhere-0:1-1.noarch', 'no label'],
      });
      assert.deepEqual(await copy({ stream: '1' }, 'all'), ['anvil-1', 'forge-1']);
    });

    it('takes nothing where signatures are wanted, which nobody verifies', async () => {
      await addPackage('app');
      const repositories = new Repositories(store, now);
      for (const config of [{ require_signature: true }, { allowed_keys: ['fd431d51'] }]) {
        await repositories.setImporter('to', { importer_type_id: 'yum_importer', config });
        const [option] = Object.keys(config);
        const refusal = new RegExp(`its importer has ${option}, and signatures`);
        await assert.rejects(copy({ name: 'app' }), refusal);
      }
      assert.deepEqual(await units.countsOf('to', ['rpm']), {});
      await add('erratum', { id: 'E-2', pkglist: [] });
      const errata = { repository: 'to', source: 'from', criteria: { type_ids: ['erratum'] } };
      await run(associateSubmission(errata));
      await assert.rejects(run(associateSubmission({ ...errata, needs: 'missing' })), /signatures/);
      assert.deepEqual(await units.countsOf('to', ['rpm', 'erratum']), { erratum: 1 });
      const config = { require_signature: false, allowed_keys: [] };
      await repositories.setImporter('to', { importer_type_id: 'yum_importer', config });
      assert.deepEqual(await copy({ name: 'app' }), ['app-1']);
    });

    it('refuses a repository with more than the index takes, and takes one that has as much', async () => {
      await addPackage('a', { files: ['/usr/bin/a'] });
      // The package, its name among what it brings, and its file.
      await PackageIndex.read(units, 'from', never, 3);
      await assert.rejects(PackageIndex.read(units, 'from', never, 2), /over 2 packages/);
    });
  });
}

/** @param text as `lib >= 0:2-1` */
function relation(text: string) {
  const [name = '', comparison = '', evr = ''] = text.startsWith('(') ? [text] : text.split(' ');
  const flags = { '': null, '=': 'EQ', '>=': 'GE', '<=': 'LE' }[comparison] ?? null;
  if (flags === null) return { name, flags, epoch: null, version: null, release: null };
  const [, epoch = '0', version = '', release = null] =
    /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(evr) ?? [];
  return { name, flags, epoch, version, release };
}

function nameOf(shown: object): string {
  const { unit_key: key } = shown as { unit_key: Record<string, unknown> };
  const { name, version, id, package_group_id, package_category_id } = key;
  if (name !== undefined) return `${name}-${version}`;
  return String(id ?? package_group_id ?? package_category_id ?? key.package_environment_id);
}
