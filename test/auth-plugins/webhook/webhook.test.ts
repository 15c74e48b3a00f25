import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { plugin } from '../../../auth-plugins/webhook/index.ts';
import { questionBytesMax } from '../../../auth-plugins/webhook/question.ts';
import { testAuthorizer } from '../../contracts/authorizer.ts';
import { testServices } from '../../support/services.ts';
import { openWebhook, type Service, startService } from './service.ts';

let service: Service;

before(async () => {
  service = await startService();
});
after(() => service[Symbol.asyncDispose]());

const sends =
  (status: number, type: string, body: string | Buffer): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': type }).end(body);
const json = 'application/json';

describe('webhook: what the service answers', () => {
  it('lets in by an allow, as a principal of the service, and remembers what it is told', async () => {
    await using webhook = await openWebhook(service);
    service.say({ allow: true });
    assert.deepEqual(await webhook.decide(), { outcome: 'allow' });
    service.say({ allow: true, principal: 'ann', rememberSeconds: 30, scope: 'distribution' });
    assert.deepEqual(await webhook.decide(), {
      outcome: 'allow',
      principal: { kind: 'plugin', name: `webhook:${service.url} ann`, label: 'ann' },
      remember: { seconds: 30, scope: 'distribution' },
    });
    service.say({ allow: true, rememberSeconds: 30 });
    assert.deepEqual(await webhook.decide(), {
      outcome: 'allow',
      remember: { seconds: 30, scope: 'path' },
    });
    service.say({ allow: true, rememberSeconds: 0, scope: 'distribution' });
    assert.deepEqual(await webhook.decide(), { outcome: 'allow' });
  });

  it('T07 tells principals of two services apart, and shows no key in a query', async () => {
    service.say({ allow: true, principal: 'ann' });
    const url = `${service.url}/decide?key=s3cret`;
    await using webhook = await openWebhook({ url });
    const decision = await webhook.decide();
    assert.ok(decision.outcome === 'allow');
    assert.equal(decision.principal?.name, `webhook:${service.url}/decide ann`);
    assert.equal(service.requests.at(-1)?.request.url, '/decide?key=s3cret');
    service.answer(sends(500, json, '{}'));
    await assert.rejects(webhook.decide(), (error: Error) => !/s3cret/.test(error.message));
  });

  it('T87 refuses with the reason of the service, cut and cleaned for the log', async () => {
    await using webhook = await openWebhook(service);
    const reasonOf = async (answer: object) => {
      service.say({ allow: false, ...answer });
      const decision = await webhook.decide();
      assert.ok(decision.outcome === 'deny');
      return decision.reason.replace(`the service ${service.url} `, '');
    };
    assert.equal(await reasonOf({}), 'refuses');
    assert.equal(await reasonOf({ reason: '' }), 'refuses');
    assert.equal(await reasonOf({ reason: 'not paid' }), 'refuses: "not paid"');
    const hostile = 'a\n{"outcome":"allow"}\u001b[2J\u0000\u202e\u2028b\ud800';
    assert.equal(
      await reasonOf({ reason: hostile }),
      'refuses: "a {\\"outcome\\":\\"allow\\"} [2J b\ufffd"',
    );
    assert.equal(await reasonOf({ reason: 'x'.repeat(256) }), `refuses: "${'x'.repeat(256)}"`);
    assert.equal(await reasonOf({ reason: 'x'.repeat(257) }), `refuses: "${'x'.repeat(256)}…"`);
    service.say({ allow: false, challenge: 'basic', rememberSeconds: 5 });
    assert.deepEqual(await webhook.decide(), {
      outcome: 'deny',
      reason: `the service ${service.url} refuses`,
      challenge: 'basic',
      remember: { seconds: 5, scope: 'path' },
    });
  });

  it('speaks to OPA: a question in input, and a result that is a yes, a no, or an answer', async () => {
    await using webhook = await openWebhook(service, { format: 'opa', breaker: { failures: 100 } });
    const outcomeOf = async (answer: object) => {
      service.say(answer);
      return webhook.decide();
    };
    assert.deepEqual(await outcomeOf({ result: true, decision_id: 'x' }), { outcome: 'allow' });
    const { input, ...others } = await service.told();
    assert.deepEqual(others, {});
    assert.equal((input as { path: string }).path, '/pulp/repos/acme/el9/repodata/repomd.xml');
    const denied = { outcome: 'deny', reason: `the service ${service.url} refuses` };
    assert.deepEqual(await outcomeOf({ result: false }), denied);
    const allow = { allow: true, rememberSeconds: 3 };
    const remember = { seconds: 3, scope: 'path' };
    assert.deepEqual(await outcomeOf({ result: allow }), { outcome: 'allow', remember });
    service.say({});
    await webhook.faults(/its answer has no result: the policy is not defined$/);
    for (const result of [null, 'true', 1, [], ['allow'], {}]) {
      service.say({ result });
      await webhook.faults(/not of the shape that is known here$/);
    }
    service.say({ allow: true });
    await webhook.faults(/has no result/);
  });

  const shape = /its answer is not of the shape that is known here$/;
  const nonsense: readonly (readonly [answer: unknown, reason: RegExp])[] = [
    ...[true, 'allow', 1, null, [], {}, [{ allow: true }]].map(
      (answer) => [answer, shape] as const,
    ),
    ...[
      { allow: 'true' },
      { allow: 1 },
      { allow: null },
      { Allow: true },
      { allowed: true },
      { allow: true, only: ['/x'] },
      { allow: true, reason: 'why?' },
      { allow: true, principal: '' },
      { allow: true, principal: 'x'.repeat(257) },
      { allow: true, principal: 'ann\nbob' },
      { allow: true, principal: 5 },
      { allow: true, rememberSeconds: -1 },
      { allow: true, rememberSeconds: '5' },
      { allow: true, rememberSeconds: 86_401 },
      { allow: true, rememberSeconds: 1, scope: 'all' },
      { allow: false, reason: 5 },
      { allow: false, challenge: 'digest' },
    ].map((answer) => [answer, shape] as const),
  ];
  for (const [answer, reason] of nonsense) {
    it(`T60 is a fault for the answer ${JSON.stringify(answer).slice(0, 60)}`, async () => {
      await using webhook = await openWebhook(service);
      service.say(answer);
      await webhook.faults(reason);
    });
  }

  const allow = '{"allow":true}';
  const failures: readonly (readonly [what: string, answer: RequestListener, reason: RegExp])[] = [
    ['fails', sends(500, json, allow), /it answered with the status 500$/],
    ['forbids', sends(403, json, allow), /it answered with the status 403$/],
    ['has nothing', sends(404, json, allow), /it answered with the status 404$/],
    ['creates', sends(201, json, allow), /it answered with the status 201$/],
    [
      'redirects',
      (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1/' }).end(),
      /it redirects to "http:\/\/127\.0\.0\.1\/", which is not followed/,
    ],
    ['sends a page', sends(200, 'text/html', allow), /its answer is text\/html, and not/],
    ['says no type', (_, response) => response.end(allow), /its answer is of no type, and not/],
    ['sends half', sends(200, json, '{"allow":true'), /its answer is not JSON$/],
    ['sends more', sends(200, json, `${allow}${allow}`), /its answer is not JSON$/],
    ['sends no text', sends(200, json, Buffer.of(0xff)), /its answer is not JSON$/],
    ['sends nothing', sends(200, json, ''), /its answer is not JSON$/],
    ['sends depths', sends(200, json, '['.repeat(60_000)), /its answer is not JSON$/],
    ['is enormous', sends(200, json, allow.padEnd(65_537)), /its answer is over 65536 bytes$/],
    ['hangs', () => {}, /it did not answer within 0\.3 s$/],
    [
      'drips',
      (_, response) => {
        response.writeHead(200, { 'content-type': json });
        const drops = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drops));
      },
      /it did not answer within 0\.3 s$/,
    ],
    ['hangs up', (_, response) => void response.destroy(), /socket hang up|ECONNRESET/],
  ];
  for (const [what, answer, reason] of failures) {
    it(`T60 is a fault, and never an allow, when the service ${what}`, async () => {
      const timeLimitSeconds = /hangs$|drips/.test(what) ? 0.3 : 30;
      await using webhook = await openWebhook(service, { timeLimitSeconds });
      service.answer(answer);
      await webhook.faults(reason);
    });
  }

  it('takes an answer at the limit of its length', async () => {
    await using webhook = await openWebhook(service, { answerBytes: 64 });
    service.answer(sends(200, json, allow.padEnd(64)));
    assert.equal((await webhook.decide()).outcome, 'allow');
    service.answer(sends(200, json, allow.padEnd(65)));
    await webhook.faults(/its answer is over 64 bytes$/);
  });
});

