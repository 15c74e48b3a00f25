/** Section 4.0 of the facts about Pulp 2: what every call has in common. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import supertest from 'supertest';
import { bodyLimits } from '../../src/api/body.ts';
import { statusesOf } from '../../src/api/route.ts';
import { PortcullisError } from '../../src/errors.ts';
import { Client } from './client.ts';
import type { GivenApi } from './contract.ts';

export function testConventions(given: () => GivenApi): void {
  testPaths(given);
  testBodies(given);
  testFaults(given);
}

function testPaths(given: () => GivenApi): void {
  it('api sends a path without its slash to the one with it', async () => {
    for (const method of ['GET', 'POST'] as const) {
      const { status, headers } = await given().client.call(method, '/v2/tasks/x?tag=a', {});
      assert.deepEqual([status, headers.location], [301, '/pulp/api/v2/tasks/x/?tag=a']);
    }
  });

  it('api merges slashes before it looks at a path, and sends nobody to another host', async () => {
    const { client, api } = given();
    await client.ok(200, 'GET', '//v2///users//');
    const { status, headers } = await supertest(api.server)
      .get('//pulp//api//v2//users')
      .redirects(0);
    assert.deepEqual([status, headers.location], [301, '/pulp/api/v2/users/']);
  });

  it('api answers an unknown path with 404 and null, whoever asks', async () => {
    const paths = [
      '/v2/nothing/',
      '/v2/',
      '/',
      '/v2/users/a/b/',
      '/v2/users/%2e%2e/',
      '/V2/users/',
    ];
    for (const path of [...paths, '/v2/users/a%2Fb/', '/v2/users/%00/', '/v2/users/%ff/']) {
      const { status, text, headers } = await given().client.call('GET', path, { as: undefined });
      assert.deepEqual([status, text], [404, 'null'], path);
      assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    }
  });

  it('api answers a wrong method with 405, Allow and no body', async () => {
    for (const method of ['PUT', 'PATCH', 'OPTIONS'] as const) {
      const { status, text, headers } = await given().client.call(method, '/v2/users/');
      assert.deepEqual([status, text], [405, ''], method);
      assert.equal(headers.allow, 'GET, POST, HEAD');
    }
    // `search` is no login.
    const { status } = await given().client.call('DELETE', '/v2/users/search/');
    assert.equal(status, 405);
  });

  it('api gives each call an id, and lets nobody keep the answer', async () => {
    const { headers } = await given().client.call('GET', '/v2/users/');
    assert.match(headers['x-request-id'] ?? '', /^[\w.-]+$/);
    assert.equal(headers['cache-control'], 'no-store');
    const line = given().api.log.find((text) => text.includes(headers['x-request-id'] ?? '?'));
    assert.match(line ?? '', /"user":"admin"/);
  });

  it('api answers HEAD as GET without a body', async () => {
    const { status, text } = await given().client.call('HEAD', '/v2/users/');
    assert.deepEqual([status, text ?? ''], [200, '']);
  });

  it('api tells everybody its status', async () => {
    assert.deepEqual(await given().client.ok(200, 'GET', '/v2/status/', { as: undefined }), {
      api_version: '2',
      versions: { platform_version: '2.21.5' },
      database_connection: { connected: true },
      messaging_connection: { connected: true },
      known_workers: [],
    });
  });

  it('api tells when each worker of tasks renewed its lease last', async () => {
    const { api, client } = given();
    const { store } = api.parts;
    const renewedAt = '2026-01-02T03:04:05Z';
    const session = { _id: 'a', worker: 'tasks@a', beats: 1, lease: 30_000, renewedAt };
    await store.insert('task_sessions', session);
    const { body } = await client.call('GET', '/v2/status/', { as: undefined });
    await store.remove('task_sessions', session._id);
    assert.deepEqual(body.known_workers, [
      { _id: 'tasks@a', last_heartbeat: renewedAt, _ns: 'workers' },
    ]);
  });

  it('api serves an OpenAPI document of all of its routes', async () => {
    const { client, api } = given();
    const { body } = await client.call('GET', '/v2/openapi/', { as: undefined });
    assert.equal(body.openapi, '3.1.0');
    for (const route of api.routes) {
      const path = route.path.replaceAll('{+', '{');
      const described = body.paths[`/pulp/api${path}`][route.method.toLowerCase()];
      assert.equal(described['x-portcullis-operation'], route.operation);
      const statuses = [...statusesOf(route.answer), ...route.refusals, 500, 503].map(String);
      assert.deepEqual(Object.keys(described.responses).sort(), statuses.sort());
      const names = described.parameters.map(({ name }: { name: string }) => name);
      assert.deepEqual(names.length, new Set(names).size);
      for (const [, name] of path.matchAll(/\{(\w+)\}/g)) assert.ok(names.includes(name), name);
    }
    const ids = Object.values(body.paths).flatMap((path) =>
      Object.values(path as object).map(({ operationId }) => operationId),
    );
    assert.equal(new Set(ids).size, api.routes.length);
    assert.doesNotMatch(JSON.stringify(body), /undefined|\[object/);
  });
}

function testBodies(given: () => GivenApi): void {
  const bodies: readonly (readonly [what: string, code: string, body: string | Buffer])[] = [
    ['nothing', 'PLP1009', ''],
    ['no JSON', 'PLP1009', '{"login": '],
    ['a list', 'PLP1015', '[]'],
    ['a text', 'PLP1015', '"login"'],
    ['null', 'PLP1015', 'null'],
    ['a depth of a megabyte', 'PLP1009', '['.repeat(1024 * 1024)],
    ['objects too deep', 'PLP1009', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
    ['no UTF-8', 'PLP0019', Buffer.from('{"login": "\xff"}', 'latin1')],
    ['__proto__', 'PLP0017', '{"login": "x", "__proto__": {"name": "y"}}'],
    ['__proto__ escaped', 'PLP0017', '{"login": "x", "\\u005f_proto__": {"name": "y"}}'],
    ['a key too many', 'PLP0017', '{"login": "x", "admin": true}'],
    ['a key missing', 'PLP0016', '{"name": "x"}'],
  ];
  for (const [what, code, body] of bodies) {
    it(`api refuses a body of ${what} with ${code}`, async () => {
      const { server } = given().api;
      const reply = await supertest(server)
        .post('/pulp/api/v2/users/')
        .auth('admin', 'right horse')
        .set('Content-Type', 'application/json')
        .serialize((sent) => sent as never)
        .send(body as never);
      assert.deepEqual([reply.status, reply.body.error?.code], [400, code], reply.text);
      assert.equal(reply.body.http_request_method, 'POST');
    });
  }

  it('api takes a body at its limit, and refuses one past it with 413', async () => {
    const fill = (bytes: number) => `{"login": "${'a'.repeat(bytes - 13)}"}`;
    const { client } = given();
    const path = '/v2/users/';
    const { bytesMax } = bodyLimits;
    assert.equal(fill(bytesMax).length, bytesMax);
    await client.refused(400, 'PLP0015', 'POST', path, { body: fill(bytesMax) });
    const body = fill(bytesMax + 1);
    await client.refused(413, 'BODY_TOO_LARGE', 'POST', path, { body });
  });

  it('api refuses operators in values: T56', async () => {
    const { client } = given();
    for (const value of [{ $ne: null }, ['a'], 1, true, null]) {
      await client.refused(400, 'PLP0015', 'POST', '/v2/users/', { body: { login: value } });
      const body = { login: 'fine', name: value, password: value };
      if (value !== null) await client.refused(400, 'PLP0015', 'POST', '/v2/users/', { body });
    }
  });
}

function testFaults(given: () => GivenApi): void {
  it('api answers 500 to a defect and tells the client nothing of it', async () => {
    const passwords = { verify: () => Promise.reject(new Error('secret of ours')) } as never;
    await using api = await given().start({ replace: { passwords } });
    const { status, body, text } = await new Client(api).call('GET', '/v2/users/');
    assert.equal(status, 500);
    assert.deepEqual(
      [body.http_status, body.error_message, body.exception, body.traceback, body.error],
      [500, 'Internal Server Error', null, null, undefined],
    );
    assert.doesNotMatch(text, /secret/);
    assert.ok(api.log.some((line) => line.includes('secret of ours')));
  });

  it('api answers 503 while the store is away', async () => {
    const away = () => Promise.reject(new PortcullisError('STORE_UNAVAILABLE', 'a file of ours'));
    const users = { byLogin: away } as never;
    const store = { ping: away } as never;
    const people = { ...given().api.parts.people, users };
    await using api = await given().start({ replace: { people, store } });
    const client = new Client(api);
    const { status, body, text } = await client.call('GET', '/v2/users/');
    assert.deepEqual([status, body.error.code], [503, 'STORE_UNAVAILABLE']);
    assert.doesNotMatch(text, /a file of ours/);
    const { body: told } = await client.call('GET', '/v2/status/', { as: undefined });
    assert.deepEqual(told.database_connection, { connected: false });
  });
}
