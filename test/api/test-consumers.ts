/** Consumers by the API: registered, changed, renewed, deleted, and what they may do themselves. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventsMax } from '../../src/consumers/documents.ts';
import { ConsumerHistory } from '../../src/consumers/history.ts';
import { issueCertificate } from '../../src/identity/issue-certificate.ts';
import { readCertificateName } from '../../src/people/certificate-name.ts';
import { addRepository, registerConsumer, showing } from './consumer-fixture.ts';
import type { GivenApi } from './contract.ts';
import { withCertificate } from './running-api.ts';

const one = (id: string): string => `/v2/consumers/${id}/`;

export function testConsumers(given: () => GivenApi): void {
  it('api registers a consumer, with its key and certificate in the answer alone', async () => {
    const { client } = given();
    const body = { id: 'web-01', description: 'A host', notes: { place: 'here' }, rsa_pub: 'key' };
    const reply = await client.call('POST', '/v2/consumers/', { body });
    assert.equal(reply.status, 201, reply.text);
    const { consumer, certificate } = reply.body;
    assert.equal(reply.headers.location, consumer._href);
    assert.deepEqual(
      [consumer.id, consumer.display_name, consumer.notes, consumer.rsa_pub, consumer.capabilities],
      ['web-01', 'web-01', { place: 'here' }, 'key', {}],
    );
    assert.match(certificate, /^-----BEGIN PRIVATE KEY-----.+-----BEGIN CERTIFICATE-----/s);
    assert.deepEqual(await client.ok(200, 'GET', one('web-01')), consumer);
    await client.refused(409, 'PLP0018', 'POST', '/v2/consumers/', { body });
    for (const id of ['search', 'binding', 'a:b', 'a b', 'ü', '..', 'x'.repeat(256)]) {
      await client.refused(400, 'PLP0015', 'POST', '/v2/consumers/', { body: { id } });
    }
    await registerConsumer(client, 'x'.repeat(255));
    await client.refused(400, 'PLP0016', 'POST', '/v2/consumers/', { body: {} });
  });

  it('api lists, searches, changes and deletes consumers', async () => {
    const { client, api } = given();
    await addRepository(api, 'listed', 'listed');
    await registerConsumer(client, 'list-1', { notes: { a: '1', b: '2' } });
    await bind(given(), 'list-1', 'listed');
    const all = (await client.ok(200, 'GET', '/v2/consumers/?details=true')) as Shown[];
    const shown = all.find(({ id }) => id === 'list-1');
    assert.deepEqual(
      shown?.bindings?.map(({ repo_id }) => repo_id),
      ['listed'],
    );
    const criteria = { filters: { id: 'list-1', 'notes.a': '1' } };
    const found = (await client.ok(200, 'POST', '/v2/consumers/search/', {
      body: { criteria, bindings: true },
    })) as Shown[];
    assert.deepEqual(found, [shown]);
    await client.ok(200, 'GET', '/v2/consumers/search/?limit=1');
    const delta = { display_name: 'The first', notes: { a: null, c: '3' }, description: null };
    const changed = (await client.ok(200, 'PUT', one('list-1'), { body: { delta } })) as Shown;
    assert.deepEqual([changed.display_name, changed.notes], ['The first', { b: '2', c: '3' }]);
    await client.refused(400, 'PLP0017', 'PUT', one('list-1'), { body: { delta: { id: 'x' } } });
    await client.ok(200, 'DELETE', one('list-1'));
    await client.refused(404, 'PLP0009', 'DELETE', one('list-1'));
    await client.refused(404, 'PLP0009', 'GET', one('list-1'));
    await client.refused(404, 'PLP0009', 'PUT', one('list-1'), { body: { delta } });
    const rest = await client.ok(200, 'POST', '/v2/consumers/binding/search/', {
      body: { criteria: { filters: { consumer_id: 'list-1' } } },
    });
    assert.deepEqual(rest, []);
  });

  it('api lets a consumer read and change its own record, and nothing of anybody else', async () => {
    const { client, api } = given();
    const { as } = await registerConsumer(client, 'own-1');
    await registerConsumer(client, 'own-2');
    const shown = (await client.ok(200, 'GET', one('own-1'), as)) as Shown;
    assert.equal(shown.id, 'own-1');
    const body = { delta: { display_name: 'Mine', notes: { n: '1' }, description: 'd' } };
    const changed = (await client.ok(200, 'PUT', one('own-1'), { ...as, body })) as Shown;
    assert.equal(changed.display_name, 'Mine');
    const refused = await client.refused(401, 'PLP0026', 'GET', one('own-2'), as);
    assert.deepEqual(refused.error.data, { user: 'consumer:own-1', operation: 'READ' });
    assert.equal(refused.auth_error_code, 'permission_denied');
    // Whatever is declared, of whatever is not its own.
    for (const { method, path, operation } of api.routes) {
      if (operation === 'none') continue;
      const target = path.replaceAll(/\{\+?\w+\}/g, 'own-2');
      await client.refused(401, 'PLP0026', method, target, { ...as, body: '{}' });
    }
    await client.refused(401, 'PLP0026', 'DELETE', one('own-1'), as);
    await client.refused(401, 'PLP0026', 'GET', `${one('own-1')}history/`, as);
  });

  it('T19d T54 api takes no consumer for a user, and no user for a consumer, whatever their names', async () => {
    const { client, api } = given();
    const user = await client.user('twin');
    const consumer = await registerConsumer(client, 'twin');
    const login = (await client.ok(200, 'POST', '/v2/actions/login/', { as: user })) as {
      readonly certificate: string;
    };
    const session = { as: undefined, headers: withCertificate(login.certificate) };
    await client.ok(200, 'GET', '/v2/users/twin/', session);
    await client.refused(401, 'PLP0026', 'GET', one('twin'), session);
    await client.refused(401, 'PLP0026', 'GET', '/v2/users/twin/', consumer.as);
    await client.refused(401, 'PLP0026', 'POST', '/v2/actions/login/', consumer.as);
    // The serial number of a session in place of a consumer's, and the record of another consumer.
    const { sessionAuthority: authority } = api.parts;
    const { _id } = (await client.ok(200, 'GET', one('twin'))) as { _id: { $oid: string } };
    const forged = [
      { kind: 'consumer', id: 'twin', record: _id.$oid },
      { kind: 'consumer', id: 'twin', record: '0'.repeat(24) },
      { kind: 'consumer', id: 'nobody', record: _id.$oid },
      { kind: 'user', login: 'twin', id: _id.$oid },
    ] as const;
    for (const holder of forged) {
      const { certificate } = await authority.issue(holder, 60);
      const shows = { as: undefined, headers: withCertificate(certificate) };
      await client.refused(401, 'PLP0027', 'GET', one('twin'), shows);
    }
    const name = '2.5.4.3';
    const foreign = issueCertificate({
      kind: 'authority',
      subject: [{ oid: name, value: 'twin' }],
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 60_000),
    });
    const shows = { as: undefined, headers: withCertificate(foreign.certificate) };
    await client.refused(401, 'PLP0027', 'GET', one('twin'), shows);
  });

  it('api ends what a consumer could do when it is deleted, registered anew, or denied', async () => {
    const { client, api } = given();
    const first = await registerConsumer(client, 'again');
    await client.ok(200, 'DELETE', one('again'));
    await client.refused(401, 'PLP0027', 'GET', one('again'), first.as);
    const second = await registerConsumer(client, 'again');
    await client.refused(401, 'PLP0027', 'GET', one('again'), first.as);
    await client.ok(200, 'GET', one('again'), second.as);
    const certificate = second.pem.slice(second.pem.indexOf('-----BEGIN CERTIFICATE-----'));
    const written = readCertificateName({ certificate });
    assert.ok(!('problem' in written));
    await api.parts.people.denied.add(written, { reason: 'stolen', by: 'admin' });
    await client.refused(401, 'PLP0027', 'GET', one('again'), second.as);
  });

  it('api renews the certificate of a consumer, by itself too, and ends the others on demand', async () => {
    const { client } = given();
    const { as } = await registerConsumer(client, 'renewed');
    const path = `${one('renewed')}actions/renew_certificate/`;
    const renewed = (await client.ok(200, 'POST', path, as)) as { readonly certificate: string };
    const { as: newer } = showing(renewed.certificate);
    await client.ok(200, 'GET', one('renewed'), newer);
    await client.ok(200, 'GET', one('renewed'), as);
    const last = (await client.ok(200, 'POST', path, {
      ...newer,
      body: { end_others: true },
    })) as typeof renewed;
    await client.refused(401, 'PLP0027', 'GET', one('renewed'), as);
    await client.refused(401, 'PLP0027', 'GET', one('renewed'), newer);
    const shown = (await client.ok(200, 'GET', one('renewed'), showing(last.certificate).as)) as {
      readonly certificates: readonly unknown[];
    };
    assert.equal(shown.certificates.length, 1);
    for (let index = 0; index < 9; index += 1) await client.ok(200, 'POST', path);
    const full = (await client.ok(200, 'GET', one('renewed'))) as typeof shown;
    assert.equal(full.certificates.length, 8);
    await client.refused(404, 'PLP0009', 'POST', `${one('nobody')}actions/renew_certificate/`);
  });

  it('api tells what happened to a consumer, bounded', async () => {
    const { client, api } = given();
    await addRepository(api, 'told', 'told');
    const { as } = await registerConsumer(client, 'told');
    await bind(given(), 'told', 'told');
    await client.ok(200, 'DELETE', `${one('told')}bindings/told/yum_distributor/`, as);
    const path = `${one('told')}history/`;
    const types = async (query: string): Promise<unknown[]> =>
      ((await client.ok(200, 'GET', `${path}?${query}`)) as Shown[]).map(({ type }) => type);
    const all = ['consumer_registered', 'repo_bound', 'repo_unbound'];
    assert.deepEqual((await types('sort=ascending')).toSorted(), all);
    assert.deepEqual(await types('event_type=repo_bound'), ['repo_bound']);
    assert.deepEqual((await types('limit=1')).length, 1);
    assert.deepEqual(await types('end_date=2020-01-01'), []);
    assert.equal((await types('start_date=2020-01-01T00:00:00Z')).length, 3);
    await client.refused(400, 'PLP0015', 'GET', `${path}?limit=0&sort=up&start_date=x`);
    await client.refused(404, 'PLP0009', 'GET', `${one('nobody')}history/`);
    const consumer = await api.parts.store.get('consumers', 'told');
    assert.ok(consumer !== undefined);
    const history = new ConsumerHistory(api.parts.store, () => new Date());
    const event = { consumer_id: 'told', record: consumer.record ?? null, details: {} };
    const old = Array.from({ length: eventsMax }, () => ({
      ...{ ...event, type: 'repo_bound', originator: 'x', timestamp: new Date(0) },
    }));
    await api.parts.store.insertMany('consumer_history', old);
    await history.record(consumer as never, 'repo_unbound', 'x');
    const kept = await history.of(consumer as never);
    assert.equal(kept.length, eventsMax);
    assert.equal(kept.filter(({ originator }) => originator !== 'x').length, 3);
  });
}

interface Shown {
  readonly id: string;
  readonly type: string;
  readonly display_name: string;
  readonly notes: object;
  readonly bindings?: readonly { readonly repo_id: string }[];
}

async function bind({ client }: GivenApi, consumer: string, repository: string): Promise<void> {
  await client.ok(200, 'POST', `${one(consumer)}bindings/`, {
    body: { repo_id: repository, distributor_id: 'yum_distributor', notify_agent: false },
  });
}
