import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  type Compression,
  compressionOf,
  decompress,
  decompressionRatioMax,
  ratioFreeBytes,
} from '../../src/sync/decompress.ts';
import { readManifest } from '../../src/sync/manifest.ts';
import { readPrimary } from '../../src/sync/primary.ts';
import { metadataFilesMax, readRepomd } from '../../src/sync/repomd.ts';
import { readXml, xmlDepthMax, xmlElementBytesMax, xmlPartsMax } from '../../src/sync/xml.ts';
import { runOk } from '../support/processes.ts';

const signal = new AbortController().signal;
const compressions = ['gzip', 'zstd', 'xz', 'bzip2'] as const;

async function compress(bytes: Buffer, compression: Compression): Promise<Buffer> {
  if (compression === 'gzip') return gzipSync(bytes);
  if (compression === 'zstd') return zstdCompressSync(bytes);
  return runOk(compression, ['--compress', '--stdout'], { input: bytes });
}

async function* chunksOf(bytes: Uint8Array, size = 5000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function opened(
  bytes: Uint8Array,
  compression: Compression,
  bytesMax = 1e9,
): Promise<Buffer> {
  const options = { document: 'it', bytesMax, signal };
  return Buffer.concat(await Array.fromAsync(decompress(chunksOf(bytes), compression, options)));
}

describe('decompress', () => {
  it('knows compressions by the ends of names', () => {
    const names = ['a.xml.gz', 'b.xml.zst', 'c.xz', 'd.sqlite.bz2', 'e.xml', 'xz'];
    assert.deepEqual(names.map(compressionOf), ['gzip', 'zstd', 'xz', 'bzip2', 'none', 'none']);
  });

  for (const compression of compressions) {
    it(`gives what was compressed with ${compression}, up to its limit`, async () => {
      const bytes = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `${i * i},`).join(''));
      const compressed = await compress(bytes, compression);
      assert.deepEqual(await opened(compressed, compression, bytes.length), bytes);
      await assert.rejects(opened(compressed, compression, bytes.length - 1), /uncompressed$/);
    });

    it(`refuses what is cut, changed or no ${compression}`, async () => {
      const compressed = await compress(Buffer.from('abc'.repeat(10_000)), compression);
      const changed = Buffer.from(compressed);
      const at = changed.length - 12;
      changed.writeUInt8(changed.readUInt8(at) ^ 255, at);
      for (const bytes of [compressed.subarray(0, -5), changed, Buffer.from('no, it is not')]) {
        await assert.rejects(opened(bytes, compression), /is no whole/);
      }
    });

    it(`T81 ends a bomb of ${compression} early`, async () => {
      const bomb = await compress(Buffer.alloc(40_000_000), compression);
      let most = 0;
      const options = { document: 'it', bytesMax: 1e12, signal };
      await assert.rejects(async () => {
        for await (const chunk of decompress(chunksOf(bomb), compression, options)) {
          most += chunk.length;
        }
      }, /it grows to more than 400 times its size$/);
      const allowed = Math.max(bomb.length * decompressionRatioMax, ratioFreeBytes);
      assert.ok(most <= allowed);
    });
  }

  it('T92 is done by programs that get no variable of ours', async () => {
    // With it, either program would end with an error.
    const variables = { XZ_OPT: '--no-such-option', BZIP2: '--no-such-option' };
    const [xz, bzip2] = [
      await compress(Buffer.from('abc'), 'xz'),
      await compress(Buffer.from('abc'), 'bzip2'),
    ];
    Object.assign(process.env, variables);
    try {
      assert.equal(String(await opened(xz, 'xz')), 'abc');
      assert.equal(String(await opened(bzip2, 'bzip2')), 'abc');
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
  });

  it('ends with its task', async () => {
    const options = { document: 'it', bytesMax: 1e9, signal: AbortSignal.timeout(20) };
    const endless = async function* () {
      for (;;) yield await compress(Buffer.from('x'), 'xz');
    };
    await assert.rejects(Array.fromAsync(decompress(endless(), 'xz', options)), {
      name: 'TimeoutError',
    });
  });
});

