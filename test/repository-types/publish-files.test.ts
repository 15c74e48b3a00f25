import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { TaskFailure } from '../../src/tasks/kind.ts';
import { createPublisher } from '../support/publish-job.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe('a file repository', () => {
  it('has its files as links, and a manifest whose lines no name can break', async () => {
    await using publisher = await createPublisher();
    const names = ['plain.iso', 'a,b.iso', 'with "quotes".iso', 'ünï.iso'];
    const units = [];
    for (const name of names) units.push(await publisher.add('iso', name, { name }));
    const { directory, unitCounts } = await publisher.publish('iso_distributor');
    assert.deepEqual(unitCounts, { iso: 4 });
    const lines = readFileSync(path.join(directory, 'PULP_MANIFEST'), 'utf8').split('\n');
    assert.match(lines[0] ?? '', /^"a,b\.iso",[0-9a-f]{64},7$/);
    assert.match(lines.join('\n'), /^"with ""quotes""\.iso",/m);
    for (const { artifact } of units) {
      const { sha256 = '', filename = '' } = artifact ?? {};
      const { ino } = statSync(publisher.storage.artifacts.pathOf(sha256));
      assert.equal(statSync(path.join(directory, filename)).ino, ino);
    }
  });
});

describe('a directory', () => {
  it('is served where it lies, from below a root, and what leads there is followed', async () => {
    using source = temporaryDirectory();
    mkdirSync(source.file('tree/below'), { recursive: true });
    symlinkSync(source.file('tree'), source.file('link'));
    await using publisher = await createPublisher();
    const directoryRoots = [source.path];
    for (const [from, real] of [
      ['tree', source.file('tree')],
      ['tree/below', source.file('tree/below')],
      ['link/below', source.file('tree/below')],
      ['', source.path],
    ] as const) {
      const config = { path: path.join(source.path, from) };
      const published = await publisher.publish('directory_distributor', {
        config,
        directoryRoots,
      });
      assert.equal(published.directory, real);
      assert.deepEqual(published.unitCounts, {});
    }
  });

  it('T27 is refused elsewhere, also where a link leads elsewhere', async () => {
    using source = temporaryDirectory();
    using other = temporaryDirectory();
    mkdirSync(source.file('roots/tree'), { recursive: true });
    mkdirSync(source.file('roots2'));
    writeFileSync(source.file('roots/file'), 'bytes');
    symlinkSync(other.path, source.file('roots/link'));
    symlinkSync(source.file('roots'), source.file('linked'));
    await using publisher = await createPublisher();
    const refusal = async (where: string, root: string): Promise<string> => {
      const options = { config: { path: where }, directoryRoots: [root] };
      const publishing = publisher.publish('directory_distributor', options);
      const error = await publishing.then(
        () => assert.fail(where),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof TaskFailure && error.code === 'PLP0034', where);
      return error.message;
    };
    const root = source.file('roots');
    for (const where of [`${root}/link`, other.path, source.path, source.file('roots2'), '/']) {
      assert.match(await refusal(where, root), /below none of repositories\.directoryRoots$/);
    }
    assert.match(await refusal(`${root}/none`, root), /cannot be found \(ENOENT\)$/);
    assert.match(await refusal(`${root}/file`, root), /is no directory$/);
    const linked = source.file('linked');
    const renamed = await refusal(`${linked}/tree`, linked);
    assert.ok(renamed.endsWith(`which has a link in its path: name ${root}`), renamed);
    const config = { path: source.file('roots/tree') };
    await assert.rejects(publisher.publish('directory_distributor', { config }), /directoryRoots/);
  });
});
