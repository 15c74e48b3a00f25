import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { formatHttpDate } from '../../src/http/http-date.ts';
import {
  type ContentListener,
  contentPrefix,
  type FetchOptions,
  fetchRaw,
  startContentListener,
} from '../support/content.ts';
import { contentFront } from '../support/content-fronts.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { freePort } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const modified = 1_700_000_000;
const size = 100_000;
const etag = `"${modified.toString(16)}-${size.toString(16)}"`;
const at = formatHttpDate(modified);
const before1 = formatHttpDate(modified - 1);
const after1 = formatHttpDate(modified + 1);

const files: Readonly<Record<string, Buffer>> = {
  'demo.rpm': Buffer.from(Array.from({ length: size }, (_, index) => (index * 31) & 0xff)),
  'primary.xml.gz': Buffer.from('1f8b0800', 'hex'),
  'index.html': Buffer.from('<p>page'),
  InRelease: Buffer.from('Origin: Acme\n'),
  empty: Buffer.alloc(0),
};

/** Everything that tells a client what it got. */
const comparedHeaders = [
  'accept-ranges',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'location',
  'x-content-type-options',
] as const;

type Row = readonly [name: string, path: string, options: FetchOptions, status: number];

function range(value: string, more: Readonly<Record<string, string>> = {}): FetchOptions {
  return { headers: { Range: value, ...more } };
}

function condition(headers: Readonly<Record<string, string>>): FetchOptions {
  return { headers };
}

const manyRanges = (count: number) =>
  `bytes=${Array.from({ length: count }, (_, index) => `${index * 3}-${index * 3}`).join(',')}`;

const rows: readonly Row[] = [
  ...Object.keys(files).map((name): Row => [`the whole of ${name}`, name, {}, 200]),
  ['HEAD', 'demo.rpm', { method: 'HEAD' }, 200],
  ['HEAD of an empty file', 'empty', { method: 'HEAD' }, 200],
  ['HEAD with a range', 'demo.rpm', { method: 'HEAD', ...range('bytes=0-9') }, 200],
  [
    'HEAD with If-None-Match',
    'demo.rpm',
    { method: 'HEAD', ...condition({ 'If-None-Match': etag }) },
    304,
  ],
  ['nothing there', 'missing', {}, 404],
  ['one range', 'demo.rpm', range('bytes=10-19'), 206],
  ['an open range', 'demo.rpm', range('bytes=99990-'), 206],
  ['a suffix range', 'demo.rpm', range('bytes=-10'), 206],
  ['a suffix longer than the file', 'demo.rpm', range('bytes=-200000'), 206],
  ['a range past the end', 'demo.rpm', range('bytes=99990-200000'), 206],
  ['a range behind the end', 'demo.rpm', range('bytes=100000-'), 416],
  ['an empty suffix', 'demo.rpm', range('bytes=-0'), 416],
  ['several ranges', 'demo.rpm', range('bytes=0-9,50-59,99990-'), 206],
  ['ranges out of order', 'demo.rpm', range('bytes=50-59, 0-9'), 206],
  ['overlapping ranges', 'demo.rpm', range('bytes=0-99,50-149'), 206],
  ['ranges of text', 'InRelease', range('bytes=0-1,3-4'), 206],
  ['the ranges of zckdl', 'demo.rpm', range('bytes=873-2033,27563-31117,56318-60176'), 206],
  ['ranges with one behind the end', 'demo.rpm', range('bytes=0-0,200000-'), 206],
  ['ranges longer than the file', 'demo.rpm', range('bytes=0-,0-'), 200],
  ['as many ranges as are allowed', 'demo.rpm', range(manyRanges(20)), 206],
  ['one range more', 'demo.rpm', range(manyRanges(21)), 200],
  ['a malformed range', 'demo.rpm', range('bytes=abc'), 416],
  ['a range that ends before it begins', 'demo.rpm', range('bytes=5-2'), 416],
  ['a position over 63 bits', 'demo.rpm', range('bytes=0-9223372036854775808'), 416],
  ['another unit', 'demo.rpm', range('lines=0-9'), 200],
  ['a range without a set', 'demo.rpm', range('bytes='), 200],
  ['a range of an empty file', 'empty', range('bytes=0-'), 200],
  ['a suffix range of an empty file', 'empty', range('bytes=-1'), 200],
  ['a later range of an empty file', 'empty', range('bytes=1-'), 416],
  ['If-Range with the tag', 'demo.rpm', range('bytes=0-9', { 'If-Range': etag }), 206],
  ['If-Range with the date, as apt', 'demo.rpm', range('bytes=0-9', { 'If-Range': at }), 206],
  ['If-Range with another tag', 'demo.rpm', range('bytes=0-9', { 'If-Range': '"x"' }), 200],
  ['If-Range with the weak tag', 'demo.rpm', range('bytes=0-9', { 'If-Range': `W/${etag}` }), 200],
  ['If-Range with another date', 'demo.rpm', range('bytes=0-9', { 'If-Range': after1 }), 200],
  ['If-Range without Range', 'demo.rpm', condition({ 'If-Range': '"x"' }), 200],
  ['If-None-Match', 'demo.rpm', condition({ 'If-None-Match': etag }), 304],
  ['If-None-Match, weak', 'demo.rpm', condition({ 'If-None-Match': `W/${etag}` }), 304],
  ['If-None-Match, any', 'demo.rpm', condition({ 'If-None-Match': '*' }), 304],
  ['If-None-Match with others', 'demo.rpm', condition({ 'If-None-Match': '"x", "0"' }), 200],
  [
    'If-None-Match over If-Modified-Since',
    'demo.rpm',
    condition({ 'If-None-Match': etag, 'If-Modified-Since': before1 }),
    304,
  ],
  [
    'If-None-Match fails, date holds',
    'demo.rpm',
    condition({ 'If-None-Match': '"x"', 'If-Modified-Since': at }),
    200,
  ],
  ['If-None-Match with a range', 'demo.rpm', range('bytes=0-9', { 'If-None-Match': etag }), 304],
  ['If-Modified-Since the same', 'demo.rpm', condition({ 'If-Modified-Since': at }), 304],
  ['If-Modified-Since later', 'demo.rpm', condition({ 'If-Modified-Since': after1 }), 304],
  ['If-Modified-Since earlier', 'demo.rpm', condition({ 'If-Modified-Since': before1 }), 200],
  ['If-Modified-Since no date', 'demo.rpm', condition({ 'If-Modified-Since': 'soon' }), 200],
  ['If-Match', 'demo.rpm', condition({ 'If-Match': etag }), 200],
  ['If-Match, any', 'demo.rpm', condition({ 'If-Match': '*' }), 200],
  ['If-Match fails', 'demo.rpm', condition({ 'If-Match': '"x"' }), 412],
  ['If-Match is strong', 'demo.rpm', condition({ 'If-Match': `W/${etag}` }), 412],
  ['If-Match with a range', 'demo.rpm', range('bytes=0-9', { 'If-Match': etag }), 206],
  ['If-Unmodified-Since', 'demo.rpm', condition({ 'If-Unmodified-Since': at }), 200],
  ['If-Unmodified-Since fails', 'demo.rpm', condition({ 'If-Unmodified-Since': before1 }), 412],
  ['If-Unmodified-Since no date', 'demo.rpm', condition({ 'If-Unmodified-Since': 'soon' }), 200],
  [
    'If-Match over If-Unmodified-Since',
    'demo.rpm',
    condition({ 'If-Match': etag, 'If-Unmodified-Since': before1 }),
    200,
  ],
  ['a method override', 'demo.rpm', condition({ 'X-HTTP-Method-Override': 'DELETE' }), 200],
  ['Accept-Encoding', 'primary.xml.gz', condition({ 'Accept-Encoding': 'gzip, br' }), 200],
];