describe('readXml', () => {
  const read = (text: string | Buffer, size?: number) =>
    Array.fromAsync(readXml(chunksOf(Buffer.from(text), size), 'it', 'root'));

  it('gives the children of the root with what is in them, however it is cut', async () => {
    const text =
      '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE root SYSTEM "x.dtd"><root xmlns="u">' +
      't<a n="é&amp;">1<b/><![CDATA[<2>]]></a><c:d xmlns:c="v">&#x1F600;</c:d></root>';
    for (const size of [1, 2, 1000]) {
      const [a, d, ...rest] = await read(text, size);
      assert.deepEqual(rest, []);
      assert.equal(a?.attributes.n, 'é&');
      assert.equal(a?.text, '1<2>');
      assert.deepEqual(
        a?.children.map(({ name }) => name),
        ['b'],
      );
      assert.deepEqual([d?.name, d?.text], ['c:d', '😀']);
    }
  });

  it('T81 has no billion laughs, no external entities and no DTD of its own', async () => {
    const laughs = [
      '<!DOCTYPE root [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><root><x>&b;</x></root>',
      '<!DOCTYPE root [<!ENTITY a SYSTEM "file:///etc/passwd">]><root><x>&a;</x></root>',
      '<!DOCTYPE root [<!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]><root/>',
    ];
    for (const text of laughs) await assert.rejects(read(text), /declares entities or the like/);
    await assert.rejects(read('<root><x>&undeclared;</x></root>'), /no well-formed XML/);
  });

  it('T81 T83 has bounds for depth and length', async () => {
    const nested = (depth: number) => `${'<root>'.repeat(depth)}${'</root>'.repeat(depth)}`;
    assert.equal((await read(nested(xmlDepthMax))).length, 1);
    await assert.rejects(read(nested(xmlDepthMax + 1)), /over 32 deep/);
    const long = Buffer.concat([Buffer.from('<root><a>'), Buffer.alloc(xmlElementBytesMax, 'x')]);
    await assert.rejects(read(long, 65_536), /an element of it is over/);
  });

  it('T81 has a bound for what takes more memory than bytes: elements and attributes', async () => {
    const many = (name: string, length: number) =>
      `<root><u ${name === '' ? '' : `${name}=""`}>${'<a/>'.repeat(length)}</u><b/></root>`;
    assert.equal((await read(many('', xmlPartsMax - 1), 65_536)).length, 2);
    const wrong = [many('', xmlPartsMax), many('x', xmlPartsMax - 1)];
    for (const text of wrong) await assert.rejects(read(text, 65_536), /elements and attributes$/);
  });

  it('refuses what is not that document', async () => {
    const wrong = [
      '',
      'x',
      '<other/>',
      '<root>',
      '<root/><root/>',
      '<root a=1/>',
      '<root>&</root>',
    ];
    for (const text of wrong) await assert.rejects(read(text), /Cannot read it: /, text);
    await assert.rejects(read(Buffer.from([0x3c, 0xff, 0x3e])), /not in UTF-8/);
    await assert.rejects(read('<?xml version="1.0" encoding="latin1"?><root/>'), /not in UTF-8/);
  });
});

const sha256 = 'a'.repeat(64);

function data(changes: { readonly href?: string; readonly rest?: string } = {}): string {
  const { href = 'repodata/p.xml.gz', rest = '' } = changes;
  return `<data type="primary"><checksum type="sha256">${sha256}</checksum>${rest}
    <location href="${href}"/><timestamp>12</timestamp><size>5</size></data>`;
}

const hostilePaths = [
  ...['../x', 'a/../../x', '/etc/passwd', 'a//b', './a', 'a/.', 'a/', '', 'a\\b', 'a&#10;b'],
  ...['file:///etc/passwd', 'a'.repeat(256), `${'a/'.repeat(2500)}a`],
];

