/** Section 4.0 of the facts about Pulp 2, as far as it is for routes that are still to come. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import Koa from 'koa';
import { z } from 'zod';
import { createApi } from '../../src/api/api.ts';
import { queryBoolean } from '../../src/api/check-input.ts';
import { createDispatcher } from '../../src/api/dispatch.ts';
import { createEnvelope } from '../../src/api/envelope.ts';
import { describeApi } from '../../src/api/openapi.ts';
import { Answer, accepted, ok } from '../../src/api/outcome.ts';
import { one, route } from '../../src/api/route.ts';
import { createUwsgiServer } from '../../src/uwsgi/server.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { Client } from './client.ts';
import { runApi } from './running-api.ts';

const routes = [
  route({
    method: 'POST',
    path: '/v2/things/{thing}/actions/work/',
    operation: 'EXECUTE',
    summary: 'Works',
    body: z.strictObject({ override: z.boolean().optional() }),
    isBodyOptional: true,
    answer: { status: 202, schema: z.object({ spawned_tasks: z.array(z.unknown()) }) },
    handle: async ({ params }) => accepted([params.thing]),
  }),
  route({
    method: 'GET',
    path: '/v2/things/',
    operation: 'READ',
    summary: 'Says what was asked',
    query: { details: one(queryBoolean) },
    answer: { status: 200, schema: z.boolean() },
    handle: async ({ query }) => ok(query.details ?? null),
  }),
];

describe('api foundations', () => {
  it('api answers 202 with a call report, also to an empty body where none is needed', async () => {
    await using given = await serve();
    const path = '/v2/things/x/actions/work/';
    const report = {
      ...{ result: null, error: null },
      spawned_tasks: [{ _href: '/pulp/api/v2/tasks/x/', task_id: 'x' }],
    };
    for (const options of [{}, { body: '' }, { body: {} }, { body: { override: true } }]) {
      assert.deepEqual(await given.client.ok(202, 'POST', path, options), report);
    }
    await given.client.refused(400, 'PLP1009', 'POST', path, { body: ' ' });
    await given.client.refused(400, 'PLP0017', 'POST', path, { body: { other: 1 } });
    const described = JSON.stringify(describeApi(routes));
    assert.match(described, /"requestBody":\{"required":false/);
  });

  it('api reads a boolean of a query: true in any case, and all else is false', async () => {
    await using given = await serve();
    const values = { True: true, true: true, TRUE: true, false: false, '1': false, yes: false };
    for (const [text, value] of Object.entries({ ...values, '': false })) {
      assert.equal(await given.client.ok(200, 'GET', `/v2/things/?details=${text}`), value, text);
    }
    assert.equal(await given.client.ok(200, 'GET', '/v2/things/'), null);
    assert.equal(await given.client.ok(200, 'GET', '/v2/things/?details=x&details=true'), true);
  });

  it('api answers a method that nobody knows over uwsgi with 405, Allow and no body', async () => {
    await using host = await sqliteHost();
    await using api = await runApi(host.settings());
    using directory = temporaryDirectory();
    const socket = { path: directory.file('api.sock') };
    await using server = createUwsgiServer({}, createApi(api.parts));
    await server.listen(socket);
    for (const [method, path, status, body] of [
      ['FOO', '/pulp/api/v2/users/', 405, ''],
      ['foo', '/pulp//api/v2/users/admin/', 405, ''],
      ['FOO', '/pulp/api/v2/nothing/', 404, 'null'],
    ] as const) {
      const variables = getVariables(path, [['REQUEST_METHOD', method]]);
      const answer = await uwsgiRequest(socket, variables);
      assert.deepEqual([answer.status, answer.body.toString()], [status, body], path);
      assert.equal(answer.headers.allow !== undefined, status === 405);
    }
  });

  it('T85 api makes its OpenAPI document once, for all who ask without saying who they are', async () => {
    await using host = await sqliteHost();
    await using api = await runApi(host.settings());
    const document = api.routes.find(({ path }) => path === '/v2/openapi/');
    const call = { params: {}, query: {}, body: undefined, payload: undefined, caller: undefined };
    const [one, other] = [await document?.handle(call), await document?.handle(call)];
    assert.ok(one instanceof Answer && other instanceof Answer);
    assert.equal(one.body, other.body);
  });
});

async function serve(): Promise<AsyncDisposable & { readonly client: Client }> {
  const host = await sqliteHost();
  const api = await runApi(host.settings());
  const application = new Koa();
  application.use(createEnvelope(api.parts));
  application.use(createDispatcher(routes, api.parts));
  const server = createServer(application.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    client: new Client({ ...api, server }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await api[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}
