/** What the end-to-end tests serve, and who asks for it: real packages, certificates and passwords. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { needs } from '../support/needs.ts';
import { type Credential, createPki, daysFrom, type Pki } from '../support/pki.ts';
import { buildRepository } from '../support/repository.ts';
import type { ToolName } from '../support/tools.ts';

export interface Site extends Disposable {
  readonly pki: Pki;
  /** The path of the CA that signed the server's certificate. */
  readonly serverCa: string;
  readonly server: Credential;
  /** Signed the certificates of all clients but the stranger. */
  readonly clientCa: Credential;
  readonly clients: Clients;
  readonly user: string;
  readonly password: string;
  /** What every distribution serves. */
  readonly root: string;
  /** As the configuration file's `distributions`. */
  readonly distributions: readonly object[];
}

export interface Clients {
  readonly entitled: Credential;
  /** Of another CA. */
  readonly stranger: Credential;
  readonly expired: Credential;
  readonly notYetValid: Credential;
  /** With the extended key usage of servers alone. */
  readonly serverOnly: Credential;
  /** With a serial number that is on the deny-list. */
  readonly denied: Credential;
}

/** Long enough for several ranges of a mebibyte each, in bytes; no multiple of any block size. */
export const imageBytes = 5 * 1024 * 1024 + 4321;
export const packageName = 'portcullis-demo';
const deniedSerial = 'DEADBEEF01';

/** For a test's `skip` option: what is missing of `names` and of what the site itself takes. */
export function needsForSite(...names: readonly ToolName[]): string | false {
  return needs('openssl', 'rpmbuild', 'createrepo_c', ...names);
}

/**
 * Three distributions of one folder with a yum repository and `image.iso`: `acme/el9` for holders of
 * a certificate or a password, `acme/certificates` for certificates alone, `other/el9` for those of
 * the stranger's CA.
 */
export async function createSite(): Promise<Site> {
  const pki = createPki();
  const serverCa = await pki.authority({ subject: '/CN=Server CA' });
  const clientCa = await pki.authority({ subject: '/CN=Client CA' });
  const otherCa = await pki.authority({ subject: '/CN=Other CA' });
  const root = pki.file('el9');
  mkdirSync(root);
  await buildRepository(root, [
    { name: packageName, requires: `${packageName}-data` },
    { name: `${packageName}-data`, payloadBytes: 200_000 },
  ]);
  writeFileSync(`${root}/image.iso`, randomBytes(imageBytes));
  const user = 'alice';
  const password = 'correct horse';
  const htpasswd = pki.write('htpasswd', `${user}:${await hashPassword(password)}\n`);
  const certificate = { ca: clientCa.certificatePath, deny: { serials: [deniedSerial] } };
  return {
    pki,
    serverCa: serverCa.certificatePath,
    server: await pki.server(serverCa),
    clientCa,
    clients: await issueClients(pki, clientCa, otherCa),
    user,
    password,
    root,
    distributions: [
      {
        relativeUrl: 'acme/el9',
        root,
        access: { any: [{ certificate }, { password: { file: htpasswd } }] },
      },
      { relativeUrl: 'acme/certificates', root, access: { certificate } },
      { relativeUrl: 'other/el9', root, access: { certificate: { ca: otherCa.certificatePath } } },
    ],
    [Symbol.dispose]: () => pki[Symbol.dispose](),
  };
}

async function issueClients(pki: Pki, clientCa: Credential, otherCa: Credential): Promise<Clients> {
  const now = new Date();
  return {
    entitled: await pki.client(clientCa, { subject: '/O=Acme/CN=entitled' }),
    stranger: await pki.client(otherCa, { subject: '/O=Acme/CN=entitled' }),
    expired: await pki.client(clientCa, {
      notBefore: daysFrom(now, -20),
      notAfter: daysFrom(now, -10),
    }),
    notYetValid: await pki.client(clientCa, {
      notBefore: daysFrom(now, 10),
      notAfter: daysFrom(now, 20),
    }),
    serverOnly: await pki.client(clientCa, { extensions: { extendedKeyUsage: 'serverAuth' } }),
    denied: await pki.client(clientCa, { serial: deniedSerial }),
  };
}
