import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { FoundDirectory } from '../../src/content/find.ts';
import { listingScanEntriesMax, readListing } from '../../src/content/listing.ts';
import { contentPrefix, type Fetched, fetchRaw, startContentListener } from '../support/content.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { cheapestCpuMs } from '../support/timing.ts';

const modified = 1_700_000_000;

async function startListing(
  names: Readonly<Record<string, string>>,
  { listing = true, listingPageEntries = 100 } = {},
) {
  const directory = temporaryDirectory();
  for (const [name, content] of Object.entries(names)) {
    const file = directory.file(`root/${name}`);
    mkdirSync(path.dirname(file), { recursive: true });
    if (name.endsWith('/')) mkdirSync(file);
    else writeFileSync(file, content);
    utimesSync(file, modified, modified);
  }
  const distributions = [{ relativeUrl: 'acme/el9', root: directory.file('root'), listing }];
  const settings = { listingPageEntries };
  const listener = await startContentListener({ distributions, settings });
  return {
    file: (name: string) => directory.file(`root/${name}`),
    get: (name: string, headers: Record<string, string> = {}, method = 'GET') =>
      fetchRaw(listener.port, `${contentPrefix}acme/el9${name}`, { headers, method }),
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  };
}

function json({ body }: Fetched) {
  return JSON.parse(body.toString());
}

function namesIn(answer: Fetched): readonly string[] {
  return json(answer).entries.map((entry: { name: string }) => entry.name);
}

describe('deliver of a directory', () => {
  it('lists for programs: directories first, by name, with size and time', async () => {
    await using served = await startListing({ 'b.rpm': '12345', 'a.rpm': '', 'z/': '', 'Y/x': '' });
    utimesSync(served.file('Y'), modified, modified);
    const answer = await served.get('/?format=json');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'application/json');
    const time = '2023-11-14T22:13:20Z';
    assert.deepEqual(json(answer), {
      page: 1,
      pages: 1,
      truncated: false,
      entries: [
        { name: 'Y', href: 'Y/', type: 'directory', modified: time },
        { name: 'z', href: 'z/', type: 'directory', modified: time },
        { name: 'a.rpm', href: 'a.rpm', type: 'file', size: 0, modified: time },
        { name: 'b.rpm', href: 'b.rpm', type: 'file', size: 5, modified: time },
      ],
    });
  });

  it('lists for people in one page without scripts, with the ways up and down', async () => {
    await using served = await startListing({ 'repodata/repomd.xml': 'x'.repeat(2048) });
    const answer = await served.get('/repodata/');
    const html = answer.body.toString();
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(html, /<a href="repomd\.xml"><bdi>repomd\.xml<\/bdi><\/a>/);
    assert.match(html, /<td title="2048 bytes">2\.0 KiB<\/td><td>2023-11-14 22:13<\/td>/);
    assert.match(html, /<a href="\.\.\/">\.\.\/<\/a>/);
    assert.match(
      html,
      /<h1><a href="\.\.\/"><bdi>acme\/el9<\/bdi><\/a> \/ <bdi>repodata<\/bdi><\/h1>/,
    );
    const top = (await served.get('/')).body.toString();
    assert.match(top, /<a href="repodata\/">/);
    assert.doesNotMatch(top, /href="\.\.\//);
  });

  it('T63 lets no name become markup, and lets the browser run nothing', async () => {
    const hostile = [
      '<img src=x onerror=alert(1)>',
      '"><script>alert(1)<!--',
      "' onmouseover='x",
      'javascript:alert(1)',
      '&lt;b&gt;',
      '?page=2#x',
      'a\nb\x1b[31m',
      '\u202egpj.exe',
    ];
    const names = Object.fromEntries(hostile.map((name) => [name.replaceAll('/', ''), '']));
    await using served = await startListing(names);
    const { headers, body } = await served.get('/');
    const html = body.toString();
    assert.deepEqual(
      new Set(html.match(/<[a-z]+/g)),
      new Set([
        '<html',
        '<head',
        '<meta',
        '<title',
        '<style',
        '<body',
        '<h',
        '<bdi',
        '<table',
        '<thead',
        '<tr',
        '<th',
        '<tbody',
        '<td',
        '<a',
      ]),
    );
    for (const [, href] of html.matchAll(/href="([^"]*)"/g)) {
      assert.match(href ?? '', /^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+$/);
    }
    assert.ok(!html.includes('\x1b'));
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
    const digest = createHash('sha256').update(style).digest('base64');
    const policy = String(headers['content-security-policy']);
    assert.ok(policy.startsWith("default-src 'none'; "));
    assert.ok(policy.includes(`style-src 'sha256-${digest}'`));
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'private, no-cache');
  });

  it('links names of any bytes by those bytes', async () => {
    await using served = await startListing({ 'caf\u00e9': '1' });
    writeFileSync(Buffer.concat([Buffer.from(served.file('')), Buffer.of(0xff, 0x20)]), '22');
    const { entries } = json(await served.get('/?format=json'));
    assert.deepEqual(
      entries.map(({ name, href }: Record<string, string>) => [name, href]),
      [
        ['caf\u00e9', 'caf%C3%A9'],
        ['\udcff ', '%FF%20'],
      ],
    );
    for (const entry of entries) {
      assert.equal((await served.get(`/${entry.href}`)).body.length, entry.size);
    }
    assert.ok((await served.get('/')).body.includes('\ufffd '));
  });

  it('T105 T27 lists no hidden name, no link out of the root, and nothing that is no file', async () => {
    await using served = await startListing({
      '.git/config': '',
      '.treeinfo': '',
      file: 'x',
      'sub/x': '',
    });
    await runOk('mkfifo', [served.file('fifo')]);
    const links = {
      out: '../..',
      'file-out': '/etc/passwd',
      broken: 'nowhere',
      inside: 'file',
      dir: 'sub',
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, served.file(name));
    const answer = await served.get('/?format=json');
    assert.deepEqual(namesIn(answer), ['sub', '.treeinfo', 'dir', 'file', 'inside']);
    const [, , dir, , inside] = json(answer).entries;
    assert.deepEqual(
      [dir.type, dir.href, inside.type, inside.size],
      ['directory', 'dir/', 'file', 1],
    );
  });

  it('cuts listings into pages, and knows no page behind the last', async () => {
    const names = Object.fromEntries(
      Array.from({ length: 25 }, (_, i) => [`f${String(i).padStart(2, '0')}`, '']),
    );
    await using served = await startListing(names, { listingPageEntries: 10 });
    assert.equal(namesIn(await served.get('/?format=json')).length, 10);
    assert.deepEqual(namesIn(await served.get('/?format=json&page=3')), [
      'f20',
      'f21',
      'f22',
      'f23',
      'f24',
    ]);
    assert.equal((await served.get('/?page=4')).status, 404);
    for (const odd of ['0', '-1', '1.5', 'x', '', '9999999', '1e3']) {
      assert.equal(json(await served.get(`/?format=json&page=${odd}`)).page, 1);
    }
    const second = (await served.get('/?page=2')).body.toString();
    assert.match(second, /href="\?page=1" rel="prev"/);
    assert.match(second, /Page 2 of 3/);
    assert.match(second, /href="\?page=3" rel="next"/);
  });

  it('gives JSON to who asks for it by name, and HTML to browsers and everyone else', async () => {
    await using served = await startListing({ file: '' });
    const kinds: readonly (readonly [target: string, accept: string | undefined, kind: string])[] =
      [
        ['/', undefined, 'text/html'],
        ['/', '*/*', 'text/html'],
        ['/', 'application/json', 'application/json'],
        ['/', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'],
        ['/', 'text/html, application/json', 'text/html'],
        ['/?format=html', 'application/json', 'text/html'],
        ['/?format=json', 'text/html', 'application/json'],
      ];
    for (const [target, accept, kind] of kinds) {
      const { headers } = await served.get(target, accept === undefined ? {} : { Accept: accept });
      assert.ok(headers['content-type']?.startsWith(kind), `${target} for ${accept}`);
      assert.equal(headers.vary, 'Accept');
    }
  });

  it('answers HEAD with the head of GET', async () => {
    await using served = await startListing({ file: '' });
    const get = await served.get('/');
    const head = await served.get('/', {}, 'HEAD');
    assert.equal(head.body.length, 0);
    assert.deepEqual({ ...head.headers, date: '' }, { ...get.headers, date: '' });
  });

  it('T39b redirects to the spelling with a slash, relative to the request and never by Host', async () => {
    await using served = await startListing({ 'sub/x': '', 'a: b/x': '', '\\evil/x': '' });
    const locations = {
      '': 'el9/',
      '/sub': 'sub/',
      '/sub?x=//evil': 'sub/',
      '/a:%20b': 'a%3A%20b/',
      '/%5Cevil': '%5Cevil/',
    };
    for (const [target, location] of Object.entries(locations)) {
      const { status, headers } = await served.get(target, { Host: 'evil.example' });
      assert.deepEqual([status, headers.location], [301, location]);
    }
  });

  it('knows no directory where listings are off, with a slash or without', async () => {
    await using served = await startListing({ 'sub/x': 'x' }, { listing: false });
    for (const target of ['', '/', '/sub', '/sub/', '/missing', '/missing/']) {
      assert.equal((await served.get(target)).status, 404, target);
    }
    assert.equal((await served.get('/sub/x')).status, 200);
  });
});

