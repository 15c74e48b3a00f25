/** The tasks of repositories when the disk of the storage is full at one of their steps. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Distributions } from '../../src/repositories/distributions.ts';
import { Repositories } from '../../src/repositories/repositories.ts';
import { importUploadSubmission } from '../../src/repository-tasks/import-upload.ts';
import { publishSubmission } from '../../src/repository-tasks/publish.ts';
import { removeOrphansSubmission } from '../../src/repository-tasks/remove-orphans.ts';
import { syncSubmission } from '../../src/repository-tasks/sync-submission.ts';
import { unassociateSubmission } from '../../src/repository-tasks/unassociate.ts';
import type { Task } from '../../src/tasks/task.ts';
import { startAnsweringServer } from '../support/answering-server.ts';
import { debPackage } from '../support/deb-packages.ts';
import { needs, needsRoot } from '../support/needs.ts';
import { rpmPackage } from '../support/rpm-packages.ts';
import { startRemoteFiles } from '../sync/remote-files.ts';
import { createYumFeed } from '../sync/yum-feed.ts';
import type { RepositoryKind } from './served-repository.ts';
import { type Operator, operate } from './small-disk-operator.ts';

const packages: readonly {
  readonly kind: RepositoryKind;
  readonly type: string;
  readonly file: () => Promise<Buffer>;
  /** Whether its reader needs space. */
  readonly isWrittenFor: boolean;
  readonly skip: string | false;
}[] = [
  {
    ...{ kind: 'yum', type: 'rpm', file: rpmPackage, isWrittenFor: false },
    skip: needs('rpm', 'rpmbuild', 'createrepo_c'),
  },
  {
    ...{ kind: 'deb', type: 'deb', file: debPackage, isWrittenFor: true },
    skip: needs('dpkg-deb', 'apt-ftparchive'),
  },
];

