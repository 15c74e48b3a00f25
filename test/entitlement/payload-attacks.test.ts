import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { entitlementLimits } from '../../src/entitlement/limits.ts';
import { fastestMs } from '../support/timing.ts';
import {
  bytesOf,
  edgeBits,
  encodeGraph,
  encodeNodeCount,
  encodePaths,
  encodeWords,
  type PayloadGraph,
} from './encode-payload.ts';
import { decoded, described, goodGraph, grants, joined, refused } from './payload-fixture.ts';

describe('decodePayload, given hostile bytes,', () => {
  it('T40 stops to inflate at a mebibyte', () => {
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

  it('T40 takes 16,384 words, and not one more', () => {
    const { wordsMax } = entitlementLimits;
    const words = (count: number) => encodeWords(Array.from({ length: count }, (_, n) => `${n}`));
    refused(words(wordsMax), /^its payload is cut off$/);
    refused(words(wordsMax + 1), /more than 16384 words/);
    const limits = { ...entitlementLimits, wordsMax: goodGraph.words.length };
    decoded(encodeGraph(goodGraph), limits);
    refused(encodeGraph(goodGraph), /words/, { ...limits, wordsMax: limits.wordsMax - 1 });
  });

  it('T41 takes 65,536 nodes and no more, and makes room for none before', () => {
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

  it('T41 takes one spelling of a node count', () => {
    const count = goodGraph.nodes.length;
    for (const bytes of [[128], [129, count], [130, 0, count], [129, 0], [255, 0]]) {
      refused(joined({ count: Buffer.from(bytes) }), /roundabout|cut off/);
    }
  });

  it('T42 refuses a root without paths', () => {
    for (const nodes of [
      [[], [], []],
      [[], [['a', 2]], []],
    ] as const) {
      refused(encodeGraph({ words: ['a'], nodes }), /its payload has no path/);
    }
  });

  it('T43 refuses every beginning of a good payload, and any byte behind it', () => {
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

  it('T43 refuses a padding that is not of zeros', () => {
    const bits = edgeBits(goodGraph);
    const padding = (8 - (bits.length % 8)) % 8;
    assert.notEqual(padding, 0);
    for (let at = 0; at < padding; at += 1) {
      const padded = `${bits}${'0'.repeat(at)}1`;
      refused(joined({ edges: bytesOf(padded) }), /holds more than it may/);
    }
  });

  it('T44 refuses circles of every length, also where no path leads to them', () => {
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

  it('T44 takes paths of 64 segments, and not one more', () => {
    const { depthMax } = entitlementLimits;
    const long = (length: number) => encodePaths(['/short', `/${'a/'.repeat(length - 1)}a`]);
    assert.equal(grants(decoded(long(depthMax)), `/${'a/'.repeat(depthMax)}`), true);
    refused(long(depthMax + 1), /a path of its payload has more than 64 segments/);
  });

  it('T44 walks a chain of all the nodes that there may be', () => {
    // Each node leads to the next: node codes are long, and the depth is far over its limit.
    const count = 2000;
    const nodes = Array.from({ length: count }, (_, node) =>
      node === count - 1 ? [] : [['a', node + 1] as const],
    );
    refused(encodeGraph({ words: ['a'], nodes }), /more than 64 segments/);
  });

  it('T45 ends with codes of a single symbol, which would have no bits', () => {
    refused(joined({ words: encodeWords([]) }), /has no words/);
    for (const count of [0, 1, 2]) {
      for (const edges of [Buffer.alloc(0), Buffer.alloc(8), Buffer.alloc(8, 0xff)]) {
        const payload = { words: encodeWords(['a']), count: Buffer.of(count), edges };
        refused(joined(payload), /fewer than 3 nodes/);
      }
    }
    assert.equal(grants(decoded(encodePaths(['/one'])), '/one'), true);
  });

  it('T46 refuses words that are none', () => {
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

  it('T40 refuses what is not compressed, or with what it does not know', () => {
    const damaged = Buffer.from(encodeGraph(goodGraph));
    damaged.writeUInt8(damaged.readUInt8(6) ^ 1, 6);
    const dictionary = deflateSync('content\0', { dictionary: Buffer.from('content') });
    for (const payload of [damaged, randomBytes(50), dictionary, Buffer.alloc(0)]) {
      refused(payload, /damaged or cut off/);
    }
  });
});
