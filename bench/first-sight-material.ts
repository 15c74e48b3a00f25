/** A CA, an intermediate, their revocation lists, and many clients with a certificate each. */

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { derTags } from '../src/identity/der.ts';
import { encodeElement } from '../src/identity/der-writer.ts';
import { certificateToPem } from '../src/pem.ts';
import { listToPem, makeList } from '../test/revocation/list-maker.ts';
import { version3 } from '../test/support/entitlement-extensions.ts';
import type { Credential, KeyAlgorithm, Pki } from '../test/support/pki.ts';
import { resign } from '../test/support/resign.ts';

export interface Material {
  readonly root: Credential;
  /** Of `root`; clients send it. */
  readonly middle: Credential;
  /** Of `middle`, all with one key and the same paths, each with a serial number of its own. */
  readonly clients: readonly Uint8Array[];
  /** As `clients`, signed with another key than that of `middle`. */
  readonly forged: readonly Uint8Array[];
  /** What everybody is asked for, and may have. */
  readonly path: string;
  /** PEM files: each client's, and those of the lists. */
  readonly clientFiles: readonly string[];
  readonly lists: readonly string[];
}

/** Revoked certificates on the list of the intermediate. */
export const revokedCertificates = 1000;

/** Paths in each client's payload. */
export const pathsEach = 200;

const contents = 50;

export async function makeMaterial(pki: Pki, key: KeyAlgorithm, count: number): Promise<Material> {
  const root = await pki.authority({ subject: '/O=Acme/CN=root', key });
  const middle = await pki.authority({ subject: '/O=Acme/CN=middle', key }, root);
  const impostor = await pki.authority({ subject: '/O=Acme/CN=middle', key });
  const subject = '/O=Acme/OU=consumers/CN=5c1ff6c0-7b5c-4f8e-9d0a-2f6f5d1f7a11';
  const template = await pki.client(middle, { key, subject, extensions: version3(...paths) });
  const made = (issuer: Credential): readonly Uint8Array[] =>
    Array.from({ length: count }, () => withSerial(template, issuer));
  const clients = made(middle);
  const revoked = Array.from({ length: revokedCertificates }, () => ({ serial: newSerial() }));
  const ofMiddle = await makeList(middle, { revoked });
  const ofRoot = await makeList(root);
  return {
    ...{
      root,
      middle,
      clients,
      path: '/content/dist/rhel/8/x86_64/product-49/os/repodata/repomd.xml',
    },
    forged: made(impostor),
    clientFiles: clients.map((der, index) =>
      pki.write(`${key}-${index}.pem`, certificateToPem(der)),
    ),
    lists: [ofMiddle, ofRoot].map((der, index) => {
      const file = pki.file(`${key}-${index}.crl`);
      writeFileSync(file, listToPem(der));
      return file;
    }),
  };
}

const paths = Array.from({ length: contents }, (_, product) =>
  ['os', 'debug', 'source/SRPMS', 'kickstart'].map(
    (kind) => `/content/dist/rhel/$releasever/$basearch/product-${product}/${kind}`,
  ),
).flat();

function withSerial(template: Credential, issuer: Credential): Uint8Array {
  return resign(template, issuer, (parts) => {
    parts.serial = encodeElement(derTags.integer, Buffer.from(newSerial(), 'hex'));
  }).der;
}

/** 16 bytes that are positive in DER's one spelling. */
function newSerial(): string {
  return `4${randomBytes(16).toString('hex').slice(1)}`;
}