describe('readListing', () => {
  /** Names of one file: to make as many files would take a hundred times as long. */
  function filled(count: number) {
    const directory = temporaryDirectory();
    writeFileSync(directory.file('1'), '');
    for (let name = 2; name <= count; name += 1) {
      linkSync(directory.file('1'), directory.file(`${name}`));
    }
    const found: FoundDirectory = { kind: 'directory', root: directory.path, path: '' };
    return { found, [Symbol.dispose]: () => directory[Symbol.dispose]() };
  }
  const options = { page: 1, pageEntries: 1000, visibleDotNames: [] };

  it('reads as many entries as its limit, and says when there are more', async () => {
    for (const [count, truncated] of [
      [listingScanEntriesMax, false],
      [listingScanEntriesMax + 1, true],
    ] as const) {
      using directory = filled(count);
      const listing = await readListing(directory.found, options);
      assert.deepEqual(
        [listing?.pages, listing?.truncated],
        [listingScanEntriesMax / 1000, truncated],
      );
    }
  });

  it('T85 takes no longer for a directory of three times its limit than for one at it', async () => {
    using atLimit = filled(listingScanEntriesMax);
    using larger = filled(3 * listingScanEntriesMax);
    const list = (found: FoundDirectory) => cheapestCpuMs(() => readListing(found, options));
    await readListing(atLimit.found, options);
    const ratio = (await list(larger.found)) / (await list(atLimit.found));
    assert.ok(ratio < 1.7, `it took ${ratio.toFixed(1)} times as long`);
  });
});
