import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Task } from '../../src/tasks/task.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { openPublishing, type Publishing } from './publishing.ts';

const sentence = 'Skipped: Repository content has not changed since last publish.';

describe('publishing a repository', () => {
  it('makes a publication, points to it, and reports in the words of Pulp', async () => {
    await using publishing = await openPublishing();
    await publishing.add('iso', 'bytes', { name: 'a.iso' });
    const task = await publishing.publish();
    const result = resultOf(task);
    assert.deepEqual(
      [result.repo_id, result.distributor_id, result.distributor_type_id, result.result],
      ['acme', 'served', 'iso_distributor', 'success'],
    );
    assert.deepEqual(result.summary, { isos: 'FINISHED', manifest: 'FINISHED' });
    assert.deepEqual(Object.keys(task.progress_report), ['served']);
    assert.match(await manifest(publishing), /^a\.iso,[0-9a-f]{64},5\n$/);
    const repository = await publishing.repositories.byId('acme');
    assert.ok(repository?.distributors[0]?.last_publish instanceof Date);
  });

  it('does nothing when nothing changed, and says so (Pulp 6.4)', async () => {
    await using publishing = await openPublishing();
    await publishing.add('iso', 'bytes', { name: 'a.iso' });
    await publishing.publish();
    const { publication } = await publishing.distribution();
    const again = resultOf(await publishing.publish());
    assert.deepEqual([again.result, again.summary], ['skipped', sentence]);
    assert.equal((await publishing.distribution()).publication, publication);
    assert.equal(resultOf(await publishing.publish({ serve_http: true })).result, 'success');
  });

  it('publishes again when it is forced to, when units change, and after a rollback', async () => {
    await using publishing = await openPublishing({ distributor: 'yum_distributor', config: yum });
    await publishing.publish();
    assert.equal(resultOf(await publishing.publish()).result, 'skipped');
    assert.equal(resultOf(await publishing.publish({ force_full: true })).result, 'success');
    assert.equal(resultOf(await publishing.publish()).result, 'skipped');
    await publishing.add('erratum', undefined, { id: 'A-1' });
    assert.equal(resultOf(await publishing.publish()).result, 'success');
    await publishing.rollback();
    assert.equal(resultOf(await publishing.publish()).result, 'success');
  });

  it('keeps what was served before for the grace, and the last ones for a rollback', async () => {
    await using publishing = await openPublishing();
    const made: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      await publishing.add('iso', name, { name });
      await publishing.publish();
      made.push((await publishing.distribution()).publication ?? '');
    }
    const { earlier } = await publishing.distribution();
    assert.deepEqual(
      earlier.map(({ publication }) => publication),
      made.slice(0, 3).toReversed(),
    );
    for (const id of made) assert.ok(existsSync(directoryOf(publishing, id)), 'in grace');
    publishing.advance(3601);
    await publishing.add('iso', 'e', { name: 'e' });
    await publishing.publish();
    const kept = await publishing.publications.ofRepository('acme');
    const { publication } = await publishing.distribution();
    assert.deepEqual(new Set(kept.map(({ _id }) => _id)), new Set([publication, made[3]]));
    assert.equal(existsSync(directoryOf(publishing, made[0] ?? '')), false);
  });

  it('goes back to the one before, or to one that is named, and to nothing else', async () => {
    await using publishing = await openPublishing();
    const made: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      await publishing.add('iso', name, { name });
      await publishing.publish();
      made.push((await publishing.distribution()).publication ?? '');
    }
    assert.deepEqual((await publishing.rollback()).result, { publication: made[1] });
    assert.equal((await publishing.distribution()).publication, made[1]);
    await publishing.rollback(made[0]);
    assert.equal((await publishing.distribution()).publication, made[0]);
    assert.match(await manifest(publishing), /^a,[0-9a-f]{64},1\n$/);
    assert.equal((await publishing.rollback()).error?.code, 'PLP0009');
    assert.equal((await publishing.rollback('f'.repeat(24))).error?.code, 'PLP0009');
    assert.equal((await publishing.distribution()).publication, made[0]);
  });

  it('T27 serves the directory of its distributor as it lies, and no other for one publish', async () => {
    using source = temporaryDirectory();
    mkdirSync(source.file('own'));
    mkdirSync(source.file('others'));
    const config = { relative_url: 'own', http: false, https: true, path: source.file('own') };
    await using publishing = await openPublishing({
      distributor: 'directory_distributor',
      config,
      settings: { repositories: { directoryRoots: [source.path] } },
    });
    const { state, error } = await publishing.publish({ path: source.file('others') });
    assert.deepEqual([state, error?.code], ['error', 'PLP1014']);
    assert.equal((await publishing.publish()).state, 'finished');
    assert.equal((await publishing.distribution()).directory, source.file('own'));
    // Each publish looks anew, and nothing that was there is kept.
    assert.equal(resultOf(await publishing.publish()).result, 'success');
    const { error: rollback } = await publishing.rollback();
    assert.equal(rollback?.code, 'PLP0009');
    assert.match(rollback?.description ?? '', /is served as it lies/);
    rmSync(source.file('own'), { recursive: true });
    const gone = await publishing.publish();
    assert.equal(gone.error?.code, 'PLP0034');
    assert.match(gone.error?.description ?? '', /cannot be found/);
    assert.equal((await publishing.distribution()).directory, source.file('own'));
  });

  it('leaves what is served as it was when it fails, and nothing behind', async () => {
    await using publishing = await openPublishing();
    await publishing.add('iso', 'one', { name: 'same' });
    await publishing.publish();
    const before = await publishing.distribution();
    await publishing.add('iso', 'two', { name: 'same' });
    const failed = await publishing.publish();
    assert.equal(failed.state, 'error');
    assert.equal(failed.error?.code, 'PLP0034');
    assert.match(failed.error?.description ?? '', /two files of the name "same"/);
    assert.deepEqual(await publishing.distribution(), before);
    assert.equal((await publishing.publications.ofRepository('acme')).length, 1);
  });

  it('fails by the names of what is not there', async () => {
    await using publishing = await openPublishing({ distributor: 'gone_distributor' });
    const { error } = await publishing.publish();
    assert.equal(error?.code, 'PLP1014');
    await using exporting = await openPublishing({ distributor: 'export_distributor' });
    assert.equal((await exporting.publish()).error?.code, 'PLP0014');
  });
});

const yum = { relative_url: 'acme', http: false, https: true };

function resultOf(task: Task): { readonly [name: string]: unknown } {
  assert.equal(task.state, 'finished', JSON.stringify(task.error));
  return task.result as { readonly [name: string]: unknown };
}

function directoryOf({ parts }: Publishing, id: string): string {
  return parts.storage.publications.directoryOf(id);
}

async function manifest(publishing: Publishing): Promise<string> {
  const { publication } = await publishing.distribution();
  return readFileSync(
    path.join(directoryOf(publishing, publication ?? ''), 'PULP_MANIFEST'),
    'utf8',
  );
}
