/** Real apt installs nothing, but reads a flat repository and downloads a package from it. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { needs } from '../support/needs.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { type CommandResult, freePort, run, runOk } from '../support/processes.ts';

const skip = needs('apt-get', 'dpkg-deb', 'openssl');
const pki = createPki();
let application: TestApplication;
let serverCa: Credential;
let entitled: Credential;
let stranger: Credential;
let port: number;
let packageBytes: Buffer;

before(async () => {
  if (skip) return;
  serverCa = await pki.authority({ subject: '/CN=Server CA' });
  const clientCa = await pki.authority({ subject: '/CN=Client CA' });
  const server = await pki.server(serverCa);
  entitled = await pki.client(clientCa);
  stranger = await pki.client(await pki.authority({ subject: '/CN=Other CA' }));
  packageBytes = await buildFlatRepository(pki.file('flat'));
  port = await freePort();
  const { certificatePath: certificate, keyPath: key } = server;
  application = await startApplication({
    listen: { tls: { address: `127.0.0.1:${port}`, certificate, key } },
    distributions: [
      {
        relativeUrl: 'acme/deb',
        root: pki.file('flat'),
        access: { certificate: { ca: clientCa.certificatePath } },
      },
    ],
  });
});
after(async () => {
  await application?.[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

/** A package and its index as `dpkg-scanpackages .` writes it, with `./` before the name. */
async function buildFlatRepository(directory: string): Promise<Buffer> {
  const control =
    'Package: demo\nVersion: 1.0\nArchitecture: all\nMaintainer: Acme <a@acme.example>\n';
  const description = 'Description: a package for tests\n';
  writeTree(pki.file('build'), { 'DEBIAN/control': control + description });
  mkdirSync(directory);
  await runOk('dpkg-deb', ['--build', pki.file('build'), path.join(directory, 'demo.deb')]);
  const bytes = readFileSync(path.join(directory, 'demo.deb'));
  const digest = createHash('sha256').update(bytes).digest('hex');
  const place = `Filename: ./demo.deb\nSize: ${bytes.length}\nSHA256: ${digest}\n`;
  writeFileSync(path.join(directory, 'Packages'), control + place + description);
  return bytes;
}

/** apt with everything of its own in one directory; what it downloads lands there too. */
async function apt(name: string, client: Credential, ...words: string[]): Promise<CommandResult> {
  const home = pki.file(name);
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'etc']) {
    mkdirSync(path.join(home, part), { recursive: true });
  }
  writeFileSync(path.join(home, 'status'), '');
  const url = `https://localhost:${port}/pulp/repos/acme/deb`;
  writeFileSync(path.join(home, 'etc/sources.list'), `deb [trusted=yes] ${url} ./\n`);
  const options = {
    'Dir::State': path.join(home, 'state'),
    'Dir::State::status': path.join(home, 'status'),
    'Dir::Cache': path.join(home, 'cache'),
    'Dir::Etc::SourceList': path.join(home, 'etc/sources.list'),
    'Dir::Etc::SourceParts': '-',
    'Acquire::https::CAInfo': serverCa.certificatePath,
    'Acquire::https::SslCert': client.certificatePath,
    'Acquire::https::SslKey': client.keyPath,
    'Acquire::Retries': '0',
    'APT::Sandbox::User': 'root',
    'APT::Update::Error-Mode': 'any',
  };
  const flags = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  return run('apt-get', [...flags, ...words], { cwd: home });
}

describe('apt', { skip }, () => {
  it('apt reads a flat repository with the entitled certificate, and downloads from it', async () => {
    const update = await apt('entitled', entitled, 'update');
    assert.equal(update.code, 0, update.stderr);
    const download = await apt('entitled', entitled, 'download', 'demo');
    assert.equal(download.code, 0, download.stderr);
    const file = path.join(pki.file('entitled'), 'demo_1.0_all.deb');
    assert.ok(readFileSync(file).equals(packageBytes));
  });

  it('apt is refused with the certificate of another CA', async () => {
    const update = await apt('stranger', stranger, 'update');
    assert.notEqual(update.code, 0);
    assert.match(update.stderr, /403/);
  });
});