describe('webhook: how the service is asked', () => {
  it('gives the service a rest that failed too often, and lets nobody in meanwhile', async () => {
    const breaker = { failures: 2, restSeconds: 3600 };
    await using webhook = await openWebhook(service, { breaker });
    service.say({ allow: 'nonsense' });
    await webhook.faults(/not of the shape/);
    await webhook.faults(/not of the shape/);
    service.say({ allow: true });
    const asked = service.requests.length;
    await webhook.faults(/cannot be gone by: it has failed too often and is given a rest$/);
    assert.equal(service.requests.length, asked);
  });

  it('asks again after the rest', async () => {
    const breaker = { failures: 1, restSeconds: 0.1 };
    await using webhook = await openWebhook(service, { breaker });
    service.answer(sends(500, json, allow()));
    await webhook.faults(/status 500$/);
    service.say({ allow: true });
    for (;;) {
      const decision = await webhook.decide().catch((error: Error) => error.message);
      if (typeof decision !== 'string') break;
      assert.match(decision, /is given a rest$/);
    }
  });

  it('has no more questions at once than it may', async () => {
    await using webhook = await openWebhook(service, { connections: 1, pending: 2 });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    service.answer((request, response) => {
      void released.then(() => sends(200, json, allow())(request, response));
    });
    const asked = [webhook.decide(), webhook.decide()];
    await webhook.faults(/cannot be gone by: 2 questions to it run or wait already$/);
    release();
    for (const decision of await Promise.all(asked)) assert.equal(decision.outcome, 'allow');
  });

  it('ends its question when its signal is aborted, and when it is closed', async () => {
    const hangs = () => {
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      const { promise: asking, resolve: isAsked } = Promise.withResolvers<void>();
      service.answer((_, response) => {
        response.on('close', resolve);
        isAsked();
      });
      return { closed, asking };
    };
    const webhook = await openWebhook(service, { timeLimitSeconds: 60 });
    const first = hangs();
    const controller = new AbortController();
    const aborted = assert.rejects(webhook.decide({}, controller.signal), /was given up$/);
    await first.asking;
    controller.abort();
    await Promise.all([aborted, first.closed]);
    const second = hangs();
    const given = assert.rejects(webhook.decide(), /was given up$/);
    await second.asking;
    await webhook[Symbol.asyncDispose]();
    await Promise.all([given, second.closed]);
  });
});

