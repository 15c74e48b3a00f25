import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createFinder, modifiedSecondsMax, wholeSeconds } from '../../src/content/find.ts';
import { openFile } from '../../src/content/open.ts';
import { realPathMemoryMs } from '../../src/content/real-directories.ts';
import { PortcullisError } from '../../src/errors.ts';
import { canonicalizePath, pathFromBytes } from '../../src/http/canonical-path.ts';
import { formatHttpDate } from '../../src/http/http-date.ts';
import { runOk } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const canary = 'the canary beside the root';

/** A root with every kind of name in it, and a canary beside it that nothing may reach. */
function rootWithTraps(): TemporaryDirectory & { readonly root: string } {
  const directory = temporaryDirectory();
  const root = directory.file('root');
  for (const name of ['root/dir/deep', 'root/.git', 'root2', 'outside']) {
    mkdirSync(directory.file(name), { recursive: true });
  }
  for (const name of ['canary.txt', 'root2/canary.txt', 'outside/canary.txt']) {
    writeFileSync(directory.file(name), canary);
  }
  for (const name of ['file.rpm', 'dir/inner.txt', 'dir/deep/x', '.git/config', '.treeinfo']) {
    writeFileSync(`${root}/${name}`, `content of ${name}`);
  }
  const links: Readonly<Record<string, string>> = {
    'link-out': '../outside',
    'link-file': '../canary.txt',
    'link-absolute': directory.file('canary.txt'),
    'link-sibling': '../root2',
    chain: 'link-file',
    loop: 'loop',
    broken: 'nowhere',
    'link-device': '/dev/zero',
    'link-inside': 'dir/inner.txt',
    'link-directory': 'dir',
    'link-through-outside': '../outside/../root/file.rpm',
    'dir/link-up': '../..',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, `${root}/${name}`);
  return { ...directory, root, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

function finder(options: Partial<Parameters<typeof createFinder>[0]> = {}) {
  return createFinder({ visibleDotNames: ['.treeinfo'], ...options });
}

const isUnavailable = (error: unknown) =>
  error instanceof PortcullisError && error.code === 'CONTENT_UNAVAILABLE';

describe('createFinder', () => {
  it('finds files and directories, with the link-free path of each', async () => {
    using traps = rootWithTraps();
    const { root } = traps;
    utimesSync(`${root}/file.rpm`, 1_700_000_000, 1_700_000_000.999);
    const find = finder();
    assert.deepEqual(await find(root, '/file.rpm'), {
      kind: 'file',
      root,
      path: '/file.rpm',
      size: 19,
      modified: 1_700_000_000,
      inode: statSync(`${root}/file.rpm`).ino.toString(16),
    });
    const directories = { '/': '', '/dir': '/dir', '/dir/': '/dir', '/link-directory/': '/dir' };
    for (const [asked, path] of Object.entries(directories)) {
      assert.deepEqual(await find(root, asked), { kind: 'directory', root, path });
    }
    const throughLinks = {
      '/link-inside': '/dir/inner.txt',
      '/link-directory/inner.txt': '/dir/inner.txt',
      '/link-directory/deep/x': '/dir/deep/x',
      '/link-through-outside': '/file.rpm',
    };
    for (const [asked, path] of Object.entries(throughLinks)) {
      assert.equal((await find(root, asked))?.path, path, asked);
    }
  });

  it('finds the root of the file system and what is in it', async () => {
    using traps = rootWithTraps();
    const find = finder();
    for (const _ of ['fresh', 'remembered']) {
      assert.deepEqual(await find('/', '/'), { kind: 'directory', root: '', path: '' });
      assert.equal(
        (await find('/', `${traps.root}/link-inside`))?.path,
        `${traps.root}/dir/inner.txt`,
      );
    }
  });

  it('T27 finds nothing through a link that leaves the root, however long the way', async () => {
    using traps = rootWithTraps();
    const find = finder();
    const escapes = [
      '/link-out',
      '/link-out/',
      '/link-out/canary.txt',
      '/link-file',
      '/link-absolute',
      '/link-sibling/canary.txt',
      '/chain',
      '/loop',
      '/loop/x',
      '/broken',
      '/link-device',
      '/dir/link-up/canary.txt',
      '/dir/link-up/root/file.rpm/../../canary.txt',
    ];
    for (const path of escapes) assert.equal(await find(traps.root, path), undefined, path);
    assert.equal((await find(traps.root, '/dir/link-up/root/file.rpm'))?.path, '/file.rpm');
  });

  it('finds nothing that is no file, and waits for no FIFO', async () => {
    using traps = rootWithTraps();
    const { root } = traps;
    await runOk('mkfifo', [`${root}/fifo`]);
    symlinkSync('fifo', `${root}/link-fifo`);
    const socket = createServer().listen(`${root}/socket`);
    try {
      for (const path of ['/fifo', '/link-fifo', '/socket', '/fifo/', '/fifo/x']) {
        assert.equal(await finder()(root, path), undefined, path);
      }
    } finally {
      socket.close();
    }
  });

  it('finds nothing behind a file, under a name that is too long, or that is not there', async () => {
    using traps = rootWithTraps();
    const absent = [
      '/file.rpm/',
      '/file.rpm/x',
      '/link-inside/',
      '/missing',
      '/missing/x',
      '/FILE.rpm',
      `/${'n'.repeat(256)}`,
      `/${'d/'.repeat(3000)}x`,
    ];
    for (const path of absent) {
      assert.equal(await finder()(traps.root, path), undefined, path.slice(0, 20));
    }
    writeFileSync(`${traps.root}/${'n'.repeat(255)}`, '');
    assert.equal((await finder()(traps.root, `/${'n'.repeat(255)}`))?.kind, 'file');
  });

  it('T105 hides names that begin with a dot, but for the visible ones', async () => {
    using traps = rootWithTraps();
    const find = finder();
    for (const path of ['/.git', '/.git/', '/.git/config', '/dir/.x']) {
      assert.equal(await find(traps.root, path), undefined, path);
    }
    assert.equal((await find(traps.root, '/.treeinfo'))?.kind, 'file');
    const open = finder({ visibleDotNames: ['.git'] });
    assert.equal((await open(traps.root, '/.git/config'))?.kind, 'file');
    assert.equal(await open(traps.root, '/.treeinfo'), undefined);
  });

  it('says that content is unavailable when the root is gone or no directory, from then on', async () => {
    using traps = rootWithTraps();
    const { root } = traps;
    const find = finder();
    assert.equal((await find(root, '/file.rpm'))?.kind, 'file');
    renameSync(root, `${root}.away`);
    for (const path of ['/file.rpm', '/missing', '/']) {
      await assert.rejects(find(root, path), isUnavailable, path);
    }
    writeFileSync(root, 'a file');
    await assert.rejects(find(root, '/file.rpm'), isUnavailable);
    rmSync(root);
    renameSync(`${root}.away`, root);
    assert.equal((await find(root, '/file.rpm'))?.kind, 'file');
  });

  it('follows a root that is a link to where it leads now, though it remembers directories', async () => {
    using directory = temporaryDirectory();
    for (const version of ['1', '2']) {
      mkdirSync(directory.file(version));
      writeFileSync(directory.file(`${version}/only-in-${version}`), version);
      writeFileSync(directory.file(`${version}/both`), version.repeat(Number(version)));
    }
    const root = directory.file('current');
    symlinkSync('1', root);
    let now = 0;
    const find = finder({ now: () => now });
    assert.equal((await find(root, '/only-in-1'))?.kind, 'file');
    symlinkSync('2', `${root}.next`);
    renameSync(`${root}.next`, root);
    assert.equal((await find(root, '/only-in-2'))?.root, directory.file('2'));
    rmSync(directory.file('1'), { recursive: true });
    assert.equal(await find(root, '/only-in-1'), undefined);
    assert.equal((await find(root, '/both'))?.root, directory.file('2'));
    now += realPathMemoryMs;
    assert.equal((await find(root, '/both'))?.root, directory.file('2'));
  });

  it('believes a remembered directory for its time, and not a moment longer', async () => {
    using directory = temporaryDirectory();
    for (const name of ['root/a', 'root/b']) {
      mkdirSync(directory.file(name), { recursive: true });
      writeFileSync(directory.file(`${name}/x`), name);
    }
    const root = directory.file('root');
    symlinkSync('a', `${root}/link`);
    let now = 0;
    const find = finder({ now: () => now });
    assert.equal((await find(root, '/link/x'))?.path, '/a/x');
    unlinkSync(`${root}/link`);
    symlinkSync('b', `${root}/link`);
    now = realPathMemoryMs - 1;
    assert.equal((await find(root, '/link/x'))?.path, '/a/x');
    now = realPathMemoryMs;
    assert.equal((await find(root, '/link/x'))?.path, '/b/x');
  });

  it('says that content is unavailable when permission is missing', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('runs as root only: it becomes another user');
    using traps = rootWithTraps();
    await runOk('chmod', ['700', `${traps.root}/dir`]);
    const script = `
      import { createFinder } from ${JSON.stringify(new URL('../../src/content/find.ts', import.meta.url).href)};
      process.setuid(65534);
      const find = createFinder({ visibleDotNames: [] });
      const answers = await Promise.all(['/dir/inner.txt', '/file.rpm'].map((path) =>
        find(${JSON.stringify(traps.root)}, path).then((found) => found?.kind, (error) => error.code + ': ' + error.message)));
      console.log(answers.join('\\n'));`;
    const output = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    const [denied, allowed] = output.stdout.toString().trim().split('\n');
    assert.match(denied ?? output.stderr.toString(), /^CONTENT_UNAVAILABLE: .*EACCES/);
    assert.equal(allowed, 'file');
  });

  it('finds names of any bytes by those bytes alone', async () => {
    using directory = temporaryDirectory();
    const names = ['caf\xc3\xa9', 'caf\xe9', 'cafe\xcc\x81', '\x01', ' ', '\xed\xb2\x80', '\x80'];
    for (const [index, name] of names.entries()) {
      writeFileSync(Buffer.from(`${directory.path}/${name}`, 'latin1'), 'x'.repeat(index));
    }
    for (const [index, name] of names.entries()) {
      const found = await finder()(
        directory.path,
        pathFromBytes(Buffer.from(`/${name}`, 'latin1')),
      );
      assert.equal(found?.kind === 'file' && found.size, index, name);
    }
  });

  it('T21 reaches no canary with any line of the corpus', async () => {
    using traps = rootWithTraps();
    const find = finder();
    const corpus = readFileSync(new URL('../fixtures/traversal.txt', import.meta.url), 'latin1')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    assert.ok(corpus.length >= 200);
    for (const target of corpus) await assertHarmless(find, traps.root, target);
  });

  it('T20 reaches no canary with 10,000 generated targets', async () => {
    using traps = rootWithTraps();
    const find = finder();
    const piece = fc.constantFrom(
      ...[
        '/',
        '/',
        '/',
        '..',
        '.',
        '%2e',
        '%2E',
        '%2f',
        '%252e',
        '%5c',
        '\\',
        ';',
        '%00',
        '%c0%ae',
      ],
      ...['dir', 'link-out', 'link-up', 'link-sibling', 'link-directory', 'canary.txt', 'root'],
    );
    const target = fc.array(piece, { maxLength: 10 }).map((pieces) => `/${pieces.join('')}`);
    await fc.assert(
      fc.asyncProperty(target, (raw) => assertHarmless(find, traps.root, raw)),
      { seed: 20_261_121, numRuns: 10_000 },
    );
  });
});

describe('wholeSeconds', () => {
  it('wholeSeconds() gives no time that HTTP cannot write, at the limits and one past them', () => {
    const second = 1_000_000_000n;
    const most = BigInt(modifiedSecondsMax);
    assert.equal(wholeSeconds(most * second + 999_999_999n), modifiedSecondsMax);
    assert.equal(wholeSeconds((most + 1n) * second), modifiedSecondsMax);
    assert.equal(wholeSeconds(2n ** 63n * second), modifiedSecondsMax);
    assert.equal(formatHttpDate(modifiedSecondsMax), 'Fri, 31 Dec 9999 23:59:59 GMT');
    assert.deepEqual([wholeSeconds(0n), wholeSeconds(-1n)], [0, 0]);
  });
});

/** Whatever `target` leads to lies in the root, and is not the canary. */
async function assertHarmless(
  find: ReturnType<typeof createFinder>,
  root: string,
  target: string,
): Promise<void> {
  const canonical = canonicalizePath(target);
  if (!canonical.ok) return;
  const found = await find(root, canonical.path);
  if (found === undefined) return;
  assert.equal(found.root, root);
  if (found.kind !== 'file') return;
  const file = await openFile(found);
  try {
    assert.notEqual(await file.handle.readFile('utf8'), canary, target);
  } finally {
    await file.handle.close();
  }
}
