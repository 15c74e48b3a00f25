import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entitlementLimits } from '../../src/entitlement/limits.ts';
import { PathGraph } from '../../src/entitlement/path-graph.ts';
import { decodePayload } from '../../src/entitlement/payload.ts';
import { fastestMs } from '../support/timing.ts';
import { encodePaths } from './encode-payload.ts';

function graphOf(...paths: readonly string[]): PathGraph {
  const graph = decodePayload(encodePaths(paths));
  assert.ok(!('unusable' in graph), JSON.stringify(graph));
  return graph;
}

/** `layers` nodes behind each other, each with `width` edges of one variable to the next. */
function layered(layers: number, width: number, comparisonsMax: number): PathGraph {
  const edges = layers * width;
  return new PathGraph(
    ['$x'],
    {
      starts: Uint32Array.from({ length: layers + 2 }, (_, node) => Math.min(node * width, edges)),
      words: new Uint32Array(edges),
      nodes: Uint32Array.from({ length: edges }, (_, edge) => Math.floor(edge / width) + 1),
    },
    comparisonsMax,
  );
}

describe('PathGraph', () => {
  it('find() says which path grants, and how much of the asked one it fills', () => {
    const graph = graphOf('/content/$releasever/os', '/content/9/extras/debug');
    assert.deepEqual(graph.find('/content/9/os/repodata/repomd.xml'), {
      granted: true,
      by: '/content/$releasever/os',
      coveredSegments: 3,
    });
    assert.deepEqual(graph.find('/content/9/extras/debug/'), {
      granted: true,
      by: '/content/9/extras/debug',
      coveredSegments: 4,
    });
  });

  it('find() says which path would have been near', () => {
    const graph = graphOf('/content/$releasever/os', '/content/9/extras/debug', '/beta/x');
    for (const [asked, nearest] of [
      ['/content/8/extras/debug', '/content/$releasever/os'],
      ['/content/9/extras/src', '/content/9/extras/debug'],
      ['/beta/y', '/beta/x'],
      ['/other', '/content/$releasever/os'],
      ['/', '/content/$releasever/os'],
    ] as const) {
      const finding = graph.find(asked);
      assert.ok(!finding.granted);
      assert.equal(finding.reason, `none of its paths leads there; the nearest is ${nearest}`);
    }
    assert.deepEqual(graph.find('content/9/os'), {
      granted: false,
      reason: 'it grants nothing at all',
    });
  });

  it('find() shows no more than 200 characters of a path', () => {
    const finding = graphOf(`/${'x'.repeat(5000)}`).find('/y');
    assert.ok(!finding.granted);
    assert.ok(finding.reason.endsWith(`${'x'.repeat(199)}…`));
  });

  it('T31 find() lets a variable stand for exactly one segment', () => {
    const graph = graphOf('/a/$v/c');
    assert.equal(graph.find('/a/b/c').granted, true);
    assert.equal(graph.find('/a/.*/c').granted, true);
    for (const asked of ['/a/c', '/a//c', '/a/../c', '/a/./c', '/a/b/x/c', '/a/b', '/a/$v', '/a']) {
      assert.equal(graph.find(asked).granted, false, asked);
    }
  });

  it('T30 find() compares bytes: no case, no Unicode form, no pattern is the same', () => {
    const graph = graphOf('/Ä/a.c/x*');
    assert.equal(graph.find('/Ä/a.c/x*').granted, true);
    for (const asked of ['/A\u0308/a.c/x*', '/ä/a.c/x*', '/Ä/abc/x*', '/Ä/a.c/xx', '/Ä/A.C/x*']) {
      assert.equal(graph.find(asked).granted, false, asked);
    }
    assert.equal(graphOf('/constructor').find('/__proto__').granted, false);
  });

  it('find() tries all ways, whichever stands first', () => {
    for (const paths of [
      ['/$a/x/1', '/b/$c/2', '/b/x/3', '/$a/$a/4'],
      ['/b/x/3', '/$a/$a/4', '/b/$c/2', '/$a/x/1'],
    ]) {
      const graph = graphOf(...paths);
      for (const asked of ['/b/x/1', '/b/x/2', '/b/x/3', '/b/x/4', '/q/x/1', '/q/q/4']) {
        assert.equal(graph.find(asked).granted, true, asked);
      }
      for (const asked of ['/q/x/2', '/q/x/3', '/b/q/1', '/b/q/3', '/b/x/5', '/b/x']) {
        assert.equal(graph.find(asked).granted, false, asked);
      }
    }
  });

  it('T32 find() grants files named listing on the way of a path, and nothing below them', () => {
    const graph = graphOf('/content/$releasever/os');
    for (const asked of [
      '/listing',
      '/content/listing',
      '/content/9/listing',
      '/content/9/os/listing',
    ]) {
      assert.equal(graph.find(asked).granted, true, asked);
    }
    assert.deepEqual(graph.find('/content/9/listing'), {
      granted: true,
      by: '/content/$releasever/listing',
      coveredSegments: undefined,
    });
    for (const asked of [
      ...['/other/listing', '/listing/', '/listing/x', '/content/9/listing/'],
      ...['/content/9/listing/x', '/content/9/x/listing', '/content/listings', '/content/Listing'],
    ]) {
      assert.equal(graph.find(asked).granted, false, asked);
    }
    // A variable may stand for it, as for any other name.
    assert.equal(graph.find('/content/listing/os').granted, true);
  });

  it('T44 find() enters each node once a segment, however many ways lead to it', () => {
    const layers = 60;
    const graph = layered(layers, 20, entitlementLimits.comparisonsMax);
    const asked = `${'/a'.repeat(layers - 1)}`;
    const milliseconds = fastestMs(() => assert.equal(graph.find(asked).granted, false));
    assert.ok(milliseconds < 20, `${milliseconds} ms for ways whose number has 78 digits`);
    assert.equal(graph.find(`${asked}/a`).granted, true);
  });

  it('T44 find() compares 100,000 times for one path, and not once more', () => {
    const { comparisonsMax } = entitlementLimits;
    const asked = '/a/a/a';
    assert.equal(layered(2, comparisonsMax / 2, comparisonsMax).find(asked).granted, true);
    const over = layered(2, comparisonsMax / 2 + 1, comparisonsMax).find(asked);
    assert.deepEqual(over, {
      granted: false,
      reason: 'it takes more than 100000 comparisons to find whether one of its paths leads there',
    });
  });

  it('bytes grow with what there is to keep', () => {
    const small = graphOf('/a/b');
    const large = graphOf(...Array.from({ length: 300 }, (_, index) => `/content/p${index}/os`));
    assert.ok(large.bytes > 50 * small.bytes);
  });
});
