/** With decisions that nginx remembers, clients get what they get without. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { formatHttpDate } from '../../src/http/http-date.ts';
import { mediaTypesByExtension, plainTextNames } from '../../src/http/media-types.ts';
import type { Answered, Asked } from '../front/nginx-fixture.ts';
import { needs } from '../support/needs.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import type { LogLine } from '../support/portcullis.ts';
import { until } from '../support/processes.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { type Edge, startEdge } from './edge.ts';

const skip = needs('nginx', 'openssl');
const modified = 1_700_000_000;
const at = formatHttpDate(modified);
const etag = `"${modified.toString(16)}-3e8"`;
const base = '/pulp/repos/acme/el9';
const canary = 'what nobody may read';

/** An answer without what differs from one to the next, and what no two programs order alike. */
function comparable({ status, headers, body }: Answered): object {
  const boundary = /boundary=(\w+)/.exec(headers)?.[1] ?? 'none';
  const lines = headers.replace(boundary, 'BOUNDARY').split('\r\n').slice(1);
  const kept = lines
    .map((line) => line.replace(/^([^:]+):/, (name) => name.toLowerCase()))
    .filter((line) => !/^(?:date|x-request-id|connection):/.test(line))
    // An answer of nginx itself keeps the tag of the file.
    .filter((line) => status !== 416 || !line.startsWith('etag:'))
    .filter((line) => status < 400 || !line.startsWith('content-length:'))
    .sort();
  const told = body.replace(/Request id: \S+/, 'Request id').replaceAll(boundary, 'BOUNDARY');
  return { status, headers: kept, body: told };
}

function writeSite(root: string, outside: string): void {
  const write = (name: string, text: string | Buffer): void => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
    utimesSync(path.join(root, name), modified, modified);
  };
  for (const name of ['a.rpm', 'b/c.xml', 'b/index.html', 'b/a+b~1,2=3@x:y.rpm', 'x y.rpm', 'é']) {
    write(name, 'z'.repeat(1000));
  }
  for (const name of ['.hidden', '.git/config', '.treeinfo', 'b/.x/y.rpm', 'empty.iso', 'b..c']) {
    write(name, name === 'empty.iso' ? '' : 'dotted');
  }
  for (const name of plainTextNames) write(`names/${name}`, 'plain');
  for (const extension of [
    ...Object.keys(mediaTypesByExtension()),
    'unknown',
    'RPM',
    'constructor',
  ]) {
    write(`types/file.${extension}`, extension);
  }
  write('types/none', 'none');
  write('types/dot.', 'none');
  write('inner/el9/secret.rpm', 'of the outer distribution');
  writeFileSync(outside, canary);
  symlinkSync('a.rpm', path.join(root, 'inside.rpm'));
  symlinkSync('b', path.join(root, 'linked'));
  symlinkSync(outside, path.join(root, 'outside.rpm'));
  symlinkSync('/', path.join(root, 'everything'));
  symlinkSync('nowhere', path.join(root, 'dangling.rpm'));
  execFileSync('mkfifo', [path.join(root, 'fifo.rpm')]);
}

