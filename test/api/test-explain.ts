/** Explaining, the decision log and the usage, which are ours. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { DecisionFields } from '../../src/audit/entry.ts';
import { EntryWriter } from '../../src/audit/entry-writer.ts';
import { CertificateWriter } from '../../src/audit/seen-certificates.ts';
import { UsageWriter } from '../../src/audit/usage-writer.ts';
import { decision, epoch, someFields } from '../audit/decisions.ts';
import { createPki } from '../support/pki.ts';
import { presented } from '../support/stored-people.ts';
import type { GivenApi } from './contract.ts';
import { alicePassword, guarded, open } from './test-play.ts';

const explain = '/v2/access/explain/';
const log = '/v2/access/log/';
const usage = '/v2/access/usage/';

// biome-ignore lint/suspicious/noExplicitAny: what JSON gives, which each test looks at.
type Body = any;

export function testExplain(given: () => GivenApi): void {
  testPlaying(given);
  testGuesses(given);
  testLogged(given);
  testLog(given);
  testUsageRoute(given);
}

function testPlaying(given: () => GivenApi): void {
  const play = async (body: object): Promise<Body> =>
    given().client.ok(200, 'POST', explain, { body });

  it('api explains what a client would get, with the headers that it would see', async () => {
    const allowed = await play({ url: `https://repos.example${open}` });
    assert.deepEqual(
      [allowed.outcome, allowed.status, allowed.distribution, allowed.path, allowed.tree.label],
      ['allow', 200, 'open', open, 'public'],
    );
    assert.equal(allowed.headers['Content-Length'], '7');
    assert.equal(allowed.headers['Cache-Control'], 'private, no-cache');
    const { request } = allowed;
    assert.deepEqual([request.secure, request.password, allowed.logged], [true, 'none', null]);
    const refused = await play({ url: guarded, address: '10.0.0.1', secure: false });
    assert.deepEqual([refused.outcome, refused.status], ['deny', 403]);
    const asked = await play({ url: guarded });
    assert.match(asked.headers['WWW-Authenticate'][0], /^Basic realm=/);
    const missing = await play({ url: '/pulp/repos/none/file' });
    assert.deepEqual([missing.outcome, missing.status, missing.tree], ['not-found', 404, null]);
  });

  it('api explains with a password that is given, and takes one that is not for right', async () => {
    const answers: Body[] = [];
    for (const password of [alicePassword, 'wrong', undefined]) {
      answers.push(await play({ url: guarded, user: 'alice', password }));
    }
    assert.deepEqual(
      answers.map(({ status, request }) => [status, request.password]),
      [
        [200, 'given'],
        [401, 'given'],
        [200, 'assumed'],
      ],
    );
    assert.equal((await play({ url: guarded, user: 'nobody' })).status, 401);
    assert.equal(JSON.stringify(answers).includes(alicePassword), false);
    assert.equal(given().api.log.join('').includes(alicePassword), false);
  });

  it('api reports a certificate that is played, and refuses what is none', async () => {
    using pki = createPki();
    const { certificate } = await pki.authority({ subject: '/CN=reported' });
    const answer = await play({ url: open, certificate });
    assert.equal(answer.certificate.subject, 'CN=reported');
    assert.match(answer.certificate.not_after, /^\d{4}-/);
    const { client } = given();
    for (const [property, body] of [
      ['certificate', { url: open, certificate: 'no PEM' }],
      ['address', { url: open, address: 'here' }],
      ['token', { url: open, token: 'two words' }],
      ['url', { url: open, request_id: 'r' }],
    ] as const) {
      const refused = await client.refused(400, 'PLP0015', 'POST', explain, { body });
      assert.deepEqual(refused.property_names, [property]);
    }
    await client.refused(400, 'PLP0016', 'POST', explain, { body: {} });
  });

  it('api lets explain only whom it was granted to, and look at the log whom that was', async () => {
    const { client } = given();
    const as = await client.user('explainer');
    const body = { url: open };
    await client.refused(401, 'PLP0026', 'POST', explain, { as, body });
    for (const path of [log, usage]) await client.refused(401, 'PLP0026', 'GET', path, { as });
    const grant = (resource: string, operation: string) =>
      client.ok(200, 'POST', '/v2/permissions/actions/grant_to_user/', {
        body: { login: 'explainer', resource, operations: [operation] },
      });
    await grant(explain, 'EXECUTE');
    await client.ok(200, 'POST', explain, { as, body });
    await client.refused(401, 'PLP0026', 'GET', log, { as });
    await grant('/v2/access/', 'READ');
    for (const path of [log, usage]) await client.ok(200, 'GET', path, { as });
  });
}

function testGuesses(given: () => GivenApi): void {
  it('T52 api bounds guesses of passwords by explaining, for who explains and nobody else', async () => {
    const { client } = given();
    const as = await client.user('guesser');
    await client.ok(200, 'POST', '/v2/permissions/actions/grant_to_user/', {
      body: { login: 'guesser', resource: explain, operations: ['EXECUTE'] },
    });
    const guess = async (index: number): Promise<number> => {
      const body = {
        url: guarded,
        user: 'alice',
        password: `${index}`,
        address: `10.0.${index}.1`,
      };
      return ((await client.ok(200, 'POST', explain, { as, body })) as Body).status;
    };
    // All at once: with time, guesses are heard again.
    const statuses = await Promise.all(Array.from({ length: 30 }, (_, index) => guess(index)));
    const heard = statuses.filter((status) => status === 401).length;
    assert.ok(heard >= 10 && heard < statuses.length, statuses.join());
    assert.equal(statuses.filter((status) => status === 429).length, statuses.length - heard);
    const body = { url: guarded, user: 'alice', password: alicePassword };
    assert.equal(((await client.ok(200, 'POST', explain, { body })) as Body).status, 200);
  });
}

async function keep(
  { api }: GivenApi,
  entries: readonly (readonly [at: number, fields: Partial<DecisionFields>])[],
): Promise<void> {
  const writer = new EntryWriter(async () => api.parts.store);
  for (const [at, fields] of entries) writer.add(decision(at, fields));
  await writer.flush();
}

function testLogged(given: () => GivenApi): void {
  it('api explains a request of the log: what was decided then, and what would be now', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const client = presented((await pki.client(ca)).certificate);
    const writer = new CertificateWriter(async () => given().api.parts.store);
    writer.see(client, new Date(epoch));
    await writer.flush(new Date(epoch));
    const certificate = `sha256:${client.fingerprint}`;
    const denied = { outcome: 'deny', status: 401, path: guarded, user: 'alice' } as const;
    await keep(given(), [
      [1, { ...denied, requestId: 'logged', certificate, unlogged: ['password', 'query'] }],
      [2, { ...denied, requestId: 'posted', method: 'POST' }],
    ]);
    const play = async (body: object): Promise<Body> =>
      given().client.ok(200, 'POST', explain, { body });
    const answer = await play({ request_id: 'logged' });
    assert.deepEqual([answer.logged.status, answer.logged.request_id], [401, 'logged']);
    assert.deepEqual([answer.status, answer.request.password], [200, 'assumed']);
    assert.deepEqual(answer.missing, ['password', 'query']);
    assert.equal(answer.certificate.fingerprint, client.fingerprint);
    const whole = await play({ request_id: 'logged', password: 'wrong', query: 'a' });
    assert.deepEqual([whole.status, whole.missing], [401, []]);
    const { client: caller } = given();
    const unknown = { body: { request_id: 'unknown' } };
    await caller.refused(404, 'PLP0009', 'POST', explain, unknown);
    await caller.refused(400, 'PLP0015', 'POST', explain, { body: { request_id: 'posted' } });
    const byFingerprint = await play({ url: open, fingerprint: client.fingerprint });
    assert.equal(byFingerprint.certificate.fingerprint, client.fingerprint);
  });
}

function testLog(given: () => GivenApi): void {
  it('api searches the decision log, a page at a time', async () => {
    const { client } = given();
    const searched = { principal: 'user:searched' };
    await keep(given(), [
      [1000, { ...searched, address: '2001:db8::7' }],
      [2000, { ...searched, outcome: 'fault', status: 503, code: 'CANNOT_DECIDE' }],
      [3000, { ...searched, path: '/pulp/repos/acme/el9/a%20b' }],
    ]);
    const search = async (query: Record<string, string>): Promise<Body> =>
      client.ok(200, 'GET', `${log}?${new URLSearchParams({ ...searched, ...query })}`);
    const idsOf = (page: Body) => page.entries.map((entry: Body) => entry.request_id);
    const all = await search({});
    assert.deepEqual([idsOf(all), all.next, all.lost], [['r-3000', 'r-2000', 'r-1000'], null, 0]);
    assert.deepEqual(
      [all.is_kept, all.entries[0].fingerprint, all.entries[0].secure],
      [true, null, true],
    );
    const first = await search({ limit: '2' });
    assert.deepEqual(idsOf(first), ['r-3000', 'r-2000']);
    assert.deepEqual(idsOf(await search({ limit: '2', after: first.next })), ['r-1000']);
    assert.deepEqual(idsOf(await search({ address: '2001:DB8:0::7' })), ['r-1000']);
    assert.deepEqual(idsOf(await search({ outcome: 'fault', status: '503' })), ['r-2000']);
    assert.deepEqual(idsOf(await search({ path: '/pulp/repos/acme/el9/a%20b/' })), ['r-3000']);
    const from = new Date(epoch + 2000).toISOString();
    assert.deepEqual(idsOf(await search({ from })), ['r-3000', 'r-2000']);
    assert.deepEqual(idsOf(await search({ until: from })), ['r-1000']);
    for (const [name, value] of [
      ...[
        ['outcome', 'maybe'],
        ['status', '99'],
        ['limit', '0'],
        ['limit', '1001'],
        ['from', 'now'],
      ],
      ...[
        ['after', 'x'],
        ['fingerprint', 'ab'],
        ['address', 'here'],
        ['path', '/a/../b'],
      ],
    ] as const) {
      const path = `${log}?${new URLSearchParams({ [name ?? '']: value ?? '' })}`;
      const reply = await client.call('GET', path);
      assert.deepEqual([reply.status, reply.body.property_names], [400, [name]], reply.text);
    }
  });
}

function testUsageRoute(given: () => GivenApi): void {
  it('api tells downloads and bytes by principal, distribution and time', async () => {
    const { client, api } = given();
    const writer = new UsageWriter(async () => api.parts.store);
    for (const distribution of ['one', 'two']) {
      writer.count({ ...someFields, distribution }, new Date(epoch));
    }
    await writer.flush();
    const tell = async (query: readonly (readonly [string, string])[]): Promise<Body> => {
      const range = [
        ['from', '2026-11-21'],
        ['until', '2026-11-21T23:00:00Z'],
      ];
      const search = new URLSearchParams([...range, ...query] as [string, string][]);
      return ((await client.ok(200, 'GET', `${usage}?${search}`)) as Body).usage;
    };
    assert.deepEqual(await tell([['distribution', 'one']]), [
      { time: null, distribution: 'one', principal: 'user:ann', downloads: 1, bytes: 7 },
    ]);
    assert.deepEqual(
      await tell([
        ['by', 'time'],
        ['unit', 'hour'],
      ]),
      [
        {
          time: '2026-11-21T12:00:00.000Z',
          distribution: null,
          principal: null,
          downloads: 2,
          bytes: 14,
        },
      ],
    );
    assert.deepEqual(await tell([['principal', 'nobody']]), []);
    const backwards = await client.call('GET', `${usage}?from=2026-01-02&until=2026-01-01`);
    assert.deepEqual([backwards.status, backwards.body.property_names], [400, ['from']]);
  });
}