describe('deliver through nginx and by streaming', { skip: needs('nginx') }, () => {
  const resources = new AsyncDisposableStack();
  const directory = resources.use(temporaryDirectory());
  const distribution = { relativeUrl: 'acme/el9', root: directory.path, listing: true };
  let streaming: ContentListener;
  let behindNginx: ContentListener;
  let nginxPort: number;

  before(async () => {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(directory.file(name), content);
      utimesSync(directory.file(name), modified, modified + 0.75);
    }
    streaming = resources.use(await startContentListener({ distributions: [distribution] }));
    behindNginx = resources.use(
      await startContentListener({ distributions: [distribution], handOff: 'x-accel-redirect' }),
    );
    nginxPort = await freePort();
    resources.use(await startNginx(contentFront(nginxPort, behindNginx.port, [distribution])));
  });
  after(() => resources.disposeAsync());

  for (const [name, file, options, status] of rows) {
    it(`answers ${name} the same with ${status}`, async () => {
      const target = `${contentPrefix}${distribution.relativeUrl}/${file}`;
      const streamed = await fetchRaw(streaming.port, target, options);
      const handedOff = await fetchRaw(nginxPort, target, options);
      assert.equal(streamed.status, status);
      assert.deepEqual(comparable(handedOff), comparable(streamed));
    });
  }

  it('hands over what has bytes of the file, and only that', () => {
    const handedOff = behindNginx.deliveries.filter(
      (delivery) => 'outcome' in delivery && delivery.outcome === 'handed-off',
    );
    const withBytes = rows.filter(([, , { method }, status]) => method !== 'HEAD' && status < 300);
    const streamed = withBytes.filter(([name]) =>
      /If-Unmodified-Since no date|over If-Unm/.test(name),
    );
    assert.equal(streamed.length, 2);
    assert.equal(handedOff.length, withBytes.length - streamed.length);
  });

  it('T37 lets no request header choose the hand-off', async () => {
    const headers = {
      'X-Sendfile-Type': 'X-Sendfile',
      'X-Accel-Mapping': `${directory.path}=/elsewhere`,
      'X-Accel-Redirect': '/etc/passwd',
      'X-Sendfile': '/etc/passwd',
    };
    const target = `${contentPrefix}${distribution.relativeUrl}/InRelease`;
    for (const port of [streaming.port, nginxPort, behindNginx.port]) {
      const plain = await fetchRaw(port, target);
      const asked = await fetchRaw(port, target, { headers });
      assert.deepEqual(
        { ...asked, headers: withoutDate(asked.headers) },
        { ...plain, headers: withoutDate(plain.headers) },
      );
    }
  });

  function comparable({ status, headers, body }: Awaited<ReturnType<typeof fetchRaw>>) {
    const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1];
    const neutral = (text: string) => (boundary ? text.replaceAll(boundary, 'BOUNDARY') : text);
    return {
      status,
      headers: Object.fromEntries(
        comparedHeaders.map((header) => [header, neutral(String(headers[header] ?? ''))]),
      ),
      body: neutral(body.toString('latin1')),
    };
  }

  function withoutDate({ date: _, ...headers }: Readonly<Record<string, unknown>>) {
    return headers;
  }
});
