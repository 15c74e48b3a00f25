/** From a file to a client: uploaded and published by the API, fetched by curl with its manifest. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { run } from '../support/processes.ts';
import { sha256 } from '../support/published.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import {
  bind,
  clientFiles,
  type RegisteredConsumer,
  registerConsumer,
} from './repository-clients.ts';
import {
  type RepositorySite,
  startRepositorySite,
  troubles,
  uploadUnit,
} from './repository-site.ts';

const place = { repository: 'acme-isos', distributor: 'iso_distributor' };
const image = randomBytes(3 * 1024 * 1024 + 17);

describe('an ISO repository, from a file to curl', {
  skip: needs('nginx', 'openssl', 'curl'),
}, () => {
  const stack = new AsyncDisposableStack();
  let site: RepositorySite;
  let bound: RegisteredConsumer;

  before(async () => {
    site = stack.use(await startRepositorySite());
    await createIsoRepository(site);
    const key = { name: 'acme boot%.iso', checksum: sha256(image), size: image.length };
    await uploadUnit(site, place.repository, 'iso', image, key);
    // What the upload began by itself is over before this.
    const path = `/v2/repositories/${place.repository}/actions/publish/`;
    const [task] = await site.api.done('POST', path, { id: place.distributor });
    assert.equal(task.result.result, 'skipped');
    bound = stack.use(await registerConsumer(site, 'web-01'));
    await bind(site, bound, place);
  });
  after(() => stack.disposeAsync());

  it('gives its manifest, and each file with the size and digest that are said there', async () => {
    using directory = temporaryDirectory();
    const [configuration] = await clientFiles(site, place, bound.file);
    const curl = async (...words: readonly string[]) => {
      const { code, stderr } = await run('curl', ['--silent', '--show-error', '--fail', ...words]);
      assert.equal(code, 0, stderr + troubles(site));
    };
    writeFileSync(directory.file('curlrc'), configuration?.text ?? '');
    await curl('--config', directory.file('curlrc'), '--output', directory.file('manifest'));
    const manifest = readFileSync(directory.file('manifest'), 'utf8');
    assert.equal(manifest, `acme boot%.iso,${sha256(image)},${image.length}\n`);
    const url = `${site.url}/pulp/isos/acme/images/acme%20boot%25.iso`;
    const file = directory.file('image.iso');
    const identity = ['--cacert', site.serverCa, '--cert', bound.file];
    await curl(...identity, '--range', '0-999999', '--output', file, url);
    await curl(...identity, '--continue-at', '-', '--output', file, url);
    assert.equal(sha256(readFileSync(file)), sha256(image));
  });

  it('refuses whoever is not bound to it', async () => {
    using unbound = await registerConsumer(site, 'web-02');
    const url = `${site.url}/pulp/isos/acme/images/PULP_MANIFEST`;
    const statusOf = async (...words: readonly string[]): Promise<string> => {
      const shown = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}'];
      const flags = [...shown, '--cacert', site.serverCa];
      return (await run('curl', [...flags, ...words, url])).stdout.toString();
    };
    assert.equal(await statusOf('--cert', bound.file), '200');
    assert.equal(await statusOf('--cert', unbound.file), '403');
    assert.equal(await statusOf(), '403');
    const elsewhere = url.replace('/isos/', '/repos/');
    const { stdout } = await run('curl', [
      ...['--silent', '--output', '/dev/null', '--write-out', '%{http_code}'],
      ...['--cacert', site.serverCa, '--cert', bound.file, elsewhere],
    ]);
    assert.equal(stdout.toString(), '404', 'in the other area nothing is at this place');
  });
});

/** With the body that `pulp-admin iso repo create` sends. */
async function createIsoRepository({ api, clientCa }: RepositorySite): Promise<void> {
  await api.ok('POST', '/v2/repositories/', {
    ...{ id: place.repository, display_name: null, description: null },
    notes: { '_repo-type': 'iso-repo' },
    ...{ importer_type_id: 'iso_importer', importer_config: {} },
    distributors: [
      {
        distributor_id: place.distributor,
        distributor_type_id: place.distributor,
        auto_publish: true,
        distributor_config: {
          ...{ relative_url: 'acme/images', serve_http: false, serve_https: true },
          ssl_auth_ca_cert: clientCa.certificate,
        },
      },
    ],
  });
}
