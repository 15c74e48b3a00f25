/** Chains that are changed in every way, and two judges for each. */

import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { AuthorityStore } from '../../src/identity/authority-store.ts';
import { verifyChain } from '../../src/identity/chain.ts';
import { derTags } from '../../src/identity/der.ts';
import { copyTree, type DerNode, readTree, writeTree } from '../support/der-tree.ts';
import { version3 } from '../support/entitlement-extensions.ts';
import { mutate } from '../support/mutate.ts';
import type { Credential, KeyAlgorithm, Pki } from '../support/pki.ts';
import { pathProblem } from '../support/pkijs-reference.ts';
import { changeTree, type Random } from './certificate-mutator.ts';
import { parsed } from './chain-fixture.ts';

/** A chain from a client's certificate to an anchor, and others to take parts from. */
export interface ChainOf {
  readonly name: string;
  /** From the client's to the anchor. */
  readonly path: readonly Credential[];
  /** The same, opened; and their keys. */
  readonly trees: readonly DerNode[];
  readonly keys: readonly KeyObject[];
  readonly donors: readonly DerNode[];
  readonly store: AuthorityStore;
}

/** What a client sends, and what our CA file holds. */
export interface Presented {
  /** DER, from the client's certificate on, without the anchor. */
  readonly sent: readonly Uint8Array[];
  /** DER. */
  readonly anchor: Uint8Array;
  readonly store: AuthorityStore;
}

const kinds: readonly (readonly [name: string, issuers: KeyAlgorithm, client: KeyAlgorithm])[] = [
  ['P-256', 'ec-p256', 'ec-p256'],
  ['P-384 and Ed25519', 'ec-p384', 'ed25519'],
  ['RSA', 'rsa-2048', 'rsa-2048'],
];

/** Of each kind of key, with an intermediate and without. */
export async function makeChains(pki: Pki): Promise<readonly ChainOf[]> {
  const chains: ChainOf[] = [];
  for (const [name, issuers, client] of kinds) {
    const root = await pki.authority({ subject: '/O=Acme/CN=root', key: issuers });
    const middle = await pki.authority({ subject: '/O=Acme/CN=middle', key: issuers }, root);
    const full = { key: client, subject: '/O=Acme/OU=a+CN=full', extensions: everything };
    const below = await pki.client(middle, full);
    const direct = await pki.client(root, { key: client, subject: '/CN=direct' });
    const server = await pki.server(root);
    const donors = [root, middle, below, direct, server].map(({ der }) => readTree(der));
    const store = new AuthorityStore([parsed(root)]);
    for (const path of [
      [below, middle, root],
      [direct, root],
    ]) {
      const trees = path.map(({ der }) => readTree(der));
      const keys = path.map(({ key }) => createPrivateKey(key));
      chains.push({ name: `${name}, ${path.length} long`, path, trees, keys, donors, store });
    }
  }
  return chains;
}

const everything = {
  authorityKeyIdentifier: 'keyid,issuer:always',
  subjectAltName: 'critical,DNS:a.example,IP:192.0.2.1,URI:urn:a,email:a@b.example,RID:1.2.3.4',
  certificatePolicies: '1.2.3.4,2.5.29.32.0',
  crlDistributionPoints: 'URI:http://a.example/crl',
  ...version3('/content/$releasever/os', '/content/other'),
};

/** How a certificate is changed: its bytes; its values; or its values, which its issuer then signs. */
export type ChangeKind = 'bytes' | 'values' | 'signed values';

/** A change of one of the certificates that are sent; never none. */
export function change(chain: ChainOf, kind: ChangeKind, random: Random): Presented {
  const presented = present(chain.path, chain.store);
  const sent = [...presented.sent];
  const target = random(sent.length);
  const original = Buffer.from(sent[target] ?? []);
  let changed: Uint8Array = original;
  while (original.equals(changed)) {
    changed =
      kind === 'bytes' ? mutate(original, random) : changeValues(chain, target, kind, random);
  }
  sent[target] = changed;
  return { ...presented, sent };
}

function changeValues(
  chain: ChainOf,
  target: number,
  kind: ChangeKind,
  random: Random,
): Uint8Array {
  const [tree, donor] = [chain.trees[target], chain.donors[random(chain.donors.length)]];
  const key = chain.keys[target + 1];
  if (tree === undefined || donor === undefined || key === undefined) throw new Error('no chain');
  const changed = copyTree(tree);
  changeTree(changed, donor, random);
  if (kind === 'signed values') signAgain(changed, key);
  return new Uint8Array(writeTree(changed));
}

/** Nothing becomes of what has no place left for a signature. */
function signAgain({ children }: DerNode, key: KeyObject): void {
  const [tbs, , signature] = children ?? [];
  if (tbs === undefined || signature?.tag !== derTags.bitString) return;
  signature.children = undefined;
  signature.content = Buffer.concat([Buffer.of(0), sign('sha256', writeTree(tbs), key)]);
}

/** @param path from the client's certificate to the anchor */
export function present(
  path: readonly Pick<Credential, 'der'>[],
  store = new AuthorityStore(path.slice(-1).map(parsed)),
): Presented {
  const ders = path.map(({ der }) => der);
  return { sent: ders.slice(0, -1), anchor: ders.at(-1) ?? new Uint8Array(), store };
}

/** Why we refuse it; undefined when we do not. */
export function ourProblem({ sent, store }: Presented, now: Date): string | undefined {
  const [leaf = new Uint8Array(), ...intermediates] = sent;
  const verdict = verifyChain({ leaf, intermediates, authorities: store, now });
  return verdict.valid ? undefined : verdict.reason;
}

/** Why pkijs does, whether the issuer is the next one or the anchor: a change may have brought either. */
export async function pkijsProblem(
  { sent, anchor }: Presented,
  now: Date,
): Promise<string | undefined> {
  const problem = await pathProblem([...sent, anchor], now);
  if (problem === undefined || sent.length < 2) return problem;
  return pathProblem([...sent.slice(0, 1), anchor], now);
}
