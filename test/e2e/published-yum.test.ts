/** From a package to a client: made, uploaded and published by portcullis-admin, installed and upgraded by real dnf. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { version3 } from '../support/entitlement-extensions.ts';
import { needs } from '../support/needs.ts';
import { rpmPackage } from '../support/rpm-packages.ts';
import { signingKey } from '../support/signing-key.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { dnfHost } from './dnf-host.ts';
import {
  clientFiles,
  explain,
  inOneFile,
  type RegisteredConsumer,
  readText,
} from './repository-clients.ts';
import { type RepositorySite, startRepositorySite, troubles } from './repository-site.ts';
import {
  type Administration,
  administerSite,
  configureByCommand,
  registerByCommand,
} from './site-administration.ts';

const skip = needs('nginx', 'openssl', 'dnf', 'rpm', 'rpmbuild', 'createrepo_c', 'gpg');
const repository = 'acme-el9';
const distributor = 'yum_distributor';
const place = { repository, distributor };
const family = { family: 'rpm', repository };
const repomd = '/pulp/repos/acme/el9/repodata/repomd.xml';

describe('a signed yum repository, from a package to dnf', { skip }, () => {
  const stack = new AsyncDisposableStack();
  let site: RepositorySite;
  let administration: Administration;
  let bound: RegisteredConsumer;
  let unbound: RegisteredConsumer;

  before(async () => {
    const { keyFile: gpgKeyFile } = await signingKey(stack.use(temporaryDirectory()));
    site = stack.use(await startRepositorySite({ settings: { repositories: { gpgKeyFile } } }));
    administration = await administerSite(site);
    const entitlement = await site.pki.client(site.clientCa, {
      subject: '/CN=acme-el9',
      extensions: version3('/acme/el9'),
    });
    await createYumRepository(site, administration, entitlement.key + entitlement.certificate);
    await uploadPackage(site, administration, '1.0');
    bound = stack.use(await registerByCommand(site, administration, 'web-01'));
    unbound = stack.use(await registerByCommand(site, administration, 'web-02'));
    const bind = ['rpm', 'consumer', 'bind', '--consumer-id', bound.id, '--repo-id', repository];
    await administration.ok(...bind);
  });
  after(() => stack.disposeAsync());

  it('is installed from by a consumer that is bound, and upgraded from once more is published', async () => {
    const text = await configureByCommand(site, administration, family, bound.file);
    assert.match(text, /^repo_gpgcheck=1$/m);
    const files = [{ path: '/etc/yum.repos.d/acme-el9.repo', text }];
    using host = dnfHost(files);
    const first = await host.dnf('install', 'gate');
    assert.equal(first.code, 0, first.stderr + troubles(site));
    assert.deepEqual(await host.installed(), ['gate-1.0']);
    await uploadPackage(site, administration, '2.0');
    const second = await host.dnf('upgrade', 'gate');
    assert.equal(second.code, 0, second.stderr + troubles(site));
    assert.deepEqual(await host.installed(), ['gate-2.0']);
  });

  it('is installed from with the certificate of the binding, as pulp-consumer writes it', async () => {
    const [binding] = await bound.api.ok('GET', `/v2/consumers/${bound.id}/bindings/`);
    const { details } = binding;
    assert.deepEqual(details.protocols, ['https']);
    assert.equal(details.server_name, 'localhost');
    assert.equal(details.ca_cert, readText(site.serverCa));
    const client = site.pki.write('acme-el9_client.crt', details.client_cert);
    const text = `[${repository}]
name=${details.repo_name}
enabled=1
baseurl=${details.protocols[0]}://${details.server_name}:${site.port}${details.relative_path}
gpgcheck=0
sslverify=1
sslcacert=${site.pki.write('pulp-ca.pem', details.ca_cert)}
sslclientcert=${client}
`;
    using host = dnfHost([{ path: '/etc/yum.repos.d/pulp.repo', text }]);
    const installed = await host.dnf('install', 'gate-1.0');
    assert.equal(installed.code, 0, installed.stderr + troubles(site));
    assert.deepEqual(await host.installed(), ['gate-1.0']);
    const { stdout } = await explain(site, repomd, client);
    assert.match(stdout.toString(), /entitled by/);
    const [shown] = await site.api.ok('GET', `/v2/consumers/${bound.id}/bindings/`);
    assert.equal(shown.details.client_cert, '*****');
  });

  it('is refused by dnf to whom another key was given', async () => {
    using directory = temporaryDirectory();
    const { publicKeyFile } = await signingKey(directory);
    const files = (await clientFiles(site, place, bound.file)).map(({ path, text }) => {
      return { path, text: text.replace(/^gpgkey=.*$/m, `gpgkey=file://${publicKeyFile}`) };
    });
    using host = dnfHost(files);
    const refused = await host.dnf('install', 'gate');
    assert.match(refused.stderr, /repomd\.xml GPG signature verification error/);
    assert.deepEqual(await host.installed(), []);
  });

  it('refuses a consumer that is not bound, and explains it', async () => {
    using host = dnfHost(await clientFiles(site, place, unbound.file));
    const refused = await host.dnf('install', 'gate');
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /Status code: 403 for https:\/\/localhost/);
    assert.deepEqual(await host.installed(), []);
    const { stdout } = await explain(site, repomd, unbound.file);
    assert.match(stdout.toString(), /the consumer "web-02" is not bound to "acme-el9"/);
    assert.match(stdout.toString(), /The client sees 403\./);
  });

  it('refuses a certificate of another CA, and explains it', async () => {
    const file = inOneFile(site, 'stranger.pem', site.stranger);
    using host = dnfHost(await clientFiles(site, place, file));
    const refused = await host.dnf('install', 'gate');
    assert.match(refused.stderr, /Status code: 403 for https:\/\/localhost/);
    assert.deepEqual(await host.installed(), []);
    const { stdout } = await explain(site, repomd, file);
    assert.match(stdout.toString(), /its issuer CN=Other CA is not among the accepted CAs/);
    assert.match(stdout.toString(), /The client sees 403\./);
  });

  it('refuses an entitlement of the CA for another path, and explains it', async () => {
    const other = await site.pki.client(site.clientCa, {
      subject: '/CN=elsewhere',
      extensions: version3('/acme/el8'),
    });
    const file = inOneFile(site, 'elsewhere.pem', other);
    using host = dnfHost(await clientFiles(site, place, file));
    const refused = await host.dnf('install', 'gate');
    assert.match(refused.stderr, /Status code: 403 for https:\/\/localhost/);
    const { stdout } = await explain(site, repomd, file);
    assert.match(stdout.toString(), /does not grant this path/);
  });
});

async function createYumRepository(
  { pki, clientCa }: RepositorySite,
  { ok }: Administration,
  authCert: string,
): Promise<void> {
  await ok(
    ...['rpm', 'repo', 'create', '--repo-id', repository, '--display-name', 'Acme EL9'],
    ...['--relative-url', 'acme/el9', '--auth-ca', clientCa.certificatePath],
    ...['--auth-cert', pki.write('entitlement.pem', authCert)],
  );
}

/** What an upload brings is published by itself; the command waits until it is. */
async function uploadPackage(
  { pki }: RepositorySite,
  { ok }: Administration,
  version: string,
): Promise<void> {
  const file = pki.file(`gate-${version}.rpm`);
  writeFileSync(file, await rpmPackage({ version }));
  await ok('rpm', 'repo', 'uploads', 'rpm', '--repo-id', repository, '--file', file);
  await ok('rpm', 'repo', 'publish', 'run', '--repo-id', repository);
}
