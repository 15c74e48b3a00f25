import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { run } from '../support/processes.ts';
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
  it('is taken over as it is, from below a root, and stays what it was', async () => {
    using source = temporaryDirectory();
    mkdirSync(source.file('tree/below'), { recursive: true });
    writeFileSync(source.file('tree/below/file'), 'bytes');
    await using publisher = await createPublisher();
    const options = { config: { path: source.file('tree') }, directoryRoots: [source.path] };
    const { directory } = await publisher.publish('directory_distributor', options);
    assert.equal(readFileSync(path.join(directory, 'below/file'), 'utf8'), 'bytes');
    writeFileSync(source.file('tree/below/file'), 'other');
    assert.equal(readFileSync(path.join(directory, 'below/file'), 'utf8'), 'bytes');
  });

  it('is refused elsewhere, also where a link leads elsewhere (T27)', async () => {
    using source = temporaryDirectory();
    using other = temporaryDirectory();
    mkdirSync(source.file('roots/tree'), { recursive: true });
    writeFileSync(other.file('secret'), 'secret');
    symlinkSync(other.path, source.file('roots/link'));
    await using publisher = await createPublisher();
    const directoryRoots = [source.file('roots')];
    const outside = [
      source.file('roots/link'),
      other.path,
      source.path,
      source.file('roots2'),
      '/',
    ];
    for (const where of outside) {
      const options = { config: { path: where }, directoryRoots };
      const publishing = publisher.publish('directory_distributor', options);
      await assert.rejects(publishing, { code: 'PLP0034' }, where);
    }
    const config = { path: source.file('roots/tree') };
    await assert.rejects(publisher.publish('directory_distributor', { config }), /directoryRoots/);
  });

  it('is refused with links, pipes and names that are none in it (T27)', async () => {
    for (const make of [
      (directory: string) => symlinkSync('/etc/passwd', path.join(directory, 'link')),
      (directory: string) => symlinkSync('/etc', path.join(directory, 'links')),
      (directory: string) => run('mkfifo', [path.join(directory, 'pipe')]),
      (directory: string) => writeFileSync(path.join(directory, 'a\nb'), ''),
    ]) {
      using source = temporaryDirectory();
      await make(source.path);
      await using publisher = await createPublisher();
      const options = { config: { path: source.path }, directoryRoots: [source.path] };
      const publishing = publisher.publish('directory_distributor', options);
      await assert.rejects(publishing, { code: 'PLP0034' });
    }
    using source = temporaryDirectory();
    writeFileSync(source.file('one'), 'bytes');
    linkSync(source.file('one'), source.file('two'));
    await using publisher = await createPublisher();
    const options = { config: { path: source.path }, directoryRoots: [source.path] };
    const { directory } = await publisher.publish('directory_distributor', options);
    assert.equal(readFileSync(path.join(directory, 'two'), 'utf8'), 'bytes');
  });
});