describe('readRepomd', () => {
  const read = (inner: string, weak = false) =>
    readRepomd(Buffer.from(`<repomd>${inner}</repomd>`), weak);

  it('reads what there is, with its newest time where nothing is said of a revision', async () => {
    const { revision, files } = await read(data());
    assert.equal(revision, 12);
    const digest = { algorithm: 'sha256', hex: sha256 };
    const file = { type: 'primary', path: 'repodata/p.xml.gz', digest, size: 5 };
    assert.deepEqual(files, [{ ...file, openSize: undefined }]);
    assert.equal((await read(`<revision>77</revision>${data()}`)).revision, 77);
  });

  it('T28 refuses paths that are not of whole segments below the feed', async () => {
    for (const href of hostilePaths) await assert.rejects(read(data({ href })), /its path/, href);
  });

  it('refuses another base, and digests that nobody can believe', async () => {
    const based = data().replace('href=', 'xml:base="http://evil.example/" href=');
    await assert.rejects(read(based), /at another base than the feed/);
    for (const type of ['crc32', '__proto__', '', 'SHA-256 ']) {
      const changed = data().replace('type="sha256"', `type="${type}"`);
      await assert.rejects(read(changed), /no digest of a known kind/);
    }
    const weak = data().replace(/type="sha256">a+/, `type="sha">${'b'.repeat(40)}`);
    await assert.rejects(read(weak), /only its sha1 is known, which can be forged/);
    assert.equal((await read(weak, true)).files[0]?.digest.algorithm, 'sha1');
  });

  it('has a bound for the number of files', async () => {
    assert.equal((await read(data().repeat(metadataFilesMax))).files.length, metadataFilesMax);
    await assert.rejects(read(data().repeat(metadataFilesMax + 1)), /over 1000 files/);
  });
});

describe('readPrimary', () => {
  const packageOf = (href: string, size = '10') =>
    `<metadata><package type="rpm"><name>a</name><arch>noarch</arch><version epoch="1" ver="2" rel="3"/>
     <checksum type="sha256" pkgid="YES">${sha256}</checksum><size package="${size}"/>
     <location href="${href}"/></package></metadata>`;
  const read = (text: string) => Array.fromAsync(readPrimary(chunksOf(Buffer.from(text)), false));

  it('tells a package by its name, version and digest', async () => {
    assert.deepEqual(await read(packageOf('Packages/a.rpm')), [
      {
        ...{ kind: 'file', type: 'rpm', what: 'the package a-2-3.noarch' },
        ...{ path: 'Packages/a.rpm', size: 10 },
        digest: { algorithm: 'sha256', hex: sha256 },
        unitKey: { name: 'a', epoch: '1', version: '2', release: '3', arch: 'noarch' },
      },
    ]);
  });

  it('T28 refuses paths that lead elsewhere, and sizes that are none', async () => {
    for (const href of hostilePaths) await assert.rejects(read(packageOf(href)), /its path/, href);
    for (const size of ['', '-1', '1e3', '9'.repeat(17)]) {
      await assert.rejects(read(packageOf('a.rpm', size)), /does not say its size/);
    }
  });
});

describe('readManifest', () => {
  it('reads names with commas, as they are or quoted', () => {
    const text = `a,b.iso,${sha256},5\n"c,""d"".iso",${sha256},0\r\n`;
    const files = readManifest(Buffer.from(text));
    assert.deepEqual(
      files.map(({ path, size }) => [path, size]),
      [
        ['a,b.iso', 5],
        ['c,"d".iso', 0],
      ],
    );
  });

  it('T28 refuses names that lead elsewhere, and lines that are none', () => {
    for (const name of ['../x', '/x', 'a//b', '.', 'a/..', 'a\\b', 'a\u0001', 'a/b']) {
      assert.throws(
        () => readManifest(Buffer.from(`${name},${sha256},5\n`)),
        /its path|in a directory/,
        name,
      );
    }
    for (const line of ['a', `a,${sha256}`, `a,${sha256},-5`, `a,${'b'.repeat(40)},5`, ' ']) {
      assert.throws(() => readManifest(Buffer.from(`${line}\n`)), /expected NAME,SHA256,SIZE/);
    }
    const twice = `a,${sha256},5\n`.repeat(2);
    assert.throws(() => readManifest(Buffer.from(twice)), /two lines of one name/);
  });
});
