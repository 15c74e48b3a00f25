/** Where things are served, by the settings: what is refused a place there, and what clients are told of it. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createPki } from '../support/pki.ts';
import { Client } from './client.ts';
import { addRepository, registerConsumer } from './consumer-fixture.ts';
import type { GivenApi } from './contract.ts';
import { done, runRepositoryTasks, yumRepository } from './repository-fixture.ts';

const path = '/v2/repositories/';

const places = {
  origin: 'https://packages.example.com',
  prefixes: { repos: '/packages/', isos: '/files/' },
  keyPrefix: '/keys/',
  configured: ['/packages/acme/el9', '/elsewhere/free'],
} as const;

export function testPlaces(given: () => GivenApi): void {
  testConfigured(given);
  testClientConfig(given);
  it('api tells consumers of paths below the prefixes of the settings', async () => {
    await using api = await given().start({ replace: { places } });
    const client = new Client(api);
    await addRepository(api, 'told', 'told/el9');
    await registerConsumer(client, 'told');
    const body = { repo_id: 'told', distributor_id: 'yum_distributor' };
    const bindings = '/v2/consumers/told/bindings/';
    const { body: report } = await client.call('POST', bindings, { body });
    assert.equal(report.result.details.relative_path, '/packages/told/el9');
  });
}

function testConfigured(given: () => GivenApi): void {
  const taken = /is not free: the configuration serves "\/packages\/acme\/el9"/;

  it('T24 api gives no repository a place of the configuration, nor above or below one', async () => {
    await using api = await given().start({ replace: { places } });
    const client = new Client(api);
    for (const relative_url of ['acme/el9', 'acme', 'acme/el9/x86_64']) {
      const body = yumRepository('other', { relative_url });
      const refused = await client.refused(400, 'PLP0015', 'POST', path, { body });
      assert.deepEqual(refused.property_names, ['relative_url']);
      assert.match(refused.error_message, taken);
      assert.equal(await api.parts.store.get('distributions', `repos:${relative_url}`), undefined);
    }
    for (const relative_url of ['acme/el90', 'acme/el', 'Acme/el9', 'free']) {
      const id = relative_url.replace('/', '-');
      await client.ok(201, 'POST', path, { body: yumRepository(id, { relative_url }) });
    }
    const distributor_config = { relative_url: 'acme/el9', http: true, https: true };
    const body = { distributor_type_id: 'yum_distributor', distributor_config };
    await client.refused(400, 'PLP0015', 'POST', `${path}free/distributors/`, { body });
  });

  it('api moves no distributor there, and changes one that is there already', async () => {
    const { start } = given();
    const id = 'moving';
    const own = `${path}${id}/distributors/yum_distributor/`;
    await using api = await start({ replace: { places } });
    const client = new Client(api);
    await client.ok(201, 'POST', path, { body: yumRepository(id, { relative_url: 'moving' }) });
    const moved = { relative_url: 'acme' };
    for (const [at, body] of [
      [own, { distributor_config: moved }],
      [`${path}${id}/`, { distributor_configs: { yum_distributor: moved } }],
    ] as const) {
      const refused = await client.refused(400, 'PLP0015', 'PUT', at, { body });
      assert.match(refused.error_message, taken);
    }
    await using since = await start({
      replace: { store: api.parts.store, places: { ...places, configured: ['/packages/moving'] } },
    });
    await using _ = await runRepositoryTasks({
      ...api,
      parts: { ...api.parts, tasks: since.parts.tasks },
    });
    const later = new Client(since);
    const task = await done(since, later, 'PUT', own, {
      body: { distributor_config: { http: true, relative_url: 'moving' } },
    });
    assert.equal(task.state, 'finished');
  });
}

interface ClientConfig {
  readonly url: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

function testClientConfig(given: () => GivenApi): void {
  it('api writes what configures clients, by the settings and without a secret', async () => {
    await using api = await given().start({ replace: { places } });
    const client = new Client(api);
    using pki = createPki();
    const { certificate: auth_ca } = await pki.authority();
    const body = yumRepository('el9', { relative_url: 'el9', auth_ca, gpgkey: 'THE KEY' });
    await client.ok(201, 'POST', path, { body });
    const own = `${path}el9/distributors/yum_distributor/client_config/`;
    const config = async (query: string): Promise<ClientConfig> =>
      (await client.ok(200, 'GET', `${own}${query}`)) as ClientConfig;
    const { url, files } = await config('?credential=certificate&certificate=/etc/own.pem');
    assert.equal(url, 'https://packages.example.com/packages/el9');
    assert.equal(files[0]?.path, '/etc/yum.repos.d/el9.repo');
    assert.match(
      files[0]?.text ?? '',
      /^baseurl=https:\/\/packages\.example\.com\/packages\/el9\/?$/m,
    );
    assert.match(files[0]?.text ?? '', /^sslclientcert=\/etc\/own\.pem$/m);
    const password = await config('?credential=password&user=ann');
    assert.match(password.files[0]?.text ?? '', /^password=PASSWORD$/m);
    for (const query of [
      '?credential=certificate',
      '?credential=password',
      '?credential=magic',
      '?credential=certificate&certificate=own.pem',
      '?credential=certificate&certificate=/etc/a%0Aenabled=0',
      '?credential=password&user=a%0Ab',
    ]) {
      await client.refused(400, 'PLP0015', 'GET', `${own}${query}`);
    }
    await client.refused(404, 'PLP0009', 'GET', own.replace('el9', 'nothing'));
  });
}
