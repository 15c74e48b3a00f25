/** What holds for every route, from its declaration: nobody comes past the check. */

import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import type { ApiParts } from '../../src/api/parts.ts';
import { type Route, route } from '../../src/api/route.ts';
import { PortcullisError } from '../../src/errors.ts';
import { sendHttp } from '../support/http-client.ts';
import { Client, type Method } from './client.ts';
import type { GivenApi } from './contract.ts';

function pathOf({ path }: Route): string {
  return path.replaceAll(/\{\+?\w+\}/g, 'some-name');
}

export function testMatrix(given: () => GivenApi): void {
  testFaultsOfAll(given);

  const routes = (): readonly Route[] => given().api.routes;
  it('api routes are more than a few, and each asks for an operation or is for everybody', () => {
    assert.ok(routes().length >= 25);
    const open = routes().filter(({ operation }) => operation === 'none');
    assert.deepEqual(
      open.map(({ path }) => path),
      ['/v2/status/', '/v2/openapi/'],
    );
  });

  it('api routes ask for the operation of their method, but for those that Pulp has otherwise', () => {
    const usual = { GET: 'READ', POST: 'CREATE', PUT: 'UPDATE', DELETE: 'DELETE' };
    const others = routes()
      .filter(({ method, operation }) => operation !== 'none' && operation !== usual[method])
      .map(({ method, path, operation }) => `${method} ${path} ${operation}`);
    assert.deepEqual(others.sort(), [
      'POST /v2/access/explain/ EXECUTE',
      'POST /v2/access/preview/ EXECUTE',
      'POST /v2/actions/login/ READ',
      'POST /v2/actions/logout/ READ',
      'POST /v2/consumer_groups/search/ READ',
      'POST /v2/consumer_groups/{group}/actions/associate/ EXECUTE',
      'POST /v2/consumer_groups/{group}/actions/unassociate/ EXECUTE',
      'POST /v2/consumers/binding/search/ READ',
      'POST /v2/consumers/content/applicability/ READ',
      'POST /v2/consumers/profile/search/ READ',
      'POST /v2/consumers/search/ READ',
      'POST /v2/consumers/{consumer}/actions/renew_certificate/ UPDATE',
      'POST /v2/content/actions/delete_orphans/ DELETE',
      'POST /v2/content/sources/action/refresh/ UPDATE',
      'POST /v2/content/sources/{source}/action/refresh/ UPDATE',
      'POST /v2/content/units/{type}/search/ READ',
      'POST /v2/denied_certificates/search/ READ',
      'POST /v2/distributors/search/ READ',
      'POST /v2/importers/search/ READ',
      'POST /v2/permissions/actions/grant_to_role/ EXECUTE',
      'POST /v2/permissions/actions/grant_to_user/ EXECUTE',
      'POST /v2/permissions/actions/revoke_from_role/ EXECUTE',
      'POST /v2/permissions/actions/revoke_from_user/ EXECUTE',
      'POST /v2/repo_groups/search/ READ',
      'POST /v2/repo_groups/{group}/actions/associate/ EXECUTE',
      'POST /v2/repo_groups/{group}/actions/publish/ EXECUTE',
      'POST /v2/repo_groups/{group}/actions/unassociate/ EXECUTE',
      'POST /v2/repositories/search/ READ',
      'POST /v2/repositories/{repository}/actions/associate/ UPDATE',
      'POST /v2/repositories/{repository}/actions/download/ EXECUTE',
      'POST /v2/repositories/{repository}/actions/import_upload/ UPDATE',
      'POST /v2/repositories/{repository}/actions/publish/ EXECUTE',
      'POST /v2/repositories/{repository}/actions/rollback/ EXECUTE',
      'POST /v2/repositories/{repository}/actions/sync/ EXECUTE',
      'POST /v2/repositories/{repository}/actions/unassociate/ UPDATE',
      'POST /v2/repositories/{repository}/search/units/ READ',
      'POST /v2/roles/{role}/users/ UPDATE',
      'POST /v2/tasks/search/ READ',
      'POST /v2/tokens/actions/identify/ READ',
      'POST /v2/tokens/search/ READ',
      'POST /v2/tokens/{token}/actions/revoke/ EXECUTE',
      'POST /v2/tokens/{token}/actions/rotate/ EXECUTE',
      'POST /v2/users/search/ READ',
    ]);
  });

  it('api route does not compile without an operation', () => {
    // @ts-expect-error: there is no operation.
    route({ method: 'GET', path: '/v2/x/', summary: '', answer: { status: 204 }, handle: never });
  });

  it('api refuses nobody, and somebody without permissions, at every route', async () => {
    const { client } = given();
    const as = await client.user('powerless');
    const own = ['/v2/actions/login/', '/v2/actions/logout/', '/v2/users/powerless/'];
    await client.ok(200, 'POST', '/v2/permissions/actions/revoke_from_user/', {
      body: { login: 'powerless', resource: own[0], operations: ['READ'] },
    });
    await client.ok(200, 'POST', '/v2/permissions/actions/revoke_from_user/', {
      body: { login: 'powerless', resource: own[1], operations: ['READ'] },
    });
    for (const declared of routes()) {
      if (declared.operation === 'none') continue;
      const path = pathOf(declared);
      const method: Method = declared.method;
      // What they send is not looked at before.
      const body = 'no JSON';
      await client.refused(401, 'PLP0025', method, path, { as: undefined, body });
      const refused = await client.refused(401, 'PLP0026', method, path, { as, body });
      assert.deepEqual(refused.error.data, { user: 'powerless', operation: declared.operation });
    }
  });

  it('api refuses a body that is none at every route that reads one', async () => {
    const { client } = given();
    const reading = routes().filter(({ body }) => body !== undefined);
    assert.ok(reading.length >= 10);
    for (const declared of reading) {
      const { method } = declared;
      await client.refused(400, 'PLP1009', method, pathOf(declared), { body: '{' });
      await client.refused(400, 'PLP1015', method, pathOf(declared), { body: '[]' });
    }
  });
}