const allow = (): string => '{"allow":true}';

// Nobody answers but this service, and it lets nobody in.
const denying = await startService();
denying.say({ allow: false });
after(() => denying[Symbol.asyncDispose]());

testAuthorizer({
  plugin,
  options: () => ({
    url: denying.url,
    send: ['password', 'bearer', 'query'],
    timeLimitSeconds: 30,
  }),
  services: () => testServices('/'),
  cannotJudge: ({ basic, bearer, query, remoteUser }) =>
    [basic?.user, basic?.password, bearer, query, remoteUser].some(
      (part = '') => !part.isWellFormed() || part.length >= questionBytesMax,
    ),
  wrongOptions: [
    { url: '' },
    { url: 5 },
    { url: 'example.com' },
    { url: 'http://example.com/' },
    { url: 'http://localhost.example.com/' },
    { url: 'http://127.0.0.1.example.com/' },
    { url: 'https://user@example.com/' },
    { url: 'https://example.com/#x' },
    { url: 'file:///etc/passwd' },
    ...[
      { format: 'rego' },
      { send: 'password' },
      { send: ['cookie'] },
      { certificates: {} },
      { certificates: { ca: 'x', caPem: 'y' } },
      { certificates: { ca: 'x', crl: 5 } },
      { certificates: { ca: 'x', ocsp: false } },
      { certificates: { ca: 'x', deny: {} } },
      { tls: { certificate: 'x' } },
      { tls: { key: 'x' } },
      { tls: { insecure: true } },
      { timeLimitSeconds: 0.09 },
      { timeLimitSeconds: 61 },
      { answerBytes: 63 },
      { answerBytes: 1_048_577 },
      { connections: 0 },
      { connections: 257 },
      { pending: 0 },
      { pending: 10_001 },
      { breaker: { failures: 0 } },
      { breaker: { failures: 1001 } },
      { breaker: { restSeconds: 0.09 } },
      { breaker: { restSeconds: 3601 } },
      { breaker: false },
    ].map((options) => ({ url: 'https://example.com/', ...options })),
  ],
});
