import assert from 'node:assert/strict';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { manifestLine, manifestPath, openManifest } from '../../src/storage/manifest.ts';
import { filesBelow, kept, listed, openedStorage, sha256Of } from './opened.ts';

const id = '0123456789abcdef01234567';

describe('Publications', () => {
  it('is nowhere until it is committed, and then whole: links, what was written, what programs made', async () => {
    using opened = await openedStorage();
    const { artifacts, publications } = opened.storage;
    const sha256 = await kept(opened.storage, 'package');
    await using tree = await publications.begin(id);
    await tree.link('Packages/a/a.rpm', sha256);
    await tree.link('Packages/a/a.rpm', sha256);
    await tree.write('repodata/repomd.xml', '<repomd/>');
    writeFileSync(`${tree.directory}/repodata/primary.xml`, '<metadata/>');
    assert.deepEqual(readdirSync(publications.directory), [`.${id}`]);
    await tree.commit();
    const directory = publications.directoryOf(id);
    assert.deepEqual(readdirSync(publications.directory), [id]);
    assert.deepEqual(filesBelow(directory), [
      'Packages/a/a.rpm',
      'repodata/primary.xml',
      'repodata/repomd.xml',
    ]);
    const { ino } = statSync(artifacts.pathOf(sha256));
    assert.equal(statSync(`${directory}/Packages/a/a.rpm`).ino, ino);
    assert.deepEqual(await listed(publications.list()), [id]);
    const entries = await Array.fromAsync((await openManifest(opened.directory, id)) ?? []);
    assert.deepEqual(
      new Map(entries.map((entry) => [entry.path, entry.sha256])),
      new Map([
        ['Packages/a/a.rpm', sha256],
        ['repodata/repomd.xml', sha256Of('<repomd/>')],
        ['repodata/primary.xml', sha256Of('<metadata/>')],
      ]),
    );
  });

  it('is read by the group, and written by nobody; nothing else of the storage is read', async () => {
    using opened = await openedStorage();
    const { publications } = opened.storage;
    const sha256 = await kept(opened.storage, 'package');
    await using tree = await publications.begin(id);
    await tree.link('a/b/c.rpm', sha256);
    await tree.write('d.xml', 'd');
    await tree.commit();
    const modes = (names: readonly string[]): readonly string[] =>
      names.map((name) => (statSync(`${opened.directory}/${name}`).mode & 0o777).toString(8));
    const published = ['', '/a', '/a/b', '/a/b/c.rpm', '/d.xml'].map(
      (name) => `publications/${id}${name}`,
    );
    assert.deepEqual(modes(published), ['550', '550', '550', '440', '440']);
    assert.deepEqual(modes(['.', 'publications']), ['710', '750']);
    const folders = ['artifacts', 'uploads', 'manifests', 'temporary', 'trash', 'damaged'];
    assert.deepEqual(
      new Set(modes([...folders, `artifacts/${sha256.slice(0, 2)}`])),
      new Set(['700']),
    );
  });

  it('leaves nothing of what was not committed', async () => {
    using opened = await openedStorage();
    const { publications } = opened.storage;
    {
      await using tree = await publications.begin(id);
      await tree.write('a/b', 'c');
    }
    assert.deepEqual(readdirSync(publications.directory), []);
    assert.deepEqual(filesBelow(opened.directory), []);
  });

  it('begins anew where a process died, and removes what it left', async () => {
    using opened = await openedStorage();
    const { publications } = opened.storage;
    const dead = await publications.begin(id);
    await dead.write('old', 'old');
    assert.deepEqual(await listed(publications.list()), [id]);
    await using tree = await publications.begin(id);
    await tree.write('new', 'new');
    await tree.commit();
    assert.deepEqual(filesBelow(publications.directoryOf(id)), ['new']);
    const other = 'f'.repeat(24);
    await publications.begin(other);
    await publications.remove(other);
    assert.deepEqual(await listed(publications.list()), [id]);
  });

  it('removes a publication and its manifest, and goes on where a removal was stopped', async () => {
    using opened = await openedStorage();
    const { publications } = opened.storage;
    const sha256 = await kept(opened.storage, 'package');
    await using tree = await publications.begin(id);
    await tree.link('a/b/c.rpm', sha256);
    await tree.commit();
    mkdirSync(`${publications.directory}/.${id}/rest`, { recursive: true });
    await Promise.all([publications.remove(id), publications.remove(id)]);
    await publications.remove(id);
    assert.deepEqual(readdirSync(publications.directory), []);
    assert.deepEqual(filesBelow(opened.directory).length, 1);
  });

  it('refuses an artifact that is not there', async () => {
    using opened = await openedStorage();
    await using tree = await opened.storage.publications.begin(id);
    await assert.rejects(tree.link('a.rpm', 'a'.repeat(64)), { code: 'CONTENT_UNAVAILABLE' });
  });

  it('never writes into a file that is there: it may be an artifact', async () => {
    using opened = await openedStorage();
    const { artifacts, publications } = opened.storage;
    const [one, other] = [await kept(opened.storage, 'one'), await kept(opened.storage, 'other')];
    await using tree = await publications.begin(id);
    await tree.link('a.rpm', one);
    await assert.rejects(tree.write('a.rpm', 'x'), { code: 'STORAGE_UNAVAILABLE' });
    await assert.rejects(tree.link('a.rpm', other), { code: 'STORAGE_UNAVAILABLE' });
    assert.equal(readFileSync(artifacts.pathOf(one), 'utf8'), 'one');
  });

  it('T28 has a manifest whose lines end nowhere but at their ends', async () => {
    using opened = await openedStorage();
    const forged = `a\u2028${'0'.repeat(64)}  ../../x`;
    const entry = { path: forged, sha256: sha256Of('a') };
    const other = { path: 'b\u2029\u0085', sha256: sha256Of('b') };
    writeFileSync(manifestPath(opened.directory, id), manifestLine(entry) + manifestLine(other));
    const entries = await Array.fromAsync((await openManifest(opened.directory, id)) ?? []);
    assert.deepEqual(entries, [entry, other]);
  });

  it('T28 refuses paths that lead elsewhere', async () => {
    using opened = await openedStorage();
    const sha256 = await kept(opened.storage, 'package');
    await using tree = await opened.storage.publications.begin(id);
    for (const path of ['../x', 'a/../../x', '/etc/x', 'a//b', 'a/', '', '.', 'a\0b', 'a\\b']) {
      await assert.rejects(tree.link(path, sha256), TypeError, path);
      await assert.rejects(tree.write(path, 'x'), TypeError, path);
    }
    await assert.rejects(opened.storage.publications.begin('../../x'), TypeError);
    await assert.rejects(opened.storage.publications.remove('..'), TypeError);
  });

  it('T27 refuses a tree with a link, wherever a program made one', async () => {
    using opened = await openedStorage();
    const { publications } = opened.storage;
    await using tree = await publications.begin(id);
    await tree.write('a/b', 'c');
    symlinkSync('/etc/passwd', `${tree.directory}/a/c`);
    await assert.rejects(tree.commit(), /"a\/c": it is no file and no directory/);
    assert.deepEqual(readdirSync(publications.directory), [`.${id}`]);
  });

  it('has files of the publication before that were linked by who publishes', async () => {
    using opened = await openedStorage();
    const { publications } = opened.storage;
    await using first = await publications.begin(id);
    await first.write('primary.xml', '<metadata/>');
    await first.commit();
    await using second = await publications.begin('f'.repeat(24));
    linkSync(`${publications.directoryOf(id)}/primary.xml`, `${second.directory}/primary.xml`);
    await second.commit();
    await publications.remove(id);
    const file = `${publications.directoryOf('f'.repeat(24))}/primary.xml`;
    assert.equal(readFileSync(file, 'utf8'), '<metadata/>');
  });
});
