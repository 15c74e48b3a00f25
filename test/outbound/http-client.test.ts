import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { publicAddresses } from '../../src/outbound/addresses.ts';
import { answerHeadBytesMax } from '../../src/outbound/exchange.ts';
import { createHttpClient, type HttpClientParts } from '../../src/outbound/http-client.ts';
import type { Asked, HttpAnswer, HttpQuestion } from '../../src/plugin.ts';
import { startAnsweringServer } from '../support/answering-server.ts';
import { freePort } from '../support/processes.ts';

const limits = { secondsMax: 30, answerBytesMax: 10_000, connectionsMax: 4, pendingMax: 100 };
const get: HttpQuestion = { method: 'GET' };

function clientOf(url: string, parts: Partial<HttpClientParts> = {}) {
  const client = createHttpClient({ url, limits, ...parts });
  const text = async (question: HttpQuestion = get, signal?: AbortSignal) => {
    const asked = await client.ask(question, textOf, signal);
    return 'value' in asked ? asked.value : `problem: ${asked.problem}`;
  };
  return { client, text, [Symbol.dispose]: () => client[Symbol.dispose]() };
}

function textOf({ body }: HttpAnswer): Asked<string> {
  return { value: Buffer.from(body).toString() };
}

describe('createHttpClient', () => {
  it('gives what was answered, and sends what it is told and nothing else of itself', async () => {
    await using server = await startAnsweringServer();
    server.answer((_, response) => {
      response.writeHead(200, {
        'Content-Type': 'Application/JSON; charset=utf-8',
        'X-A': ['1', '2'],
      });
      response.end('{}');
    });
    using asked = clientOf(`${server.url}/v1/data?x=1`);
    const question = { method: 'POST', body: 'what?', headers: { 'x-b': 'y' } } as const;
    const answer = await asked.client.ask(question, (value) => ({ value }));
    assert.ok('value' in answer);
    assert.equal(answer.value.status, 200);
    assert.equal(answer.value.mediaType, 'application/json');
    assert.equal(answer.value.headers['x-a'], '1, 2');
    const [received] = server.requests;
    assert.equal(received?.request.method, 'POST');
    assert.equal(received?.request.url, '/v1/data?x=1');
    assert.equal(String(await received?.body), 'what?');
    const { host, ...headers } = received?.request.headers ?? {};
    assert.equal(`http://${host}`, server.url);
    assert.deepEqual(headers, {
      ...{ accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'portcullis' },
      ...{ 'content-length': '5', 'x-b': 'y', connection: 'keep-alive' },
    });
  });

  it('keeps its connections, and makes no more than it may', async () => {
    await using server = await startAnsweringServer();
    server.answer((_, response) => setImmediate(() => response.end('yes')));
    using asked = clientOf(server.url, { limits: { ...limits, connectionsMax: 2 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => asked.text()));
    assert.deepEqual(new Set(answers), new Set(['yes']));
    assert.equal(server.connections(), 2);
  });

  it('asks once more when the connection that it kept was just closed', async () => {
    await using server = await startAnsweringServer();
    server.answer((_, response) => response.end('yes'));
    using asked = clientOf(server.url);
    assert.equal(await asked.text(), 'yes');
    let resets = 0;
    server.answer((request, response) => {
      resets += 1;
      if (resets === 1) request.socket.resetAndDestroy();
      else response.end('again');
    });
    assert.equal(await asked.text({ method: 'POST', body: 'x' }), 'again');
    server.answer((request) => request.socket.resetAndDestroy());
    assert.match(await asked.text(), /^problem: .*(?:ECONNRESET|socket hang up)/);
  });

  it('runs or lets wait as many questions as it may, and not one more', async () => {
    await using server = await startAnsweringServer();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    server.answer((_, response) => void released.then(() => response.end('yes')));
    using asked = clientOf(server.url, { limits: { ...limits, connectionsMax: 1, pendingMax: 3 } });
    const three = [asked.text(), asked.text(), asked.text()];
    assert.equal(await asked.text(), 'problem: 3 questions to it run or wait already');
    release();
    assert.deepEqual(await Promise.all(three), ['yes', 'yes', 'yes']);
    assert.equal(await asked.text(), 'yes');
  });

  const failures: readonly (readonly [what: string, answer: RequestListener, problem: RegExp])[] = [
    [
      'fails',
      (_, response) => void response.writeHead(500).end('{}'),
      /it answered with the status 500$/,
    ],
    ['has nothing', (_, response) => void response.writeHead(204).end(), /the status 204$/],
    [
      'redirects',
      (_, response) => void response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
      /it redirects to "http:\/\/169\.254\.169\.254\/", which is not followed; name that URL$/,
    ],
    [
      'compresses',
      (_, response) => void response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
      /its answer is encoded \(br\), which was not asked for$/,
    ],
    ['closes', (_, response) => void response.destroy(), /socket hang up|ECONNRESET/],
    [
      'breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('half', () => response.destroy());
      },
      /aborted|ECONNRESET/,
    ],
    ['talks nonsense', ({ socket }) => void socket.end('nonsense\r\n\r\n'), /Parse Error/],
    [
      'has a head without an end',
      (_, response) => {
        response.writeHead(200, { 'x-long': 'x'.repeat(answerHeadBytesMax) }).end();
      },
      /overflow/i,
    ],
    ['hangs', () => {}, /it did not answer within 0\.3 s$/],
    ['hangs in its answer', (_, response) => void response.write('x'), /within 0\.3 s$/],
    [
      'drips',
      (_, response) => {
        const drops = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(drops));
      },
      /it did not answer within 0\.3 s$/,
    ],
    [
      'never ends',
      (_, response) => {
        const send = (): void => {
          while (!response.destroyed && response.write('x'.repeat(1000)));
        };
        response.on('drain', send);
        send();
      },
      /its answer is over 10000 bytes$/,
    ],
  ];
  for (const [what, answer, problem] of failures) {
    it(`says what is wrong with a server that ${what}`, async () => {
      await using server = await startAnsweringServer();
      server.answer(answer);
      const secondsMax = /hangs|drips/.test(what) ? 0.3 : 30;
      using asked = clientOf(server.url, { limits: { ...limits, secondsMax } });
      assert.match(await asked.text(), problem);
    });
  }

  it('takes an answer at the limit of its length, announced or not, and not one byte longer', async () => {
    await using server = await startAnsweringServer();
    using asked = clientOf(server.url);
    for (const announced of [true, false]) {
      for (const length of [limits.answerBytesMax, limits.answerBytesMax + 1]) {
        server.answer((_, response) => {
          response.writeHead(200, announced ? { 'content-length': length } : {});
          response.end('x'.repeat(length));
        });
        const expected =
          length > limits.answerBytesMax
            ? `problem: its answer is over ${limits.answerBytesMax} bytes`
            : 'x'.repeat(length);
        assert.equal(await asked.text(), expected);
      }
    }
  });

  it('says that nobody listens, also where a name has several addresses', async () => {
    const port = await freePort();
    for (const host of ['127.0.0.1', 'localhost']) {
      using asked = clientOf(`http://${host}:${port}/`);
      assert.match(await asked.text(), /^problem: connect ECONNREFUSED/);
    }
  });

  it('gives a question up with its signal, and ends its connection', async () => {
    await using server = await startAnsweringServer();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const { promise: asking, resolve: isAsked } = Promise.withResolvers<void>();
    server.answer((_, response) => {
      response.on('close', resolve);
      isAsked();
    });
    using asked = clientOf(server.url, { breaker: { failures: 1, restSeconds: 60 } });
    const controller = new AbortController();
    const answer = asked.text(get, controller.signal);
    await asking;
    controller.abort();
    assert.equal(await answer, 'problem: the question was given up');
    await closed;
    server.answer((_, response) => response.end('yes'));
    assert.equal(await asked.text(), 'yes', 'the breaker did not count it');
    assert.match(await asked.text(get, AbortSignal.abort()), /given up$/);
  });

  it('gives up what runs and what waits when it is closed', async () => {
    await using server = await startAnsweringServer();
    server.answer(() => {});
    const asked = clientOf(server.url, { limits: { ...limits, connectionsMax: 1 } });
    const answers = [asked.text(), asked.text()];
    asked[Symbol.dispose]();
    const given = 'problem: the question was given up';
    assert.deepEqual(await Promise.all([...answers, asked.text()]), [given, given, given]);
  });

  it('leaves a server alone that gives useless answers, and finds out when it is well again', async () => {
    await using server = await startAnsweringServer();
    const clock = { now: 0 };
    using asked = clientOf(server.url, {
      breaker: { failures: 2, restSeconds: 10 },
      monotonicNow: () => clock.now,
    });
    server.answer((_, response) => response.end('nonsense'));
    const read = ({ body }: HttpAnswer): Asked<string> =>
      Buffer.from(body).toString() === 'sense' ? { value: 'sense' } : { problem: 'it is nonsense' };
    const ask = () => asked.client.ask(get, read);
    assert.deepEqual(await ask(), { problem: 'it is nonsense' });
    assert.deepEqual(await ask(), { problem: 'it is nonsense' });
    const resting = { problem: 'it has failed too often and is given a rest' };
    assert.deepEqual(await ask(), resting);
    assert.equal(server.requests.length, 2);
    clock.now = 10_000;
    assert.deepEqual(await ask(), { problem: 'it is nonsense' });
    assert.deepEqual(await ask(), resting);
    clock.now = 20_000;
    server.answer((_, response) => response.end('sense'));
    assert.deepEqual(await ask(), { value: 'sense' });
    assert.deepEqual(await ask(), { value: 'sense' });
  });

  it('T88 connects to no address that is not allowed, named or looked up', async () => {
    await using server = await startAnsweringServer();
    server.answer((_, response) => response.end('secret'));
    const { port } = new URL(server.url);
    const isAddressAllowed = publicAddresses([]);
    for (const host of ['127.0.0.1', '2130706433', 'localhost']) {
      using asked = clientOf(`http://${host}:${port}/`, { isAddressAllowed });
      assert.match(
        await asked.text(),
        /^problem: it is at (?:127\.0\.0\.1|::1), which is no public/,
      );
    }
    assert.equal(server.connections(), 0);
    using asked = clientOf(`http://localhost:${port}/`, {
      isAddressAllowed: publicAddresses(['127.0.0.1/32', '::1/128']),
    });
    assert.equal(await asked.text(), 'secret');
  });

  it('T94 has no way for an abort at any moment to end the process', async () => {
    await using server = await startAnsweringServer();
    server.answer((_, response) => {
      response.write('x');
      setImmediate(() => response.end('y'));
    });
    using asked = clientOf(server.url);
    for (let round = 0; round < 50; round += 1) {
      const controller = new AbortController();
      const answer = asked.text(get, controller.signal);
      await sleep(round / 10);
      controller.abort();
      assert.match(await answer, /xy|given up$/);
    }
  });
});
