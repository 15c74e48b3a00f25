import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { EntitlementMemory } from '../../src/entitlement/entitlement-memory.ts';
import type { PathGraph } from '../../src/entitlement/path-graph.ts';
import { decodePayload } from '../../src/entitlement/payload.ts';
import { readEntitlement } from '../../src/entitlement/read-entitlement.ts';
import { AuthorityStore } from '../../src/identity/authority-store.ts';
import { parseCertificate } from '../../src/identity/certificate.ts';
import { verifyChain } from '../../src/identity/chain.ts';
import { parseCertificatePem } from '../../src/pem.ts';
import { mutate } from '../support/mutate.ts';
import { randomSource } from '../support/random.ts';
import {
  bytesOf,
  edgeBits,
  encodeNodeCount,
  encodePaths,
  encodeWords,
  graphOf,
} from './encode-payload.ts';
import { plainPaths } from './plain-decoder.ts';

const fixtures = path.join(import.meta.dirname, '../fixtures/entitlement');
const decodedRounds = 20_000;
const verifiedRounds = 1000;
const comparedRounds = 4000;
/** Of processor time. */
const millisecondsMax = 50;

function readDer(file: string): Uint8Array {
  const pem = parseCertificatePem(readFileSync(path.join(fixtures, file), 'utf8'));
  assert.ok('certificates' in pem && pem.certificates[0] !== undefined);
  return pem.certificates[0];
}

const certificates = readdirSync(path.join(fixtures, 'certs')).map((name) =>
  readDer(`certs/${name}`),
);

/** Calls `work` for mutations of all of `originals` in turn. */
function forMutations(
  originals: readonly Uint8Array[],
  rounds: number,
  seed: number,
  work: (mutated: Uint8Array, original: Uint8Array, round: number) => void,
): void {
  const random = randomSource(seed);
  let slowest = 0;
  for (let round = 0; round < rounds; round += 1) {
    const original = originals[round % originals.length] ?? new Uint8Array();
    const mutated = mutate(original, random);
    const start = process.threadCpuUsage();
    work(mutated, original, round);
    const { user, system } = process.threadCpuUsage(start);
    slowest = Math.max(slowest, (user + system) / 1000);
  }
  assert.ok(slowest < millisecondsMax, `the slowest took ${slowest} ms`);
}

describe('entitlements, given hostile bytes,', () => {
  it('T46a are read or refused for every mutation of a certificate, soon and without an exception', () => {
    let read = 0;
    forMutations(certificates, decodedRounds, 46, (mutated) => {
      const memory = new EntitlementMemory({ entriesMax: 0, bytesMax: 0 });
      const entitlement = memory.read({ der: mutated, fingerprint: 'x' });
      if ('unusable' in entitlement) return assert.notEqual(entitlement.unusable, '');
      read += 1;
      entitlement.find('/content/dist/rhel/server/6/6Server/x86_64/os/x');
    });
    assert.ok(read > decodedRounds / 100, `${read} were read`);
  });

  it('T46a never entitle by a certificate that is not, byte for byte, the one that was signed', async () => {
    const anchor = parseCertificate(readDer('ca.pem'));
    assert.ok(!('problem' in anchor));
    const authorities = new AuthorityStore([anchor]);
    const now = new Date('2026-12-01T00:00:00Z');
    const random = randomSource(47);
    for (let round = 0; round < verifiedRounds; round += 1) {
      const original = certificates[round % certificates.length] ?? new Uint8Array();
      const leaf = mutate(original, random);
      const verdict = await verifyChain({ leaf, intermediates: [], authorities, now });
      assert.ok(!verdict.valid || Buffer.from(leaf).equals(original), `round ${round}`);
    }
  });

  it('T46a are read from a mutated payload as the plain decoder reads it, or not at all', () => {
    const paths = ['/content/dist/$releasever/os', '/content/dist/9/$basearch/debug', '/beta/x'];
    const graph = graphOf(paths);
    const words = encodeWords(graph.words);
    const count = encodeNodeCount(graph.nodes.length);
    const asked = graph.words.flatMap((first) =>
      graph.words.flatMap((second) => [`/${first}/${second}`, `/${first}/${second}/9/os/debug`]),
    );
    let accepted = 0;
    forMutations([bytesOf(edgeBits(graph))], comparedRounds, 48, (edges) => {
      const payload = Buffer.concat([words, count, edges]);
      const decoded = decodePayload(payload);
      if ('unusable' in decoded) return;
      accepted += 1;
      const plain = plainPaths(payload);
      for (const path of [...asked, ...plain]) {
        assert.equal(
          grantsFile(decoded, path),
          plain.some((granted) => covers(granted, path)),
          path,
        );
      }
    });
    assert.ok(accepted > comparedRounds / 1000, `${accepted} were accepted`);
  });

  it('T43 grant nothing by a payload of which a bit of the words is wrong', () => {
    const paths = ['/content/dist/$releasever/os', '/content/dist/9/$basearch/debug'];
    const payload = encodePaths(paths);
    const { length } = encodeWords(graphOf(paths).words);
    // Some bits say how the words were compressed or fill a byte: those change nothing.
    for (let bit = 0; bit < length * 8; bit += 1) {
      const damaged = Buffer.from(payload);
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      if ('unusable' in decodePayload(damaged)) continue;
      assert.deepEqual(plainPaths(damaged), plainPaths(payload), `bit ${bit}`);
    }
  });

  it('T46a are refused for every mutation of an extension as any other text is', () => {
    const payload = Buffer.concat([Buffer.of(4, 75), encodePaths(['/content/dist/x/y'])]);
    forMutations([payload, Buffer.from('\f\ncontent/os')], comparedRounds, 49, (mutated) => {
      for (const version of ['1.0', '3.4']) {
        const entitlement = readEntitlement(
          new Map([
            ['1.3.6.1.4.1.2312.9.4.1', Buffer.from('x')],
            ['1.3.6.1.4.1.2312.9.6', Buffer.from(version)],
            [`1.3.6.1.4.1.2312.9.${version === '1.0' ? '2.1.1.6' : '7'}`, mutated],
          ]),
        );
        if (!('unusable' in entitlement)) entitlement.find('/content/os');
      }
    });
  });
});

function grantsFile(graph: PathGraph, asked: string): boolean {
  return graph.find(`${asked}/`).granted;
}

function covers(granted: string, asked: string): boolean {
  const segments = asked.slice(1).split('/');
  const words = granted.slice(1).split('/');
  return words.every((word, index) => {
    const segment = segments[index];
    return segment !== undefined && (word.startsWith('$') || word === segment);
  });
}
