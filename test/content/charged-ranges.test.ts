import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { HandOff } from '../../src/config/configuration.ts';
import { formatHttpDate } from '../../src/http/http-date.ts';
import type { Distribution } from '../../src/model.ts';
import {
  type ContentListener,
  contentPrefix,
  contentSettings,
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

/** A whole minute, as tools that build reproducibly like to set it. */
const modified = 1_700_000_040;
const size = 100_000;

/** The second before the next whole minute, and one more: a leap second, which there was none. */
const leapSecond = formatHttpDate(modified - 1).replace(/:59 GMT$/, ':60 GMT');

/** Single bytes, each before the one that was asked for last: Apache takes 20 of them. */
function backwards(count: number): string {
  const places = Array.from({ length: count }, (_, index) => 2 * (count - index));
  return `bytes=${places.map((place) => `${place}-${place}`).join(',')}`;
}

const requests: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['a range', { Range: 'bytes=0-0' }],
  ['an empty If-Range', { Range: 'bytes=0-0', 'If-Range': '' }],
  ['a leap second in If-Range', { Range: 'bytes=0-0', 'If-Range': leapSecond }],
  ['the date in If-Range', { Range: 'bytes=0-0', 'If-Range': formatHttpDate(modified) }],
  ['another tag in If-Range', { Range: 'bytes=0-0', 'If-Range': '"x"' }],
  ['ranges from the last to the first', { Range: backwards(30) }],
  ['ranges that overlap', { Range: 'bytes=0-1,1-2,2-3' }],
];

interface Front {
  readonly name: string;
  readonly handOff: HandOff;
  readonly protocol: ContentListener['protocol'];
  /** As the front has it. */
  readonly rangesMax: number;
  readonly needs: readonly ToolName[];
  readonly start: (upstream: ContentListener, distribution: Distribution) => Promise<RunningFront>;
}

const fronts: readonly Front[] = [
  ...(['http', 'uwsgi'] as const).map(
    (protocol): Front => ({
      name: `nginx over ${protocol}`,
      handOff: 'x-accel-redirect',
      protocol,
      rangesMax: contentSettings.rangesMax,
      needs: ['nginx'],
      start: (upstream, distribution) => startNginxFront(upstream, [distribution]),
    }),
  ),
  {
    name: 'Apache',
    handOff: 'x-sendfile',
    protocol: 'http',
    rangesMax: 200,
    needs: ['apache2', 'mod_xsendfile'],
    start: ({ port }, { root }) => startApacheFront(port, root),
  },
  {
    name: 'lighttpd',
    handOff: 'x-sendfile-encoded',
    protocol: 'http',
    rangesMax: 200,
    needs: ['lighttpd'],
    start: ({ port }, { root }) => startLighttpdFront(port, root),
  },
];

for (const front of fronts) {
  describe(`ranges that are charged through ${front.name}`, { skip: needs(...front.needs) }, () => {
    const resources = new AsyncDisposableStack();
    const directory = resources.use(temporaryDirectory());
    const settled: number[] = [];
    let running: RunningFront;

    before(async () => {
      const root = directory.file('root');
      mkdirSync(root);
      writeFileSync(`${root}/demo.rpm`, Buffer.alloc(size, 0));
      utimesSync(`${root}/demo.rpm`, modified, modified);
      const distribution = { relativeUrl: 'acme/el9', root, listing: false };
      const behind = resources.use(
        await startContentListener({
          distributions: [distribution],
          ...{ handOff: front.handOff, protocol: front.protocol },
          settings: { rangesMax: front.rangesMax },
          settle: async (bytes) => {
            settled.push(bytes);
            return undefined;
          },
        }),
      );
      running = resources.use(await front.start(behind, distribution));
    });
    after(() => resources.disposeAsync());

    for (const [name, headers] of requests) {
      it(`T64 no more of the file is sent than was charged: ${name}`, async () => {
        settled.length = 0;
        const { body } = await fetchRaw(running.port, `${contentPrefix}acme/el9/demo.rpm`, {
          headers,
        });
        const [charged = 0] = settled;
        const sent = body.filter((byte) => byte === 0).length;
        assert.equal(settled.length, 1);
        assert.ok(sent <= charged, `${sent} bytes were sent, and ${charged} charged`);
      });
    }
  });
}
