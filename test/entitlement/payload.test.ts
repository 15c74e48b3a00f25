import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { type EntitlementLimits, entitlementLimits } from '../../src/entitlement/limits.ts';
import type { PathGraph } from '../../src/entitlement/path-graph.ts';
import { decodePayload } from '../../src/entitlement/payload.ts';
import { fastestMs } from '../support/timing.ts';
import {
  bytesOf,
  edgeBits,
  encodeGraph,
  encodeNodeCount,
  encodePaths,
  encodeWords,
  graphOf,
  type PayloadGraph,
} from './encode-payload.ts';

/** The payloads of the description, and what they grant. */
const described: readonly (readonly [paths: readonly string[], payload: string])[] = [
  [
    ['/content/dist/rhel/server/7/$releasever/$basearch/os'],
    '78da15c9510a00101004d0398c3b38cf628a1235bb393f3e5f2f15739a6a4712271f0e858cba577005daf0c076a873c2a9bf17d91811ba095e1fcdc78552f8b04400',
  ],
  [
    [
      '/repos/prot/fedora-14/x86_64',
      '/repos/prot/fedora-13/x86_64',
      '/repos/other/$releasever/$basearch/os',
    ],
    '78da53494a2c4e4d2c4ace6050294acd490572ca528b18d25253f28b12750d8de12c1386fc6286fc920ca06441517e0943516a0150a0c2c22cdecc8401002d99165609be159f1a7719323f0e0f40',
  ],
  [['/single'], '78da2bcecc4bcf496500000b7202830338'],
  [['/a/b'], '78da4b6448620000024c00c4038e00'],
  [['/a/b', '/a/c'], '78da4b64486248660000049a012703c7d0'],
  [['/a', '/b/c'], '78da4b64486248660000049a012703de50'],
  [['/x/$y/z', '/x/w'], '78da53a9642867a860a86200000ab30207042d6dcf'],
  [['/a/b', '/a/b/c'], '78da4b64486648620000049c012704d25b80'],
];

const good = ['/content/dist/rhel/$releasever/$basearch/os', '/content/dist/rhel/x', '/beta/$a/os'];
const goodGraph = graphOf(good);

function decoded(payload: Uint8Array, limits?: EntitlementLimits): PathGraph {
  const graph = decodePayload(payload, limits);
  assert.ok(!('unusable' in graph), JSON.stringify(graph));
  return graph;
}

function refused(payload: Uint8Array, expected: RegExp, limits?: EntitlementLimits): void {
  const graph = decodePayload(payload, limits);
  assert.ok('unusable' in graph, 'it was decoded');
  assert.match(graph.unusable, expected);
}

const grants = (graph: PathGraph, asked: string): boolean => graph.find(asked).granted;

/** A payload of parts that do not fit each other. */
function joined({
  words = encodeWords(goodGraph.words),
  count = encodeNodeCount(goodGraph.nodes.length),
  edges = bytesOf(edgeBits(goodGraph)),
}): Buffer {
  return Buffer.concat([words, count, edges]);
}

