/** The keys of an issuer at a URL: an endpoint that hangs, lies, is enormous or away (T55, T60, T97). */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { errors } from 'jose';
import { plugin } from '../../../auth-plugins/jwt/index.ts';
import { keySetBytesMax } from '../../../auth-plugins/jwt/key-set.ts';
import {
  freshSeconds,
  issuerLimits,
  pauseSeconds,
  RemoteKeys,
  staleSecondsMax,
} from '../../../auth-plugins/jwt/remote-keys.ts';
import { createHttpClient } from '../../../src/outbound/http-client.ts';
import { testAuthorizer } from '../../contracts/authorizer.ts';
import { accessRequest, evidence } from '../../support/evidence.ts';
import { testServices } from '../../support/services.ts';
import { issuedAt, issuer, makeKey, makeToken } from './token-fixture.ts';

const [first, second] = await Promise.all([makeKey('first'), makeKey('second')]);
const setOf = (...keys: readonly { readonly jwk: object }[]) =>
  JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });

interface Endpoint extends AsyncDisposable {
  readonly url: string;
  /** How often it was asked. */
  asked: number;
  answer: RequestListener;
}

async function startEndpoint(text = setOf(first)): Promise<Endpoint> {
  const server = createServer((request, response) => {
    endpoint.asked += 1;
    endpoint.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint: Endpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    asked: 0,
    answer: (_, response) => void response.end(text),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return endpoint;
}

/** Keys whose clock stands still until it is set. */
function keysAt({ url }: Endpoint, secondsMax = 10) {
  const clock = { seconds: 0 };
  const services = testServices('/');
  const client = createHttpClient({ url, limits: { ...issuerLimits, secondsMax } });
  const monotonicNow = () => clock.seconds * 1000;
  const keys = new RemoteKeys({ url, client, log: services.log, monotonicNow });
  const header = (kid: string) => ({ alg: 'ES256', kid });
  const find = async (kid: string) => {
    await keys.find(header(kid), { payload: '', signature: '' });
  };
  return { client, clock, find, lines: services.lines };
}

const unavailable: RequestListener = (_, response) => void response.writeHead(503).end();

describe('RemoteKeys', () => {
  it('asks once for many that want to know, and then not while the keys are fresh', async () => {
    await using endpoint = await startEndpoint();
    const { clock, find } = keysAt(endpoint);
    await Promise.all(Array.from({ length: 20 }, () => find('first')));
    assert.equal(endpoint.asked, 1);
    clock.seconds = freshSeconds - 0.001;
    await find('first');
    assert.equal(endpoint.asked, 1);
    clock.seconds = freshSeconds;
    await find('first');
    assert.equal(endpoint.asked, 2);
  });

  it('finds a new key at once, and forgets one that was taken out when the keys are not fresh', async () => {
    await using endpoint = await startEndpoint();
    const { clock, find } = keysAt(endpoint);
    await find('first');
    endpoint.answer = (_, response) => void response.end(setOf(second));
    clock.seconds = pauseSeconds;
    await find('second');
    await assert.rejects(find('first'), errors.JWKSNoMatchingKey);
    assert.equal(endpoint.asked, 2);
  });

  it('T55 is not made to ask more than once in a pause by keys that do not exist', async () => {
    await using endpoint = await startEndpoint();
    const { clock, find } = keysAt(endpoint);
    for (let index = 0; index < 50; index += 1) {
      await assert.rejects(find(`none${index}`), errors.JWKSNoMatchingKey);
    }
    assert.equal(endpoint.asked, 1);
    clock.seconds = pauseSeconds - 0.001;
    await assert.rejects(find('none'), errors.JWKSNoMatchingKey);
    assert.equal(endpoint.asked, 1);
    clock.seconds = pauseSeconds;
    await assert.rejects(find('none'), errors.JWKSNoMatchingKey);
    assert.equal(endpoint.asked, 2);
  });

  it('T60 goes on with the keys that it knows for staleSecondsMax, and then fails', async () => {
    await using endpoint = await startEndpoint();
    const { clock, find, lines } = keysAt(endpoint);
    await find('first');
    endpoint.answer = unavailable;
    clock.seconds = freshSeconds;
    await find('first');
    assert.equal(endpoint.asked, 2);
    assert.match(lines.join(''), /"reason":"it answered with the status 503"/);
    await find('first');
    assert.equal(endpoint.asked, 2);
    // Whether such a key is new cannot be told: a denial could be wrong.
    await assert.rejects(find('second'), /\/jwks cannot be read: it answered with the status 503$/);
    clock.seconds = staleSecondsMax - 0.001;
    await find('first');
    clock.seconds = staleSecondsMax;
    await assert.rejects(find('first'), /cannot be read: it answered with the status 503$/);
    endpoint.answer = (_, response) => void response.end(setOf(first));
    clock.seconds += pauseSeconds;
    await find('first');
  });

  it('T60 fails at once where nothing is known, and asks again after the pause', async () => {
    await using endpoint = await startEndpoint();
    endpoint.answer = unavailable;
    const { clock, find } = keysAt(endpoint);
    await assert.rejects(find('first'), /cannot be read/);
    endpoint.answer = (_, response) => void response.end(setOf(first));
    clock.seconds = pauseSeconds - 0.001;
    await assert.rejects(find('first'), /cannot be read/);
    assert.equal(endpoint.asked, 1);
    clock.seconds = pauseSeconds;
    await find('first');
  });

  const lies: readonly (readonly [what: string, answer: RequestListener, reason: RegExp])[] = [
    [
      'redirects',
      (_, response) => void response.writeHead(302, { Location: '/x' }).end(),
      /it redirects to "\/x", which is not followed/,
    ],
    ['finds nothing', (_, response) => void response.writeHead(404).end(), /status 404$/],
    ['has nothing to say', (_, response) => void response.writeHead(204).end(), /status 204$/],
    ['sends a page', (_, response) => void response.end('<html>'), /it is not JSON$/],
    ['sends no keys', (_, response) => void response.end('{"keys":[]}'), /it holds no public key$/],
    [
      'gives its secrets away',
      (_, response) => void response.end('{"keys":[{"kty":"oct","k":"x"}]}'),
      /private or secret key/,
    ],
    ['is no text', (_, response) => void response.end(Buffer.of(0xff, 0xfe)), /./],
    [
      'breaks off',
      (_, response) => {
        response.writeHead(200, { 'Content-Length': 1000 }).write('{');
        setImmediate(() => response.destroy());
      },
      /./,
    ],
    ['hangs', () => {}, /it did not answer within 0\.5 s$/],
    [
      'hangs in the middle',
      (_, response) => void response.write('{'),
      /it did not answer within 0\.5 s$/,
    ],
    [
      'is enormous',
      (_, response) => {
        const send = (): void => {
          while (!response.destroyed && response.write(' '.repeat(65_536)));
        };
        response.on('drain', send);
        send();
      },
      /its answer is over 262144 bytes$/,
    ],
    [
      'sends a bomb',
      (_, response) => {
        const bomb = gzipSync(Buffer.alloc(100_000_000, 0x20));
        response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb);
      },
      /its answer is encoded \(gzip\), which was not asked for$/,
    ],
  ];
  for (const [what, answer, reason] of lies) {
    it(`T60 fails when the endpoint ${what}`, async () => {
      await using endpoint = await startEndpoint();
      endpoint.answer = answer;
      const { find } = keysAt(endpoint, what.startsWith('hangs') ? 0.5 : undefined);
      await assert.rejects(find('first'), reason);
      assert.equal(endpoint.asked, 1);
    });
  }

  it('takes an answer at the limit of its length, and not one byte longer', async () => {
    await using endpoint = await startEndpoint();
    const text = setOf(first);
    for (const [length, isTaken] of [
      [keySetBytesMax, true],
      [keySetBytesMax + 1, false],
    ] as const) {
      endpoint.answer = (_, response) => void response.end(text.padEnd(length));
      const { find } = keysAt(endpoint);
      if (isTaken) await find('first');
      else await assert.rejects(find('first'), /over 262144 bytes/);
    }
  });

  it('fails when nobody listens, and ends a question when it is closed', async () => {
    const gone = await startEndpoint();
    await gone[Symbol.asyncDispose]();
    await assert.rejects(keysAt(gone).find('first'), /cannot be read: connect ECONNREFUSED/);
    await using endpoint = await startEndpoint();
    const asked = Promise.withResolvers<void>();
    endpoint.answer = () => asked.resolve();
    const { client, find } = keysAt(endpoint);
    const failed = assert.rejects(find('first'), /cannot be read/);
    await asked.promise;
    client[Symbol.dispose]();
    await failed;
  });
});

const required = { issuer, audience: 'portcullis', algorithms: ['ES256'] };

// Nobody listens at the discard port of this host: whoever needs a key finds out that there is none.
testAuthorizer({
  plugin,
  options: () => ({ ...required, jwksUrl: 'https://127.0.0.1:9/jwks' }),
  services: () => testServices('/'),
});

describe('jwt with a jwksUrl', () => {
  const create = async (endpoint: Endpoint) => {
    const options = plugin.parseOptions({ ...required, jwksUrl: endpoint.url });
    return plugin.create(
      options,
      testServices('/', () => issuedAt),
    );
  };
  const requestWith = (bearer: string) => accessRequest({ evidence: evidence({ bearer }) });
  const signal = new AbortController().signal;

  it('starts without the issuer, lets in with its keys, and asks nothing for what is no token', async () => {
    await using endpoint = await startEndpoint();
    const authorizer = await create(endpoint);
    const denied = await authorizer.authorize(requestWith('a.b.c'), signal);
    assert.equal(denied.outcome, 'deny');
    assert.equal(endpoint.asked, 0);
    const allowed = await authorizer.authorize(requestWith(await makeToken(first)), signal);
    assert.equal(allowed.outcome, 'allow');
    await authorizer.close?.();
  });

  it('T60 is a fault, and neither a denial nor an allow, when the keys cannot be had', async () => {
    await using endpoint = await startEndpoint();
    endpoint.answer = unavailable;
    const authorizer = await create(endpoint);
    const bearer = await makeToken(first);
    await assert.rejects(
      Promise.try(() => authorizer.authorize(requestWith(bearer), signal)),
      /the keys at http:\/\/127\.0\.0\.1:\d+\/jwks cannot be read: it answered with the status 503/,
    );
  });

  it('gives up waiting when its signal is aborted, and leaves the question to the others', async () => {
    await using endpoint = await startEndpoint();
    const asked = Promise.withResolvers<() => void>();
    endpoint.answer = (_, response) => asked.resolve(() => response.end(setOf(first)));
    const authorizer = await create(endpoint);
    const bearer = await makeToken(first);
    const controller = new AbortController();
    const impatient = Promise.try(() =>
      authorizer.authorize(requestWith(bearer), controller.signal),
    );
    const patient = Promise.try(() => authorizer.authorize(requestWith(bearer), signal));
    const answer = await asked.promise;
    controller.abort(new Error('the time limit'));
    await assert.rejects(impatient, /the time limit/);
    answer();
    assert.equal((await patient).outcome, 'allow');
    assert.equal(endpoint.asked, 1);
  });
});
