/** What nobody means well, at every place of every route, from their declarations. */

import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import supertest from 'supertest';
import type { Route } from '../../src/api/route.ts';
import type { Reply } from './client.ts';
import type { GivenApi } from './contract.ts';
import { admin } from './running-api.ts';
import { sampleOf, withValueAt } from './samples.ts';

const operators = [{ $ne: null }, { $gt: '' }, { $regex: '.*' }, [{ $ne: null }]];

/** By the front's word: many calls, and no password to verify for each. */
const asAdmin = { as: undefined, headers: { 'X-Remote-User': admin.login } };

/** Names that no login and no role has, and that no path leads to. */
const names = [
  ...['a:b', 'a/b', '../x', '.', '..', 'a\0b', 'a\nb', 'ü', '%', '', ' '],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'x'.repeat(10_000)],
];

export function testHostileInput(given: () => GivenApi): void {
  const reading = (): readonly Route[] => given().api.routes.filter(({ body }) => body);

  it('T56 api takes no operator in place of a value, at any place of any body', async () => {
    const { client } = given();
    let places = 0;
    for (const { method, path, body: schema } of reading()) {
      if (schema === undefined) continue;
      const sample = sampleOf(schema);
      for (const place of sample.places) {
        for (const operator of operators) {
          const body = withValueAt(sample.body, place, operator);
          const refused = await client.call(method, fill(path), { ...asAdmin, body });
          const what = `${method} ${path} ${place.join('.')} ${JSON.stringify(operator)}`;
          assert.equal(refused.status, 400, `${what}: ${refused.text}`);
          checkShape(refused);
        }
        places += 1;
      }
    }
    assert.ok(places >= 40, String(places));
  });

  it('T56 api takes no operator in a query, in a path, or in the name of a user', async () => {
    const { client, api } = given();
    const text = '{"$ne":null}';
    const encoded = encodeURIComponent(text);
    for (const { method, path, query, answer } of api.routes) {
      if (answer.status === 501) continue;
      for (const name of Object.keys(query)) {
        const reply = await client.call(method, `${fill(path)}?${name}=${encoded}`);
        // As a text it is one that nothing has; as the name of a field, none.
        const { body } = reply;
        const found = Array.isArray(body) ? body : (body?.entries ?? body?.usage ?? body);
        if (reply.status === 200 && name !== 'field') assert.deepEqual(found, [], reply.text);
        else assert.ok([200, 400, 404].includes(reply.status), `${path} ${name} ${reply.text}`);
        const bracketed = await client.call(method, `${fill(path)}?${name}[$ne]=`);
        assert.ok(bracketed.status < 500, bracketed.text);
      }
      if (path.includes('{') && method !== 'POST' && method !== 'PUT') {
        const target = path.replaceAll(/\{\+?\w+\}/g, encoded);
        assert.equal((await client.call(method, target)).status, 404, target);
      }
    }
    for (const login of [text, '$ne', '[object Object]']) {
      const as = { login, password: text };
      await client.refused(401, 'PLP0030', 'GET', '/v2/users/', { as });
    }
  });

  it('T63 api does nothing that a page of another site has a browser ask for', async () => {
    const { client, api } = given();
    const { port } = api.server.address() as AddressInfo;
    const own = `127.0.0.1:${port}`;
    const others: readonly Readonly<Record<string, string>>[] = [
      ...['cross-site', 'same-site', 'same-origin, cross-site', ''].map((site) => ({
        'Sec-Fetch-Site': site,
      })),
      ...['null', 'https://evil.example', `https://${own}.evil.example`, `http://${own}0`, ''].map(
        (origin) => ({ Origin: origin }),
      ),
      { 'Sec-Fetch-Site': 'cross-site', Origin: `https://${own}` },
    ];
    const harmless: readonly Readonly<Record<string, string>>[] = [
      { 'Sec-Fetch-Site': 'none' },
      { 'Sec-Fetch-Site': 'same-origin' },
      { Origin: `https://${own}` },
    ];
    for (const { method, path, operation } of api.routes) {
      const call = (headers: Readonly<Record<string, string>>) =>
        client.call(method, fill(path), { as: undefined, headers });
      for (const headers of others) {
        const { status, body } = await call(headers);
        if (method === 'GET') assert.equal(status, operation === 'none' ? 200 : 401, path);
        else assert.deepEqual([status, body.error.code], [403, 'CROSS_SITE'], path);
      }
      for (const headers of harmless) assert.notEqual((await call(headers)).status, 403, path);
    }
    const form = { headers: { 'X-Remote-User': admin.login, 'Sec-Fetch-Site': 'cross-site' } };
    const body = { login: 'planted' };
    await client.refused(403, 'CROSS_SITE', 'POST', '/v2/users/', { as: undefined, ...form, body });
    await client.refused(404, 'PLP0009', 'GET', '/v2/users/planted/');
  });

  it('T57 api keeps its ground whatever the texts of a body are', async () => {
    const { client } = given();
    for (const { method, path, body: schema } of reading()) {
      if (schema === undefined) continue;
      const sample = sampleOf(schema);
      for (const place of sample.texts) {
        for (const name of names) {
          const body = withValueAt(sample.body, place, name);
          const reply = await client.call(method, fill(path), { ...asAdmin, body });
          assert.ok(reply.status < 500, `${method} ${path} ${place.join('.')}: ${reply.text}`);
          if (reply.status >= 400) checkShape(reply);
        }
      }
    }
    assert.equal(({} as Record<string, unknown>).x, undefined);
    const users = (await client.ok(200, 'GET', '/v2/users/')) as { login: string }[];
    const made = users.map(({ login }) => login).filter((login) => login !== admin.login);
    assert.deepEqual(new Set(made).difference(new Set(['x'])), new Set());
    const roles = (await client.ok(200, 'GET', '/v2/roles/')) as { id: string }[];
    const ids = new Set(roles.map(({ id }) => id));
    assert.deepEqual(ids.difference(new Set(['x', 'super-users'])), new Set());
  });

  it('T57 api knows nothing by a name that is none, in any path', async () => {
    const { client, api } = given();
    for (const { method, path, body: schema, answer } of api.routes) {
      if (!path.includes('{') || answer.status === 501) continue;
      const body = schema && sampleOf(schema).body;
      for (const name of names) {
        const target = fill(path.replace(/\{\+?\w+\}/, encodeURIComponent(name)));
        const reply = await client.call(method, target, { ...asAdmin, ...(schema && { body }) });
        // Without the name it is another path, or one with a slash too many.
        const expected = name === '' ? [200, 202, 301, 400, 403, 404, 405] : [400, 404];
        assert.ok(
          expected.includes(reply.status),
          `${reply.status} ${method} ${target.slice(0, 99)}`,
        );
      }
    }
  });

  it('api refuses a body that is too deep, no UTF-8 or names __proto__, at every route', async () => {
    const { server } = given().api;
    const bodies = [
      ['PLP1009', '['.repeat(1024 * 1024)],
      ['PLP1009', `{"a":${'{"a":'.repeat(200_000)}`],
      ['PLP1009', ''],
      ['PLP0019', Buffer.from('{"x": "\xff"}', 'latin1')],
      ['PLP1015', '"text"'],
      ['PLP0017', '{"__proto__": {"isSuperUser": true}}'],
    ] as const;
    for (const { method, path, isBodyOptional } of reading()) {
      for (const [code, body] of bodies) {
        if (body === '' && isBodyOptional) continue;
        const agent = supertest(server);
        const verb = method.toLowerCase() as 'post' | 'put';
        const reply = await agent[verb](`/pulp/api${fill(path)}`)
          .auth(admin.login, admin.password)
          .set('Content-Type', 'application/json')
          .serialize((sent) => sent as never)
          .send(body as never);
        assert.deepEqual([reply.status, reply.body.error?.code], [400, code], `${method} ${path}`);
      }
    }
  });
}

function fill(path: string): string {
  return path.replaceAll(/\{\+?\w+\}/g, 'x');
}

/** What pulp-admin reads of each refusal. */
function checkShape({ body, status }: Reply): void {
  assert.equal(body.http_status, status);
  assert.ok(typeof body.error_message === 'string' && typeof body.error.code === 'string');
  if (status === 404) assert.equal(typeof body.resources, 'object');
  if (status === 401) assert.equal(typeof body.auth_error_code, 'string');
}
