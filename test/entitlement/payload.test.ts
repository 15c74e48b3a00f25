import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { encodeGraph, encodeNodeCount, encodePaths, type PayloadGraph } from './encode-payload.ts';
import { decoded, described, grants } from './payload-fixture.ts';

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
});