describe('tasks of repositories on a full disk', { skip: needsRoot() }, () => {
  for (const [step, when] of [
    ['uploads.seal', 'before'],
    ['artifacts.keep', 'before'],
  ] as const) {
    it(`an import whose disk is full at ${step} says so, and is done again`, (context) =>
      operate(context, 'iso', async (operator) => {
        const upload = await operator.upload('x'.repeat(100_000));
        operator.fillAt(step, when);
        const unit = { type: 'iso', unitKey: { name: 'a.iso' }, unitMetadata: {} };
        const submission = importUploadSubmission({ repository: 'acme', upload, unit });
        expectFull(await operator.run(submission));
        operator.disk.free();
        expectFinished(await operator.run(submission));
        assert.equal(await operator.units.count(), 1);
      }));
  }

  for (const [step, when] of [
    ['workDirectory', 'before'],
    ['publications.begin', 'before'],
    ['publications.begin', 'after'],
  ] as const) {
    it(`a publish whose disk is full ${when} ${step} leaves what is served`, (context) =>
      operate(context, 'iso', async (operator) => {
        await addFile(operator, 'a.iso', 'A');
        const publish = publishSubmission({ repository: 'acme', distributor: 'served' });
        expectFinished(await operator.run(publish));
        const served = await servedBy(operator);
        await addFile(operator, 'b.iso', 'B');
        operator.fillAt(step, when);
        expectFull(await operator.run(publish));
        assert.equal(await servedBy(operator), served);
        operator.disk.free();
        expectFinished(await operator.run(publish));
        assert.notEqual(await servedBy(operator), served);
      }));
  }

  it('a sync whose disk is full takes nothing, and then all of it', (context) =>
    operate(context, 'iso', async (operator) => {
      await using remote = await startRemoteFiles({ 'a.iso': 'A'.repeat(50_000), 'b.iso': 'B' });
      await setFeed(operator, 'iso_importer', remote.url);
      for (const step of ['artifacts.receive', 'artifacts.keep']) {
        operator.fillAt(step, 'before');
        expectFull(await operator.run(syncSubmission({ repository: 'acme' })));
        assert.deepEqual(await Array.fromAsync(operator.units.ofRepository('acme', 'iso')), []);
        operator.disk.free();
      }
      expectFinished(await operator.run(syncSubmission({ repository: 'acme' })));
      assert.equal((await Array.fromAsync(operator.units.ofRepository('acme', 'iso'))).length, 2);
    }));

  it(
    'a sync whose disk is full for what reads a package takes nothing, and then all of it',
    { skip: needs('rpm', 'rpmbuild', 'createrepo_c') },
    (context) =>
      operate(context, 'yum', async (operator) => {
        using feed = createYumFeed();
        await feed.build('anvil', '1');
        await feed.index(1);
        await using server = await startAnsweringServer();
        server.answer(({ url = '' }, response) => {
          const file = feed.file(url.slice(1));
          if (existsSync(file)) response.end(readFileSync(file));
          else response.writeHead(404).end();
        });
        await setFeed(operator, 'yum_importer', `${server.url}/`);
        operator.fillAt('workDirectory', 'before');
        expectFull(await operator.run(syncSubmission({ repository: 'acme' })));
        assert.deepEqual(await Array.fromAsync(operator.units.ofRepository('acme', 'rpm')), []);
        operator.disk.free();
        expectFinished(await operator.run(syncSubmission({ repository: 'acme' })));
        assert.equal((await Array.fromAsync(operator.units.ofRepository('acme', 'rpm'))).length, 1);
      }),
  );

  it('orphans are removed although there is no space', (context) =>
    operate(context, 'iso', async (operator) => {
      await addFile(operator, 'a.iso', 'A'.repeat(50_000));
      const all = unassociateSubmission({ repository: 'acme', criteria: {} });
      operator.disk.fill();
      expectFinished(await operator.run(all));
      expectFinished(await operator.run(removeOrphansSubmission({ kind: 'all' })));
      assert.deepEqual(await Array.fromAsync(operator.parts.storage.artifacts.list()), []);
      operator.disk.free();
    }));

  for (const { kind, type, file, isWrittenFor, skip } of packages) {
    it(`a disk that is full for programs is no fault of a ${type}`, { skip }, (context) =>
      operate(context, kind, async (operator) => {
        const upload = await operator.upload(await file());
        const unit = { type, unitKey: {}, unitMetadata: {} };
        const submission = importUploadSubmission({ repository: 'acme', upload, unit });
        operator.fillAt('workDirectory', 'before');
        expectFull(await operator.run(submission));
        operator.disk.free();
        if (isWrittenFor) {
          operator.fillAt('workDirectory', 'after');
          expectFull(await operator.run(submission));
          operator.disk.free();
        }
        expectFinished(await operator.run(submission));
        const publish = publishSubmission({ repository: 'acme', distributor: 'served' });
        operator.fillAt('workDirectory', 'after');
        expectFull(await operator.run(publish));
        operator.disk.free();
        expectFinished(await operator.run(publish));
      }),
    );
  }
});

async function setFeed({ parts }: Operator, importerType: string, feed: string): Promise<void> {
  const repositories = new Repositories(parts.store, parts.now);
  await repositories.updateImporter('acme', importerType, (importer) => ({
    ...importer,
    config: { feed },
  }));
}

async function addFile(operator: Operator, name: string, bytes: string): Promise<void> {
  const upload = await operator.upload(bytes);
  const unit = { type: 'iso', unitKey: { name }, unitMetadata: {} };
  expectFinished(await operator.run(importUploadSubmission({ repository: 'acme', upload, unit })));
}

async function servedBy({ parts }: Operator): Promise<string | null | undefined> {
  const [found] = await new Distributions(parts.store, parts.now).ofRepository('acme');
  return found?.publication;
}

function expectFinished(task: Task): void {
  assert.equal(task.state, 'finished', JSON.stringify(task.error));
}

/** Whoever may see the task is told what to do. */
function expectFull({ state, error }: Task): void {
  assert.equal(state, 'error');
  const text = JSON.stringify(error);
  assert.match(text, /STORAGE_FULL|no space is left for the storage/);
}