/** Faults that come before a route has anything to say, so that they are the same for all. */
function testFaultsOfAll(given: () => GivenApi): void {
  const away = () => Promise.reject(new PortcullisError('STORE_UNAVAILABLE', 'it is away'));
  const faults: readonly (readonly [status: number, replace: () => Partial<ApiParts>])[] = [
    [429, () => ({ attempts: { begin: () => ({ retryAfterSeconds: 5 }) } as never })],
    [400, () => ({ readEvidence: twice })],
    [500, () => ({ passwords: { verify: () => Promise.reject(new Error('a defect')) } as never })],
    [503, () => ({ people: { ...given().api.parts.people, users: { byLogin: away } as never } })],
  ];
  for (const [status, replace] of faults) {
    it(`api answers ${status} at every route that asks who calls`, async () => {
      await using api = await given().start({ replace: replace() });
      const client = new Client(api);
      for (const declared of api.routes) {
        if (declared.operation === 'none') continue;
        const reply = await client.call(declared.method, pathOf(declared));
        assert.equal(reply.status, status);
        assert.equal(reply.body.http_status, status);
      }
    });
  }

  it('api answers 413 at every route that reads a body, whether its length is told or not', async () => {
    await using api = await given().start({ replace: { limits: { bytesMax: 10, depthMax: 5 } } });
    const body = '"longer than it may be"';
    for (const declared of api.routes) {
      if (declared.body === undefined) continue;
      const { method } = declared;
      await new Client(api).refused(413, 'BODY_TOO_LARGE', method, pathOf(declared), { body });
    }
    const { port } = api.server.address() as AddressInfo;
    const head = `POST /pulp/api/v2/users/ HTTP/1.1\r\nHost: x\r\nX-Remote-User: admin\r\n`;
    const chunked = `${head}Transfer-Encoding: chunked\r\n\r\nff\r\n${'a'.repeat(255)}\r\n`;
    const answer = await sendHttp({ host: '127.0.0.1', port }, chunked);
    assert.equal(answer.status, 413);
  });
}

const twice = (): never => {
  throw new PortcullisError('BAD_REQUEST', 'a header came twice');
};

const never = (): never => {
  throw new Error('nobody calls it');
};
