import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { HandOff } from '../../src/config/configuration.ts';
import { formatHttpDate } from '../../src/http/http-date.ts';
import type { Distribution } from '../../src/model.ts';
import {
  type ContentListener,
  contentPrefix,
  type Fetched,
  type FetchOptions,
  fetchRaw,
  startContentListener,
} from '../support/content.ts';
import {
  type RunningFront,
  startApacheFront,
  startLighttpdFront,
  startNginxFront,
} from '../support/content-fronts.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { ToolName } from '../support/tools.ts';

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
];

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
  ['a link inside the root', 'link.rpm', range('bytes=0-9'), 206],
  ['a file behind such a link', 'link/inner', {}, 200],
  ['a link that leaves the root', 'escape', {}, 404],
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

interface Front {
  readonly name: string;
  readonly handOff: HandOff;
  readonly protocol: ContentListener['protocol'];
  readonly needs: readonly ToolName[];
  readonly start: (upstream: ContentListener, distribution: Distribution) => Promise<RunningFront>;
  /** Rows that this front answers otherwise, also by the letter of RFC 9110. */
  readonly otherwise: RegExp;
  /** Headers that this front adds by itself. */
  readonly own: readonly string[];
}

const fronts: readonly Front[] = [
  ...(['http', 'uwsgi'] as const).map(
    (protocol): Front => ({
      name: `nginx over ${protocol}`,
      handOff: 'x-accel-redirect',
      protocol,
      needs: ['nginx'],
      start: (upstream, distribution) => startNginxFront(upstream, [distribution]),
      otherwise: /^never$/,
      own: [],
    }),
  ),
  {
    name: 'Apache',
    handOff: 'x-sendfile',
    protocol: 'http',
    needs: ['apache2', 'mod_xsendfile'],
    start: ({ port }, { root }) => startApacheFront(port, root),
    // It merges ranges, has a limit of its own (MaxRanges), and leaves out a Content-Length of 0.
    otherwise: /ranges|one range more|HEAD of an empty file/,
    own: ['accept-ranges'],
  },
  {
    name: 'lighttpd',
    handOff: 'x-sendfile-encoded',
    protocol: 'http',
    needs: ['lighttpd'],
    start: ({ port }, { root }) => startLighttpdFront(port, root),
    // It sorts ranges, sends near ones as one, and answers `bytes=` with 416.
    otherwise: /ranges|one range more|range without a set/,
    own: ['accept-ranges'],
  },
];

for (const front of fronts) {
  describe(`deliver through ${front.name}`, { skip: needs(...front.needs) }, () => {
    const resources = new AsyncDisposableStack();
    const directory = resources.use(temporaryDirectory());
    const distribution = {
      relativeUrl: 'acme/el9',
      root: directory.file('current'),
      listing: true,
    };
    const compared = comparedHeaders.filter((header) => !front.own.includes(header));
    const sameRows = rows.filter(([name]) => !front.otherwise.test(name));
    let streaming: ContentListener;
    let behind: ContentListener;
    let running: RunningFront;

    before(async () => {
      layOut(directory.file);
      const distributions = [distribution];
      streaming = resources.use(await startContentListener({ distributions }));
      behind = resources.use(
        await startContentListener({
          distributions,
          handOff: front.handOff,
          protocol: front.protocol,
        }),
      );
      running = resources.use(await front.start(behind, distribution));
    });
    after(() => resources.disposeAsync());

    for (const [name, file, options, status] of sameRows) {
      it(`answers ${name} with ${status}, as streaming does`, async () => {
        const target = `${contentPrefix}${distribution.relativeUrl}/${file}`;
        const streamed = await fetchRaw(streaming.port, target, options);
        const handedOff = await fetchRaw(running.port, target, options);
        assert.equal(streamed.status, status);
        assert.deepEqual(comparable(handedOff, compared), comparable(streamed, compared));
      });
    }

    it('is given what has bytes of the file, and only that', () => {
      const given = behind.deliveries.filter(
        (delivery) => 'outcome' in delivery && delivery.outcome === 'handed-off',
      );
      const withBytes = sameRows.filter(
        ([, , { method }, status]) => method !== 'HEAD' && status < 300,
      );
      const streamed = withBytes.filter(([name]) => streamedAnyway.test(name));
      assert.equal(streamed.length, 2);
      assert.equal(given.length, withBytes.length - streamed.length);
    });

    it('T37 T38 lets no request header choose the hand-off, and shows none to the client', async () => {
      const target = `${contentPrefix}${distribution.relativeUrl}/InRelease`;
      const headers = {
        'X-Sendfile-Type': 'X-Sendfile',
        'X-Accel-Mapping': `${directory.path}=/elsewhere`,
        'X-Accel-Redirect': '/etc/passwd',
        'X-Sendfile': '/etc/passwd',
      };
      for (const { port } of [running, streaming]) {
        const { date: _, ...plain } = (await fetchRaw(port, target)).headers;
        const { date: __, ...asked } = (await fetchRaw(port, target, { headers })).headers;
        assert.deepEqual({ ...asked, 'keep-alive': '' }, { ...plain, 'keep-alive': '' });
      }
      const shown = await fetchRaw(running.port, target);
      assert.deepEqual(shown.body, files.InRelease);
      assert.equal(shown.headers['x-accel-redirect'] ?? shown.headers['x-sendfile'], undefined);
    });
  });
}

/** Where a front's own reading of If-Unmodified-Since would be another than that of RFC 9110. */
const streamedAnyway = /^If-Unmodified-Since no date$|^If-Match over If-Unmodified-Since$/;

/** The root is a link itself, as one that is switched from publication to publication. */
function layOut(file: (name: string) => string): void {
  mkdirSync(file('first/sub'), { recursive: true });
  symlinkSync('first', file('current'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(file(`first/${name}`), content);
    utimesSync(file(`first/${name}`), modified, modified + 0.75);
  }
  writeFileSync(file('first/sub/inner'), 'inner');
  writeFileSync(file('outside'), 'outside');
  symlinkSync('demo.rpm', file('first/link.rpm'));
  symlinkSync('sub', file('first/link'));
  symlinkSync('../outside', file('first/escape'));
}

function comparable({ status, headers, body }: Fetched, compared: readonly string[]) {
  const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1];
  const neutral = (text: string) => (boundary ? text.replaceAll(boundary, 'BOUNDARY') : text);
  return {
    status,
    headers: Object.fromEntries(
      compared.map((header) => [header, neutral(String(headers[header] ?? ''))]),
    ),
    body: createHash('sha256')
      .update(neutral(body.toString('latin1')))
      .digest('hex'),
  };
}
