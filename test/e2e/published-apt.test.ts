/** From a package to a client: made, uploaded and published by the API, installed and upgraded by real apt. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { debPackage } from '../support/deb-packages.ts';
import { needs } from '../support/needs.ts';
import { signingKey } from '../support/signing-key.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { aptHost } from './apt-host.ts';
import {
  bind,
  clientFiles,
  explain,
  inOneFile,
  type RegisteredConsumer,
  registerConsumer,
} from './repository-clients.ts';
import {
  publish,
  type RepositorySite,
  startRepositorySite,
  troubles,
  uploadUnit,
} from './repository-site.ts';

const skip = needs('nginx', 'openssl', 'apt-get', 'apt-ftparchive', 'dpkg-deb', 'gpg');
const place = { repository: 'acme-deb', distributor: 'deb_distributor' };

describe('a signed deb repository, from a package to apt', { skip }, () => {
  const stack = new AsyncDisposableStack();
  let site: RepositorySite;
  let bound: RegisteredConsumer;

  before(async () => {
    const key = await signingKey(stack.use(temporaryDirectory()));
    const settings = { repositories: { gpgKeyFile: key.keyFile } };
    site = stack.use(await startRepositorySite({ settings }));
    await createDebRepository(site);
    await uploadUnit(site, place.repository, 'deb', await debPackage({ version: '1.0' }));
    await publish(site, place);
    bound = stack.use(await registerConsumer(site, 'web-01'));
    await bind(site, bound, place);
  });
  after(() => stack.disposeAsync());

  it('is verified and installed from by a consumer that is bound, and upgraded from', async () => {
    const files = await clientFiles(site, place, bound.file);
    const sources = files.find(({ path }) => path === '/etc/apt/sources.list.d/acme-deb.sources');
    assert.match(sources?.text ?? '', /^Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----$/m);
    assert.doesNotMatch(sources?.text ?? '', /Trusted/);
    using host = aptHost(files);
    const update = await host.apt('update');
    assert.equal(update.code, 0, update.stderr + troubles(site));
    assert.match(update.stdout.toString(), /InRelease/);
    const first = await host.apt('install', 'gate');
    assert.equal(first.code, 0, first.stderr + troubles(site));
    assert.deepEqual(host.installed(), ['gate 1.0']);
    await uploadUnit(site, place.repository, 'deb', await debPackage({ version: '2.0' }));
    await publish(site, place);
    // What it has read before is still there to be installed from.
    const again = await host.apt('install', '--reinstall', '--download-only', 'gate');
    assert.equal(again.code, 0, again.stderr + troubles(site));
    assert.equal((await host.apt('update')).code, 0);
    const second = await host.apt('upgrade');
    assert.equal(second.code, 0, second.stderr + troubles(site));
    assert.deepEqual(host.installed(), ['gate 2.0']);
  });

  it('is refused by apt to whom another key was given', async () => {
    using directory = temporaryDirectory();
    const other = await signingKey(directory);
    const wrong = readFileSync(other.publicKeyFile, 'utf8').trim();
    const files = (await clientFiles(site, place, bound.file)).map(({ path, text }) => {
      const key = wrong.split('\n').map((line) => ` ${line === '' ? '.' : line}\n`);
      return { path, text: text.replace(/(?<=^Signed-By:\n)(?: .*\n)+/m, key.join('')) };
    });
    using host = aptHost(files);
    const update = await host.apt('update');
    assert.notEqual(update.code, 0);
    assert.match(update.stderr, /NO_PUBKEY|not signed|Missing key/);
  });

  it('refuses a consumer that is not bound and a certificate of another CA, and explains it', async () => {
    using unbound = await registerConsumer(site, 'web-02');
    const release = '/pulp/repos/acme/deb/dists/stable/InRelease';
    const reasons = [
      [unbound.file, /the consumer "web-02" is not bound to "acme-deb"/],
      [inOneFile(site, 'stranger.pem', site.stranger), /its issuer CN=Other CA is not among/],
    ] as const;
    for (const [file, reason] of reasons) {
      using host = aptHost(await clientFiles(site, place, file));
      const update = await host.apt('update');
      assert.notEqual(update.code, 0);
      assert.match(update.stderr, /403 +Forbidden/);
      const { stdout } = await explain(site, release, file);
      assert.match(stdout.toString(), reason);
      assert.match(stdout.toString(), /The client sees 403\./);
    }
  });
});

async function createDebRepository({ api, clientCa }: RepositorySite): Promise<void> {
  await api.ok('POST', '/v2/repositories/', {
    ...{ id: place.repository, display_name: 'Acme for Debian' },
    notes: { '_repo-type': 'deb-repo' },
    ...{ importer_type_id: 'deb_importer', importer_config: {} },
    distributors: [
      {
        distributor_id: place.distributor,
        distributor_type_id: place.distributor,
        auto_publish: false,
        distributor_config: {
          ...{ relative_url: 'acme/deb', http: false, https: true },
          ...{ architectures: ['amd64'], auth_ca: clientCa.certificate },
        },
      },
    ],
  });
}
