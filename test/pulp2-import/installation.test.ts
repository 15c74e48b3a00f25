import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Installation, linksMax } from '../../src/pulp2-import/installation.ts';
import { temporaryDirectory } from '../support/temporary.ts';

function directoryWith(files: Readonly<Record<string, string>>) {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(directory.file(name)), { recursive: true });
    writeFileSync(directory.file(name), text);
  }
  return directory;
}

describe('an installation below a directory', () => {
  it('T27 links are followed as if the directory were /, and none leads out of it', async () => {
    using outside = directoryWith({ secret: 'of the host', 'etc/secret': 'of the host' });
    using directory = directoryWith({ 'etc/own': 'own', 'var/www/x': '' });
    const links = {
      'etc/absolute': '/etc/own',
      'etc/up': '../../../../../../etc/own',
      'etc/host': outside.file('secret'),
      'etc/climbing': `../../../..${outside.file('secret')}`,
      'etc/directory': outside.path,
      'var/www/pub': '/etc',
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, directory.file(name));
    const installation = await Installation.open(directory.path);
    const read = (file: string) => installation.readText(file, 100);
    assert.equal(await read('/etc/absolute'), 'own');
    assert.equal(await read('/etc/up'), 'own');
    assert.equal(await read('/var/www/pub/own'), 'own');
    assert.equal(await read('/../../etc/own'), 'own');
    assert.deepEqual(await installation.find('/var/www/pub/../etc/own'), {
      path: '/etc/own',
      kind: 'file',
    });
    for (const file of ['/etc/host', '/etc/climbing', '/etc/directory/secret']) {
      assert.equal(await read(file), undefined, file);
    }
    assert.deepEqual(await installation.list('/etc/directory'), []);
  });

  it('T44 links that lead to each other, or are too many, are a fault and no endless way', async () => {
    using directory = directoryWith({ end: 'end' });
    symlinkSync('b', directory.file('a'));
    symlinkSync('a', directory.file('b'));
    let target = 'end';
    for (let count = 1; count <= linksMax + 1; count += 1) {
      symlinkSync(target, directory.file(`link-${count}`));
      target = `link-${count}`;
    }
    const installation = await Installation.open(directory.path);
    assert.equal(await installation.readText(`/link-${linksMax}`, 100), 'end');
    for (const file of ['/a', `/link-${linksMax + 1}`]) {
      await assert.rejects(installation.readText(file, 100), {
        code: 'FILE_UNREADABLE',
        message: `Cannot read ${directory.file(file)}: it takes too many symbolic links`,
      });
    }
  });

  it('reads a file of the limit, and none that is longer, binary or no file', async () => {
    using directory = directoryWith({ limit: 'x'.repeat(100), longer: 'x'.repeat(101) });
    writeFileSync(directory.file('binary'), Buffer.of(0xff));
    mkdirSync(directory.file('directory'));
    execFileSync('mkfifo', [directory.file('fifo')]);
    const installation = await Installation.open(directory.path);
    assert.equal((await installation.readText('/limit', 100))?.length, 100);
    for (const [file, said] of [
      ['longer', 'it is longer than 100 bytes'],
      ['binary', 'it is not UTF-8 text'],
      ['directory', 'it is not a regular file'],
      ['fifo', 'it is not a regular file'],
    ] as const) {
      await assert.rejects(installation.readText(`/${file}`, 100), {
        message: `Cannot read ${directory.file(file)}: ${said}`,
      });
    }
    assert.equal(await installation.readText('/absent', 100), undefined);
    assert.equal(await installation.readText('/limit/below', 100), undefined);
  });

  it('lists a directory of the limit, and none with more entries', async () => {
    using directory = directoryWith({ a: '', b: '', c: '' });
    const installation = await Installation.open(directory.path, 3);
    assert.deepEqual(
      (await installation.list('/')).map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    writeFileSync(directory.file('d'), '');
    await assert.rejects(installation.list('/'), /it has more than 3 entries$/);
  });

  it('a directory that is not there is told', async () => {
    await assert.rejects(Installation.open('/nowhere/at/all'), {
      message: 'Cannot read /nowhere/at/all: there is no such file or directory',
    });
  });
});
