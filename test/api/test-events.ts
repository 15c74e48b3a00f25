/** The events of section 4.4 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventListenersMax } from '../../src/repositories/events.ts';
import type { GivenApi } from './contract.ts';

const path = '/v2/events/';
const url = 'https://hooks.example/pulp';

export function testEvents(given: () => GivenApi): void {
  // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
  const make = async (body: object): Promise<any> => given().client.ok(201, 'POST', path, { body });

  it('api makes, shows, changes and removes a listener, and never tells its password', async () => {
    const { client, api } = given();
    const notifier_config = { url, username: 'u', password: 'secret of ours' };
    const body = { notifier_type_id: 'http', notifier_config, event_types: ['repo.sync.start'] };
    const reply = await client.call('POST', path, { body });
    const made = reply.body;
    assert.deepEqual([reply.status, reply.headers.location], [201, made._href]);
    assert.deepEqual(made, {
      _id: { $oid: made.id },
      id: made.id,
      notifier_type_id: 'http',
      notifier_config: { url, username: 'u', password: '*****' },
      event_types: ['repo.sync.start'],
      _href: `/pulp/api${path}${made.id}/`,
    });
    const own = `${path}${made.id}/`;
    assert.deepEqual(await client.ok(200, 'GET', own), made);
    assert.deepEqual(await client.ok(200, 'GET', path), [made]);

    // What was shown comes back: what stands for the password is none.
    const shown = { notifier_config: { ...made.notifier_config, username: null } };
    const changed = await client.ok(200, 'PUT', own, { body: { ...shown, event_types: ['*'] } });
    assert.deepEqual(changed, {
      ...made,
      notifier_config: { url, password: '*****' },
      event_types: ['*'],
    });
    const kept = await api.parts.store.get('event_listeners', made.id);
    assert.deepEqual(kept?.notifier_config, { url, password: 'secret of ours' });

    assert.equal(await client.ok(200, 'DELETE', own), null);
    for (const method of ['GET', 'DELETE'] as const) {
      const refused = await client.refused(404, 'PLP0009', method, own);
      assert.deepEqual(refused.resources, { event_listener: made.id });
    }
    await client.refused(404, 'PLP0009', 'PUT', own, { body: {} });
  });

  it('T89 api keeps a password for the server that it was given for alone', async () => {
    const { client, api } = given();
    const notifier_config = { url, username: 'u', password: 'secret of ours' };
    const made = await make({ notifier_type_id: 'http', notifier_config, event_types: ['*'] });
    const own = `${path}${made.id}/`;
    const kept = async () =>
      (await api.parts.store.get('event_listeners', made.id))?.notifier_config;
    const near = { url: `${url}/other` };
    await client.ok(200, 'PUT', own, { body: { notifier_config: near } });
    assert.deepEqual(await kept(), { ...notifier_config, ...near });
    const away = { url: 'https://elsewhere.example/pulp' };
    const body = { notifier_config: { ...away, password: '*****' } };
    await client.ok(200, 'PUT', own, { body });
    assert.deepEqual(await kept(), away);
  });

  it('api takes a listener that writes into the log, and needs no configuration for it', async () => {
    const made = await make({ notifier_type_id: 'log', event_types: ['*', '*'] });
    assert.deepEqual([made.notifier_config, made.event_types], [{}, ['*']]);
  });

  it('api refuses listeners that nobody could tell anything', async () => {
    const { client } = given();
    const http = { notifier_type_id: 'http', notifier_config: { url }, event_types: ['*'] };
    for (const [property, code, body] of [
      ['notifier_type_id', 'PLP0015', { ...http, notifier_type_id: 'pigeon' }],
      ['event_types.0', 'PLP0015', { ...http, event_types: ['repo.vanish'] }],
      ['event_types', 'PLP0015', { ...http, event_types: [] }],
      ['url', 'PLP0016', { ...http, notifier_config: {} }],
      ['url', 'PLP0016', { ...http, notifier_config: { url: null } }],
      ['url', 'PLP0015', { ...http, notifier_config: { url: 'file:///etc/passwd' } }],
      ['url', 'PLP0015', { ...http, notifier_config: { url: 'https://u:p@hooks.example/' } }],
      ['url', 'PLP0015', { ...http, notifier_config: { url: 5 } }],
      ['url', 'PLP0015', { ...http, notifier_config: { url: `https://x/${'a'.repeat(4096)}` } }],
      ['exchange', 'PLP0017', { ...http, notifier_config: { url, exchange: 'x' } }],
      ['url', 'PLP0017', { ...http, notifier_type_id: 'log' }],
      ['other', 'PLP0017', { ...http, other: 1 }],
    ] as const) {
      const refused = await client.refused(400, code, 'POST', path, { body });
      assert.deepEqual(refused.error.data.property_names, [property], JSON.stringify(body));
    }
    for (const type of ['email', 'amqp']) {
      const body = { ...http, notifier_type_id: type };
      const refused = await client.refused(501, 'PLP0014', 'POST', path, { body });
      assert.equal(refused.operation_name, `events.${type}`);
    }
  });

  it('api makes two changes of one listener at once, and loses none', async () => {
    const { client } = given();
    const body = { notifier_type_id: 'http', notifier_config: { url }, event_types: ['*'] };
    const { id } = await make(body);
    const changes = [
      { notifier_config: { username: 'u' } },
      { notifier_config: { password: 'p' } },
      { event_types: ['repo.publish.finish'] },
    ];
    await Promise.all(
      changes.map((change) => client.ok(200, 'PUT', `${path}${id}/`, { body: change })),
    );
    const { body: now } = await client.call('GET', `${path}${id}/`);
    assert.deepEqual(now.notifier_config, { url, username: 'u', password: '*****' });
  });

  it(`api takes ${eventListenersMax} listeners and no more`, async () => {
    const { client, api } = given();
    const { store } = api.parts;
    const rest = { notifier_type_id: 'log', notifier_config: {}, event_types: ['*'] };
    const { body: there } = await client.call('GET', path);
    const rows = Array.from({ length: eventListenersMax - there.length - 1 }, () => ({ ...rest }));
    await store.insertMany('event_listeners', rows);
    await make(rest);
    await client.refused(400, 'PLP0015', 'POST', path, { body: rest });
  });
}
