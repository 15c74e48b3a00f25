/** What the first sight of a certificate costs: ten thousand clients come with one each in the morning. */

import { copyFileSync, writeFileSync } from 'node:fs';
import type { RevocationCheck } from '../src/identity/chain.ts';
import { createLogger } from '../src/log.ts';
import { RevocationLists } from '../src/revocation/revocation-lists.ts';
import { parsed } from '../test/identity/chain-fixture.ts';
import { createPki, type KeyAlgorithm, type Pki } from '../test/support/pki.ts';
import { runOk } from '../test/support/processes.ts';
import {
  type Material,
  makeMaterial,
  pathsEach,
  revokedCertificates,
} from './first-sight-material.ts';
import { peersOf, type Sight } from './first-sight-peers.ts';
import { inRounds, median, printRow } from './rounds.ts';

const keys: readonly KeyAlgorithm[] = ['ec-p256', 'rsa-2048'];

/** Of each measurement, so many clients go before and do not count: engines warm up. */
const warmUpShare = 0.2;

/** @param clients of each measurement */
export async function compareFirstSights(clients: number): Promise<void> {
  const versions =
    'import cryptography, sys; print(sys.version.split()[0], cryptography.__version__)';
  console.log(
    `\nPython and cryptography ${(await runOk('python3', ['-c', versions])).toString().trim()}`,
  );
  for (const key of keys) await compareWith(key, clients);
}

async function compareWith(key: KeyAlgorithm, clients: number): Promise<void> {
  using pki = createPki();
  const material = await makeMaterial(pki, key, clients);
  writeForPython(pki, material);
  const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
  await using lists = new RevocationLists({ log, now: () => new Date() });
  const revocation = await openLists(lists, material);
  const peers = peersOf(material, revocation, pki.directory);
  print(key, await inRounds(peers, (peer) => peer.measure()), clients);
}

function openLists(lists: RevocationLists, material: Material): Promise<RevocationCheck> {
  const { root, middle, lists: files } = material;
  const options = {
    lists: files,
    missing: 'refuse',
    staleSeconds: 0,
    refreshSeconds: 3600,
  } as const;
  return lists.open(options, [root, middle].map(parsed));
}

/** @see first-sight.py */
function writeForPython(pki: Pki, { root, middle, lists, clients, forged }: Material): void {
  writeFileSync(pki.file('root.der'), root.der);
  writeFileSync(pki.file('middle.der'), middle.der);
  for (const [index, file] of lists.entries()) copyFileSync(file, pki.file(`${index}.crl`));
  for (const [name, all] of [
    ['clients', clients],
    ['forged', forged],
  ] as const) {
    const framed = all.flatMap((der) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(der.length);
      return [length, der];
    });
    writeFileSync(pki.file(name), Buffer.concat(framed));
  }
}

const widths = [34, 14, 10, 8, 14, 10, 8];
const yardstick = 'Python, known intermediate';

function print(
  key: KeyAlgorithm,
  measured: ReadonlyMap<string, readonly (readonly Sight[])[]>,
  clients: number,
): void {
  const facts = `${clients} clients, ${pathsEach} paths each, ${revokedCertificates} revoked`;
  console.log(`\n${key}: ${facts}\n`);
  printRow(['µs', 'verified: p50', 'p99', 'ratio', 'decided: p50', 'p99', 'ratio'], widths);
  const base = measured.get(yardstick) ?? [];
  for (const [name, runs] of measured) {
    const cells = (['verified', 'decided'] as const).flatMap((part) => cellsOf(part, runs, base));
    printRow([name, ...cells], widths);
  }
  console.log(`\nratio: of the p50, to that of "${yardstick}" in this run`);
}

type Runs = readonly (readonly Sight[])[];

function cellsOf(part: keyof Sight, runs: Runs, base: Runs): readonly string[] {
  const p50 = quantile(part, runs, 0.5);
  if (p50 === undefined) return ['', '', ''];
  const p99 = quantile(part, runs, 0.99) ?? 0;
  const ratio = p50 / (quantile(part, base, 0.5) ?? 0);
  return [p50.toFixed(0), p99.toFixed(0), ratio.toFixed(2)];
}

/** The median of the runs; undefined for a part that nobody measured. */
function quantile(part: keyof Sight, runs: Runs, share: number): number | undefined {
  const each = runs.map((sights) => {
    const counted = sights
      .slice(Math.floor(sights.length * warmUpShare))
      .flatMap((sight) => sight[part] ?? [])
      .toSorted((one, other) => one - other);
    return counted[Math.floor(counted.length * share)];
  });
  return each.includes(undefined) ? undefined : median(each, (one) => one ?? 0);
}