describe('decodePayload', () => {
  for (const [paths, payload] of described) {
    it(`decodePayload() reads ${paths.join(' and ')}`, () => {
      const graph = decoded(Buffer.from(payload, 'hex'));
      for (const granted of paths) {
        assert.equal(grants(graph, granted), true);
        assert.equal(grants(graph, `${granted}/below/it`), true);
        assert.equal(grants(graph, `/before${granted}`), false);
      }
      const [shortest = ''] = paths;
      assert.equal(grants(graph, `${shortest}x`), false);
    });
  }

  it('decodePayload() allows and denies what the description of the format lists', () => {
    const graph = decoded(Buffer.from(described[6]?.[1] ?? '', 'hex'));
    for (const asked of [
      ...['/x/w', '/x/w/', '/x/w/q', '/x/1/z', '/x/1/z/q'],
      ...['/x/listing', '/listing', '/x/1/listing', '/x/w/listing'],
    ]) {
      assert.equal(grants(graph, asked), true, asked);
    }
    for (const asked of ['/', '/x', '/x/1', '/x/zz/zz', '/x/w2', '/y', 'x/w', '']) {
      assert.equal(grants(graph, asked), false, asked);
    }
  });

  it('decodePayload() reads the worked examples, whose node counts take one byte', () => {
    const fixtures = path.join(import.meta.dirname, '../fixtures/entitlement');
    for (const name of ['worked-single.txt', 'worked-two-paths.txt']) {
      const text = readFileSync(path.join(fixtures, name), 'utf8');
      const graph = decoded(Buffer.from(/bytes ([0-9a-f]+)$/m.exec(text)?.[1] ?? '', 'hex'));
      for (const [, granted = ''] of text.matchAll(/'(\/[^']+)'/g)) {
        assert.equal(grants(graph, granted), true, granted);
      }
    }
  });

  it('decodePayload() reads node counts of one, two and three bytes', () => {
    for (const count of [6, 127, 128, 150, 255, 256, 273]) {
      const paths = Array.from({ length: count - 1 }, (_, index) => `/n${index}`);
      assert.equal(encodePaths(paths).includes(encodeNodeCount(count)), true);
      assert.equal(grants(decoded(encodePaths(paths)), `/n${count - 2}/x`), true);
    }
  });

  it('decodePayload() lets equal ends of paths be shared, and a word stand twice under a node', () => {
    const graph: PayloadGraph = {
      words: ['a', 'b', 'os'],
      nodes: [
        [
          ['a', 1],
          ['b', 1],
          ['a', 2],
        ],
        [['os', 3]],
        [['b', 1]],
        [],
      ],
    };
    const decodedGraph = decoded(encodeGraph(graph));
    for (const granted of ['/a/os', '/b/os', '/a/b/os/x']) {
      assert.equal(grants(decodedGraph, granted), true, granted);
    }
    for (const not of ['/a', '/b/b', '/a/b', '/b/b/os']) {
      assert.equal(grants(decodedGraph, not), false, not);
    }
  });

  it('T40 decodePayload() stops to inflate at a mebibyte', () => {
    const { inflatedBytesMax } = entitlementLimits;
    const ofBytes = (count: number) => deflateSync(Buffer.alloc(count, 'x'));
    refused(ofBytes(inflatedBytesMax), /the last word of its payload has no end/);
    refused(ofBytes(inflatedBytesMax + 1), /are over 1048576 bytes long/);
    const bomb = ofBytes(60_000_000);
    assert.ok(bomb.length < 64 * 1024);
    const milliseconds = fastestMs(() => refused(bomb, /are over 1048576 bytes long/));
    assert.ok(milliseconds < 20, `${milliseconds} ms`);
    const limits = { ...entitlementLimits, inflatedBytesMax: goodGraph.words.join('0').length + 1 };
    decoded(encodeGraph(goodGraph), limits);
    const tighter = { ...limits, inflatedBytesMax: limits.inflatedBytesMax - 1 };
    refused(encodeGraph(goodGraph), /bytes long/, tighter);
  });

  it('T40 decodePayload() takes 16,384 words, and not one more', () => {
    const { wordsMax } = entitlementLimits;
    const words = (count: number) => encodeWords(Array.from({ length: count }, (_, n) => `${n}`));
    refused(words(wordsMax), /^its payload is cut off$/);
    refused(words(wordsMax + 1), /more than 16384 words/);
    const limits = { ...entitlementLimits, wordsMax: goodGraph.words.length };
    decoded(encodeGraph(goodGraph), limits);
    refused(encodeGraph(goodGraph), /words/, { ...limits, wordsMax: limits.wordsMax - 1 });
  });

  it('T41 decodePayload() takes 65,536 nodes and no more, and makes room for none before', () => {
    const { nodesMax } = entitlementLimits;
    refused(joined({ count: encodeNodeCount(nodesMax) }), /^its payload is cut off$/);
    refused(joined({ count: encodeNodeCount(nodesMax + 1) }), /more than 65536 nodes/);
    const ends = Buffer.alloc(nodesMax);
    refused(joined({ count: encodeNodeCount(nodesMax), edges: ends }), /its payload/);
    const enormous = Buffer.concat([Buffer.of(128 + 125), Buffer.alloc(125, 0xff)]);
    refused(joined({ count: enormous }), /more than 65536 nodes/);
    const longest = Buffer.concat([Buffer.of(0xff), Buffer.alloc(127, 0xff)]);
    refused(joined({ count: longest }), /more than 65536 nodes/);
    const limits = { ...entitlementLimits, nodesMax: goodGraph.nodes.length };
    decoded(encodeGraph(goodGraph), limits);
    refused(encodeGraph(goodGraph), /nodes/, { ...limits, nodesMax: limits.nodesMax - 1 });
  });

  it('T41 decodePayload() takes one spelling of a node count', () => {
    const count = goodGraph.nodes.length;
    for (const bytes of [[128], [129, count], [130, 0, count], [129, 0], [255, 0]]) {
      refused(joined({ count: Buffer.from(bytes) }), /roundabout|cut off/);
    }
  });

  it('T42 decodePayload() refuses a root without paths', () => {
    for (const nodes of [
      [[], [], []],
      [[], [['a', 2]], []],
    ] as const) {
      refused(encodeGraph({ words: ['a'], nodes }), /its payload has no path/);
    }
  });

  it('T43 decodePayload() refuses every beginning of a good payload, and any byte behind it', () => {
    const payloads = [
      encodeGraph(goodGraph),
      ...described.map(([, hex]) => Buffer.from(hex, 'hex')),
    ];
    for (const payload of payloads) {
      for (let length = 0; length < payload.length; length += 1) {
        refused(payload.subarray(0, length), /./);
      }
      for (const junk of ['00', 'ff', '0000', '78da']) {
        refused(Buffer.concat([payload, Buffer.from(junk, 'hex')]), /holds more than it may/);
      }
    }
  });

  it('T43 decodePayload() refuses a padding that is not of zeros', () => {
    const bits = edgeBits(goodGraph);
    const padding = (8 - (bits.length % 8)) % 8;
    assert.notEqual(padding, 0);
    for (let at = 0; at < padding; at += 1) {
      const padded = `${bits}${'0'.repeat(at)}1`;
      refused(joined({ edges: bytesOf(padded) }), /holds more than it may/);
    }
  });

  it('T44 decodePayload() refuses circles of every length, also where no path leads to them', () => {
    for (const nodes of [
      [[['a', 1]], [['a', 1]], []],
      [[['a', 1]], [['b', 2]], [['a', 1]]],
      [[['a', 3]], [['b', 2]], [['a', 1]], []],
      [
        [
          ['a', 1],
          ['b', 3],
        ],
        [['b', 2]],
        [
          ['a', 3],
          ['b', 1],
        ],
        [],
      ],
    ] as PayloadGraph['nodes'][]) {
      refused(encodeGraph({ words: ['a', 'b'], nodes }), /leads back to itself/);
    }
  });

  it('T44 decodePayload() takes paths of 64 segments, and not one more', () => {
    const { depthMax } = entitlementLimits;
    const long = (length: number) => encodePaths(['/short', `/${'a/'.repeat(length - 1)}a`]);
    assert.equal(grants(decoded(long(depthMax)), `/${'a/'.repeat(depthMax)}`), true);
    refused(long(depthMax + 1), /a path of its payload has more than 64 segments/);
  });

  it('T44 decodePayload() walks a chain of all the nodes that there may be', () => {
    // Each node leads to the next: node codes are long, and the depth is far over its limit.
    const count = 2000;
    const nodes = Array.from({ length: count }, (_, node) =>
      node === count - 1 ? [] : [['a', node + 1] as const],
    );
    refused(encodeGraph({ words: ['a'], nodes }), /more than 64 segments/);
  });

  it('T45 decodePayload() ends with codes of a single symbol, which would have no bits', () => {
    refused(joined({ words: encodeWords([]) }), /has no words/);
    for (const count of [0, 1, 2]) {
      for (const edges of [Buffer.alloc(0), Buffer.alloc(8), Buffer.alloc(8, 0xff)]) {
        const payload = { words: encodeWords(['a']), count: Buffer.of(count), edges };
        refused(joined(payload), /fewer than 3 nodes/);
      }
    }
    assert.equal(grants(decoded(encodePaths(['/one'])), '/one'), true);
  });

  it('T46 decodePayload() refuses words that are none', () => {
    for (const [words, expected] of [
      [['a', 'a'], /lists a word twice/],
      [['', 'a'], /is empty/],
      [['a', '', 'b'], /is empty/],
      [['a', ''], /is empty/],
      [['..', 'a'], /a step between directories/],
      [['.', 'a'], /a step between directories/],
      [['a/b'], /has a slash/],
      [['/'], /has a slash/],
      [['a\nb'], /has a control character/],
      [['a\u0085b'], /has a control character/],
      [['$'], /makes no variable/],
      [['a$basearch'], /makes no variable/],
      [['$basearch-x'], /makes no variable/],
      [['$a$b'], /makes no variable/],
      [['${a'], /makes no variable/],
    ] as const) {
      refused(joined({ words: encodeWords(words) }), expected);
    }
    refused(joined({ words: deflateSync(Buffer.of(0x61, 0xff, 0)) }), /not UTF-8/);
    refused(joined({ words: deflateSync(Buffer.of(0xc0, 0xaf, 0)) }), /not UTF-8/);
    refused(joined({ words: deflateSync('a\0b') }), /the last word of its payload has no end/);
    const braced = '${'.concat('basearch}');
    for (const word of ['$basearch', braced, 'ä', 'a b', 'listing', '%2F', 'a\\b']) {
      const graph = decoded(encodePaths([`/x/${word}`]));
      assert.equal(grants(graph, `/x/${word}`), true, word);
    }
  });

  it('T40 decodePayload() refuses what is not compressed, or with what it does not know', () => {
    const damaged = Buffer.from(encodeGraph(goodGraph));
    damaged.writeUInt8(damaged.readUInt8(6) ^ 1, 6);
    const dictionary = deflateSync('content\0', { dictionary: Buffer.from('content') });
    for (const payload of [damaged, randomBytes(50), dictionary, Buffer.alloc(0)]) {
      refused(payload, /damaged or cut off/);
    }
  });
});