for (const protocol of ['uwsgi', 'http'] as const) {
  describe(`decisions that nginx remembers, over ${protocol}`, { skip }, () => {
    let pki: Pki;
    let client: Credential;
    let edge: Edge;

    before(async () => {
      pki = createPki();
      const ca = await pki.authority();
      client = await pki.client(ca);
      writeSite(pki.file('root'), pki.file('outside.rpm'));
      mkdirSync(pki.file('inner'));
      writeFileSync(pki.file('inner/own.rpm'), 'own');
      const access = { certificate: { ca: ca.certificatePath } };
      edge = await startEdge({
        ...{ pki, protocol, seconds: 60, server: await pki.server(ca) },
        settings: {
          distributions: [
            { relativeUrl: 'acme/el9', root: pki.file('root'), access },
            { relativeUrl: 'acme/el9/inner', root: pki.file('inner'), access },
            { relativeUrl: 'listed', root: pki.file('root'), access, listing: true },
          ],
        },
      });
    });
    after(async () => {
      await edge[Symbol.asyncDispose]();
      pki[Symbol.dispose]();
    });

    /** Asks twice, so that the second answer is by what was remembered if the first could be. */
    async function assertSame(asked: Asked): Promise<Answered> {
      const plain = await edge.askPlain({ client, ...asked });
      const first = await edge.ask({ client, ...asked });
      const second = await edge.ask({ client, ...asked });
      const name = JSON.stringify({ ...asked, client: undefined });
      assert.deepEqual(comparable(first), comparable(plain), name);
      assert.deepEqual(comparable(second), comparable(plain), name);
      assert.equal(plain.body.includes(canary), false, name);
      return second;
    }

    it('the front answers for every kind of file and path as Portcullis does', async () => {
      const paths = [
        ...[
          '/a.rpm',
          '/b/c.xml',
          '/b/index.html',
          '/b/a+b~1,2=3@x:y.rpm',
          '/b/a%2Bb~1,2=3@x:y.rpm',
        ],
        ...['/b/a%2bb~1,2=3@x:y.rpm', '/x%20y.rpm', '/%C3%A9', '/a%2Erpm', '/%61.rpm', '/b..c'],
        ...['', '/', '/b', '/b/', '/b/c.xml/', '/missing', '/missing/a.rpm', '/empty.iso'],
        ...[
          '/.hidden',
          '/.git/config',
          '/.treeinfo',
          '/b/.x/y.rpm',
          '/inside.rpm',
          '/linked/c.xml',
        ],
        ...['/outside.rpm', '/everything/etc/passwd', '/dangling.rpm', '/fifo.rpm', '/types/none'],
        ...[
          '/inner/own.rpm',
          '/inner/el9/secret.rpm',
          '/inner',
          '/types/dot.',
          '/a.rpm?',
          '/a.rpm?x=1',
        ],
        ...[`/pct_${'a'.repeat(38)}/a.rpm`, `/%70ct_${'a'.repeat(38)}/a.rpm`],
        ...['/a.rpm#x', '/A.rpm', '/a.rpm.', `/${'x'.repeat(300)}`, `/${'x/'.repeat(600)}x`],
      ];
      for (const each of paths) {
        await assertSame({ path: base + each });
        await assertSame({ path: `/pulp/isos/listed${each}` });
      }
    });

    it('the front gives every media type as Portcullis does', async () => {
      const names = [
        ...Object.keys(mediaTypesByExtension()).filter((_, index) => index % 17 === 0),
        ...['unknown', 'RPM', 'constructor', 'gz', 'xml', 'iso', 'deb', 'treeinfo'],
      ].map((extension) => `/types/file.${extension}`);
      for (const name of [...names, ...[...plainTextNames].map((each) => `/names/${each}`)]) {
        await assertSame({ path: base + name });
      }
    });

    it('the front answers ranges, conditions and methods as Portcullis does', async () => {
      const headers = [
        ...['Range: bytes=0-9', 'Range: bytes=-5', 'Range: bytes=990-', 'Range: bytes=1-2,5-6'],
        ...['Range: bytes=0-0,2-2,900-2000', 'Range: lines=1-2', 'Range: bytes=5-1'],
        ...[`If-None-Match: ${etag}`, 'If-None-Match: "x"', 'If-Match: "x"', `If-Match: ${etag}`],
        ...[`If-Modified-Since: ${at}`, `If-Unmodified-Since: ${at}`, 'If-Modified-Since: never'],
        ...['If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT', 'If-None-Match: *'],
      ].map((header) => [header]);
      const resumed = [
        ['Range: bytes=5-', `If-Range: ${etag}`],
        ['Range: bytes=5-', 'If-Range: "other"'],
        ['Range: bytes=5-', `If-Range: ${at}`],
      ];
      for (const each of [...headers, ...resumed, []]) {
        for (const method of ['GET', 'HEAD']) {
          await assertSame({ method, path: `${base}/a.rpm`, headers: each });
        }
      }
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
        await assertSame({ method, path: `${base}/a.rpm` });
      }
      const beyond = await edge.ask({
        client,
        path: `${base}/a.rpm`,
        headers: ['Range: bytes=5000-'],
      });
      assert.equal(beyond.status, 416);
      assert.match(beyond.headers, /^Content-Range: bytes \*\/1000\r?$/im);
      assert.equal(beyond.headers.match(/cache-control/gi)?.length, 1);
    });

    it('T20 T21 T22 T23 T24 T27 T33 the front leads nobody out of a root, in any spelling', async () => {
      const targets = readFileSync(
        path.join(repositoryRoot, 'test/fixtures/traversal.txt'),
        'latin1',
      )
        .split('\n')
        .filter((line) => line.startsWith('/'));
      const own = [
        '/../outside.rpm',
        '/b/../../outside.rpm',
        '/b/%2e%2e/%2e%2e/outside.rpm',
        '/b//c.xml',
      ];
      for (const each of [
        ...targets,
        ...own,
        '/./a.rpm',
        '/b/./c.xml',
        '/%2e/a.rpm',
        '/b%2Fc.xml',
      ]) {
        await assertSame({ path: base + each });
      }
      for (const each of ['2/a.rpm', '../acme/el9/a.rpm', '%2Fa.rpm', '/inner/../a.rpm']) {
        await assertSame({ path: base + each });
      }
      const outside = [
        '/portcullis-internal/acme/el9/!/a.rpm',
        '/portcullis-internal/!/distribution',
      ];
      for (const each of [
        ...outside,
        `/portcullis-internal/!/path${base}/a.rpm`,
        `/${base}/a.rpm`,
      ]) {
        assert.equal((await assertSame({ path: each })).status, 404, each);
      }
    });

    it('the front serves by itself what it may, and each request has one line', async () => {
      const last = await edge.ask({ client, path: `${base}/last` });
      const requestId = /Request id: (\S+)/.exec(last.body)?.[1];
      const isLast = (line: LogLine): boolean => line.requestId === requestId;
      await until('what was before is logged', () => edge.passed().some(isLast));
      const before = { served: (await edge.served()).length, passed: edge.passed().length };
      const byFront = ['/a.rpm', '/b/c.xml', '/b/a%2Bb~1,2=3@x:y.rpm', '/empty.iso'];
      const byPortcullis = ['/.treeinfo', '/inside.rpm', '/names/Release', '/missing', '/a.rpm?x'];
      for (const each of [...byFront, ...byPortcullis]) {
        await edge.ask({ client, path: base + each });
      }
      const served = (await edge.served()).slice(before.served);
      assert.deepEqual(
        served.map((line) => line.path),
        byFront.map((each) => base + each.replace('%2B', '+')),
      );
      const passed = () => edge.passed().slice(before.passed);
      await until('all are logged', () => passed().length >= byPortcullis.length);
      const paths = byPortcullis.map((each) => base + each.replace('?x', ''));
      assert.deepEqual(
        passed().map((line) => line.path),
        paths,
      );
      assert.deepEqual(Object.keys(served[0] ?? {}), [
        ...['time', 'level', 'message', 'requestId', 'method', 'path', 'distribution', 'rule'],
        ...['principal', 'subject', 'certificate', 'address', 'outcome', 'status', 'delivery'],
        ...['bytes', 'milliseconds'],
      ]);
      assert.match(String(served[0]?.principal), /^certificate:[0-9a-f]{64}$/);
      assert.equal(served[0]?.bytes, 1000);
    });
  });
}
