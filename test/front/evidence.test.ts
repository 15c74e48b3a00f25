/** What the client says of itself, as every listener reads it: T03, T06, T53, T62. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { toPublicError } from '../../src/errors.ts';
import type { EvidenceReader } from '../../src/front/evidence.ts';
import { createHttpReader } from '../../src/front/http-front.ts';
import { createUwsgiReader } from '../../src/front/uwsgi-front.ts';
import { bearerBytesMax } from '../../src/http/basic.ts';
import type { Evidence } from '../../src/model.ts';
import { createUwsgiServer } from '../../src/uwsgi/server.ts';
import { httpGet } from '../support/http-client.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest, type VariablePairs } from '../support/uwsgi-client.ts';

const directory = temporaryDirectory();
const http = { path: directory.file('http.sock') };
const uwsgi = { path: directory.file('uwsgi.sock') };
const wary = { path: directory.file('wary.sock') };
const stack = new AsyncDisposableStack();
const headers = {
  clientCertificate: undefined,
  clientVerify: undefined,
  clientAddress: undefined,
  scheme: undefined,
  remoteUser: undefined,
};

before(async () => {
  stack.use(directory);
  const server = createServer(telling(createHttpReader({ trustedPeers: ['unix'], headers })));
  server.listen(http.path);
  await once(server, 'listening');
  stack.defer(() => void server.close());
  for (const [{ path }, trustRemoteUser] of [
    [uwsgi, true],
    [wary, false],
  ] as const) {
    const listening = createUwsgiServer({}, telling(createUwsgiReader(trustRemoteUser)));
    await listening.listen({ path });
    stack.defer(() => listening.close());
  }
});
after(() => stack.disposeAsync());

/** Answers with the evidence as JSON, or the status of the error. */
function telling(read: EvidenceReader): RequestListener {
  return (request, response) => {
    try {
      response.end(JSON.stringify(read(request)));
    } catch (error) {
      response.writeHead(toPublicError(error).status).end();
    }
  };
}

type Seen = Pick<Evidence, 'basic' | 'bearer' | 'query' | 'remoteUser'> | number;

async function overUwsgi(target: string, more: VariablePairs = [], to = uwsgi): Promise<Seen> {
  const { status, body } = await uwsgiRequest(to, getVariables(target, more));
  return status === 200 ? JSON.parse(body.toString()) : status;
}

/** The evidence that both listeners make of it, which has to be the same. */
async function seen(target: string, authorization: readonly string[] = []): Promise<Seen> {
  const sent = authorization.map((value) => ['Authorization', value] as const);
  const { status, body } = await httpGet(http, target, sent);
  const one: Seen = status === 200 ? JSON.parse(body.toString()) : status;
  const variables = authorization.map((value) => ['HTTP_AUTHORIZATION', value] as const);
  const other = await overUwsgi(target, variables);
  const parts = (evidence: Seen) =>
    typeof evidence === 'number' ? evidence : [evidence.basic, evidence.bearer, evidence.query];
  assert.deepEqual(parts(other), parts(one));
  return one;
}

describe('the evidence', () => {
  test('holds the query byte for byte, and tells none from an empty one', async () => {
    for (const [target, query] of [
      ['/a', undefined],
      ['/a?', ''],
      ['/a?x=1;y=2&x=1', 'x=1;y=2&x=1'],
      ['/a?b?c=%2e%zz+', 'b?c=%2e%zz+'],
    ] as const) {
      const evidence = await seen(target);
      assert.ok(typeof evidence === 'object');
      assert.equal(evidence.query, query, target);
    }
    // Node's own parser refuses such bytes.
    const raw = await overUwsgi('/a?\xff\xc3');
    assert.ok(typeof raw === 'object');
    assert.equal(raw.query, '\xff\xc3');
  });

  test('holds the token of a Bearer header, and then no Basic credentials', async () => {
    const evidence = await seen('/', ['Bearer a.b-c_~+/=']);
    assert.ok(typeof evidence === 'object');
    assert.equal(evidence.bearer, 'a.b-c_~+/=');
    assert.equal(evidence.basic, undefined);
    const basic = await seen('/', ['Basic YTpi']);
    assert.ok(typeof basic === 'object');
    assert.equal(basic.bearer, undefined);
    assert.deepEqual(basic.basic, { user: 'a', password: 'b' });
    const other = await seen('/', ['Negotiate YTpi']);
    assert.ok(typeof other === 'object');
    assert.deepEqual([other.basic, other.bearer], [undefined, undefined]);
  });

  test('T53 is refused whole where a Bearer header is malformed', async () => {
    for (const value of ['Bearer', 'Bearer a b', 'Bearer a,b', 'Bearer "a"', 'Bearer =']) {
      assert.equal(await seen('/', [value]), 400, value);
    }
    const longest = `Bearer ${'x'.repeat(bearerBytesMax)}`;
    assert.equal(typeof (await seen('/', [longest])), 'object');
    assert.equal(await seen('/', [`${longest}x`]), 400);
  });

  test('T03 is refused whole where the header came twice', async () => {
    assert.equal(await seen('/', ['Bearer a', 'Bearer b']), 400);
    assert.equal(await seen('/', ['Bearer a', 'Basic YTpi']), 400);
  });

  test('T06 names a remote user only where the front is trusted with it, and never an empty one', async () => {
    const as = async (user: string, to = uwsgi) => {
      const evidence = await overUwsgi('/', [['REMOTE_USER', user]], to);
      return typeof evidence === 'object' ? evidence.remoteUser : evidence;
    };
    assert.equal(await as('ann'), 'ann');
    assert.equal(await as(''), undefined);
    assert.equal(await as('ann', wary), undefined);
    const header = await overUwsgi('/', [['HTTP_REMOTE_USER', 'ann']]);
    assert.ok(typeof header === 'object');
    assert.equal(header.remoteUser, undefined);
  });
});
