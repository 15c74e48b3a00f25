/** What no table foresees: generated packets, and mutations of real ones. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createBodyDecoder } from '../../src/uwsgi/body.ts';
import { ChunkedDecoder } from '../../src/uwsgi/chunked.ts';
import { readHead } from '../../src/uwsgi/head.ts';
import { findMount } from '../../src/uwsgi/mount.ts';
import { UwsgiRefusal } from '../../src/uwsgi/refusal.ts';
import { encodePacket } from '../support/uwsgi-client.ts';
import { collectGarbage, mutate, randomFrom, seedOfRun } from './mutations.ts';
import { decode, fixtures } from './support.ts';

const name = fc.stringMatching(/^[!-~]{1,40}$/).filter((text) => !text.startsWith('HTTP_'));
const value = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
const cuts = fc.array(fc.nat(2000), { maxLength: 20 });

suite('properties', () => {
  test('PacketDecoder gives back what was encoded, however it is split', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, value), {
          maxLength: 40,
          minLength: 1,
          selector: ([key]) => key,
        }),
        fc.uint8Array({ maxLength: 100 }),
        cuts,
        (pairs, body, at) => {
          const bytes = Buffer.concat([encodePacket(pairs), body]);
          const decoded = decode(split(bytes, at));
          assert.equal(decoded?.type, 'request');
          assert.deepEqual([...decoded.variables], pairs);
          assert.deepEqual(decoded.rest, Buffer.from(body));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('ChunkedDecoder gives back what was chunked, however it is split', () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 20 }), cuts, (chunks, at) => {
        const framed = chunks.map((bytes) => [`${bytes.length.toString(16)}\r\n`, bytes, '\r\n']);
        const parts = [...framed.flat(), '0\r\n\r\n'].map((part) => Buffer.from(part as string));
        const decoder = new ChunkedDecoder(10_000);
        const pieces = split(Buffer.concat(parts), at).flatMap((part) => decoder.push(part));
        assert.ok(decoder.complete);
        assert.deepEqual(Buffer.concat(pieces), Buffer.concat(chunks));
      }),
      { numRuns: 500 },
    );
  });

  test('findMount() never gives a mount that is not a prefix of whole segments', () => {
    const path = fc.stringMatching(/^(?:\/(?:a|b|%61|%2e|\.\.|\.|)){0,6}\/?$/);
    fc.assert(
      fc.property(path, path, path, (uri, pathInfo, scriptName) => {
        const variables = new Map([
          ['REQUEST_URI', uri],
          ['PATH_INFO', pathInfo],
          ['SCRIPT_NAME', scriptName],
        ]);
        const mount = findMount(variables);
        assert.ok(pathInfo.endsWith(mount.pathInfo));
        assert.ok(mount.pathInfo === '' || mount.pathInfo.startsWith('/'));
        if (scriptName === '') assert.doesNotMatch(mount.scriptName, /%|\/$|\/\.\.?(?:\/|$)/);
      }),
      { numRuns: 2000 },
    );
  });
});

suite('T71 mutated packets', () => {
  const count = 100_000;

  test(`PacketDecoder ends ${count} mutated packets as a request or a refusal, without growth`, () => {
    const seed = seedOfRun();
    const random = randomFrom(seed);
    const sources = fixtures.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 2000);
    const outcomes = { served: 0, refused: 0, unfinished: 0 };
    let settledBytes = 0;
    for (let round = 0; round < count; round += 1) {
      const bytes = mutate(random, sources);
      outcomes[outcomeOf(bytes, seed, round)] += 1;
      if (round === count / 2) settledBytes = usedBytes();
    }
    assert.equal(outcomes.served + outcomes.refused + outcomes.unfinished, count);
    // Mutations that are all refused at the first byte would prove little.
    for (const outcome of Object.values(outcomes)) assert.ok(outcome > count / 100, `${seed}`);
    const growth = usedBytes() - settledBytes;
    assert.ok(growth < 8 * 1024 * 1024, `grew by ${growth} bytes, seed ${seed}`);
  });
});

function outcomeOf(
  bytes: Buffer,
  seed: number,
  round: number,
): 'served' | 'refused' | 'unfinished' {
  const began = performance.now();
  try {
    const decoded = decode([bytes]);
    if (decoded?.type !== 'request') return 'unfinished';
    readHead(decoded.variables, 16_384);
    createBodyDecoder(decoded.variables, 1_048_576).push(decoded.rest);
    findMount(decoded.variables);
    return 'served';
  } catch (error) {
    if (error instanceof UwsgiRefusal) return 'refused';
    throw new Error(`seed ${seed}, round ${round}: ${bytes.toString('hex')}`, { cause: error });
  } finally {
    const took = performance.now() - began;
    assert.ok(took < 1000, `seed ${seed}, round ${round} took ${took} ms`);
  }
}

function split(bytes: Buffer, at: readonly number[]): readonly Buffer[] {
  const ends = [...at.filter((end) => end < bytes.length), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
