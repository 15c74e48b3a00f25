/** Who is compared at the first sight of a certificate. */

import path from 'node:path';
import { EntitlementMemory } from '../src/entitlement/entitlement-memory.ts';
import { AuthorityStore } from '../src/identity/authority-store.ts';
import { type RevocationCheck, verifyChain } from '../src/identity/chain.ts';
import { IntermediateMemory } from '../src/identity/intermediate-memory.ts';
import { parsed } from '../test/identity/chain-fixture.ts';
import { pathProblem } from '../test/support/pkijs-reference.ts';
import { runOk } from '../test/support/processes.ts';
import type { Material } from './first-sight-material.ts';

/** The intermediate was seen before; each client brings it as if for the first time; no chain is right. */
export type Kind = 'known' | 'new' | 'forged';

/** Microseconds that one client cost. */
export interface Sight {
  /** Until it is known who the client is, or that nobody knows. */
  readonly verified: number;
  /** Until it is known as well what the paths in the certificate grant; undefined for who reads none. */
  readonly decided: number | undefined;
}

export interface Peer {
  readonly name: string;
  measure(): Promise<readonly Sight[]>;
}

/** @param directory of the material's files for Python */
export function peersOf(
  material: Material,
  revocation: RevocationCheck,
  directory: string,
): readonly Peer[] {
  const own = (name: string, kind: Kind): Peer => ({
    name: `Portcullis, ${name}`,
    measure: async () => seeAll(material, kind, revocation),
  });
  const python = (name: string, kind: Kind): Peer => ({
    name: `Python, ${name}`,
    measure: () => askPython(material, kind, directory),
  });
  return [
    own('known intermediate', 'known'),
    own('new intermediate', 'new'),
    { name: 'the same with pkijs, as before', measure: () => seeAllTwice(material, revocation) },
    own('forged', 'forged'),
    python('known intermediate', 'known'),
    python('new intermediate', 'new'),
    python('forged', 'forged'),
    { name: 'openssl verify', measure: () => askOpenssl(material) },
  ];
}

function seeAll(material: Material, kind: Kind, revocation: RevocationCheck): readonly Sight[] {
  const { middle, path: asked, clients, forged } = material;
  const authorities = storeFor(material, kind);
  const entitlements = new EntitlementMemory();
  const now = new Date();
  return (kind === 'forged' ? forged : clients).map((leaf) => {
    const start = performance.now();
    const intermediates = [middle.der];
    const verdict = verifyChain({ leaf, intermediates, authorities, now, revocation });
    const verified = (performance.now() - start) * 1000;
    if (verdict.valid === (kind === 'forged')) throw new Error('it was decided wrongly');
    if (!verdict.valid) return { verified, decided: undefined };
    const { fingerprint } = verdict.certificate;
    const read = entitlements.read({ der: leaf, fingerprint });
    const isGranted = 'find' in read && read.find(asked).granted;
    const decided = (performance.now() - start) * 1000;
    if (!isGranted) throw new Error('it grants nothing');
    return { verified, decided };
  });
}

/** @param kind nothing is kept of intermediates that shall be new to it each time */
function storeFor({ root }: Material, kind: Kind): AuthorityStore {
  const limits = kind === 'new' ? { entriesMax: 0, bytesMax: 0 } : undefined;
  return new AuthorityStore([parsed(root)], new IntermediateMemory(limits));
}

/** Nothing was kept of intermediates, and pkijs was asked about each chain that was right. */
async function seeAllTwice(
  material: Material,
  revocation: RevocationCheck,
): Promise<readonly Sight[]> {
  const { middle, root, clients } = material;
  const sights: Sight[] = [];
  for (const [index, sight] of seeAll(material, 'new', revocation).entries()) {
    const start = performance.now();
    const leaf = clients[index] ?? new Uint8Array();
    const problem = await pathProblem([leaf, middle.der, root.der], new Date());
    const more = (performance.now() - start) * 1000;
    if (problem !== undefined) throw new Error(problem);
    sights.push({ verified: sight.verified + more, decided: (sight.decided ?? 0) + more });
  }
  return sights;
}

async function askPython(
  material: Material,
  kind: Kind,
  directory: string,
): Promise<readonly Sight[]> {
  const script = path.join(import.meta.dirname, 'first-sight.py');
  const output = await runOk('python3', [script, directory, kind, material.path]);
  const pairs = JSON.parse(output.toString()) as readonly (readonly [number, number | null])[];
  return pairs.map(([verified, decided]) => ({ verified, decided: decided ?? undefined }));
}

/** Certificates in one run of the program. */
const opensslBatch = 50;

/** The mean of each batch, less what the program costs with a single certificate. */
async function askOpenssl(material: Material): Promise<readonly Sight[]> {
  const { clientFiles } = material;
  const means: Sight[] = [];
  for (let at = 0; at + opensslBatch < clientFiles.length; at += opensslBatch) {
    const batch = clientFiles.slice(at, at + opensslBatch + 1);
    const alone = await opensslMicroseconds(material, batch.slice(0, 1));
    const all = await opensslMicroseconds(material, batch);
    means.push({ verified: (all - alone) / opensslBatch, decided: undefined });
  }
  return means;
}

async function opensslMicroseconds(
  { root, middle, lists }: Material,
  files: readonly string[],
): Promise<number> {
  const start = performance.now();
  await runOk('openssl', [
    ...['verify', '-purpose', 'sslclient', '-crl_check_all', '-no-CApath', '-no-CAstore'],
    ...['-CAfile', root.certificatePath, '-untrusted', middle.certificatePath],
    ...lists.flatMap((file) => ['-CRLfile', file]),
    ...files,
  ]);
  return (performance.now() - start) * 1000;
}
