/** Section 2 and 9.9 of the facts about Pulp 2: who calls. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import supertest from 'supertest';
import { readClientCertificate } from '../../src/front/client-certificate.ts';
import type { EvidenceReader } from '../../src/front/evidence.ts';
import { AttemptLimiter } from '../../src/identity/attempt-limiter.ts';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import { openSessionVerifier } from '../../src/identity/session-verifier.ts';
import { silent } from '../identity/session-fixture.ts';
import { createPki } from '../support/pki.ts';
import { Client } from './client.ts';
import type { GivenApi } from './contract.ts';
import { withCertificate } from './running-api.ts';

const login = '/v2/actions/login/';
const logout = '/v2/actions/logout/';

export function testAuthentication(given: () => GivenApi): void {
  testNames(given);
  testSessions(given);
}

function testNames(given: () => GivenApi): void {
  it('api refuses a call without credentials with PLP0025', async () => {
    const body = await given().client.refused(401, 'PLP0025', 'GET', '/v2/users/', {
      as: undefined,
    });
    assert.equal(body.auth_error_code, 'authentication_failed');
    assert.equal(body.error_message, 'Authentication failed.');
  });

  it('api refuses a wrong password, an unknown user and nothing at all alike, with PLP0030', async () => {
    const { client } = given();
    for (const [login, password] of [
      ['admin', 'wrong'],
      ['nobody', 'right horse'],
      ['', ''],
    ] as const) {
      const body = await client.refused(401, 'PLP0030', 'GET', '/v2/users/', {
        as: { login, password },
      });
      assert.equal(body.auth_error_code, 'invalid_username_or_password');
      assert.deepEqual(body.error.data, { user: login });
    }
  });

  it('api refuses malformed Basic with 401, and Digest as nothing', async () => {
    const { client } = given();
    for (const [header, code] of [
      ['Basic', 'PLP0030'],
      ['Basic !!!', 'PLP0030'],
      ['Basic YWRtaW4=', 'PLP0030'],
      ['Digest username="admin"', 'PLP0025'],
    ] as const) {
      const headers = { Authorization: header };
      await client.refused(401, code, 'GET', '/v2/users/', { as: undefined, headers });
    }
  });

  it('api does not let a user in who has no password', async () => {
    const { client } = given();
    await client.ok(201, 'POST', '/v2/users/', { body: { login: 'external', password: null } });
    for (const password of ['', 'null', 'undefined']) {
      const as = { login: 'external', password };
      await client.refused(401, 'PLP0030', 'POST', login, { as });
    }
    const headers = { 'X-Remote-User': 'external' };
    await client.ok(200, 'POST', login, { as: undefined, headers });
  });

  it('api believes a front that authenticates, without a password', async () => {
    const { client } = given();
    const headers = { 'X-Remote-User': 'admin' };
    await client.ok(200, 'GET', '/v2/users/', { as: undefined, headers });
    // It goes before Basic.
    await client.ok(200, 'GET', '/v2/users/', { as: { login: 'admin', password: 'x' }, headers });
    const unknown = { 'X-Remote-User': 'ghost' };
    const body = await client.refused(401, 'PLP0029', 'GET', '/v2/users/', { headers: unknown });
    assert.equal(body.auth_error_code, 'pre_auth_remote_user_missing');
  });

  it('api hears too many wrong passwords with 429, and the right person elsewhere: T52', async () => {
    const limits = { failuresMax: 3, secondsPerFailure: 60 };
    const wide = { failuresMax: 100, secondsPerFailure: 1 };
    const attempts = new AttemptLimiter(
      { userAtNetwork: limits, user: wide, network: wide, entriesMax: 100 },
      () => 0,
    );
    await using api = await given().start({ replace: { attempts } });
    const client = new Client(api);
    const wrong = { login: 'admin', password: 'wrong' };
    for (let tries = 0; tries < 3; tries += 1) {
      await client.refused(401, 'PLP0030', 'POST', login, { as: wrong });
    }
    const { status, headers } = await client.call('POST', login);
    assert.deepEqual([status, headers['retry-after']], [429, '60']);
    const elsewhere = { 'X-Client-Address': '198.51.100.7' };
    await client.ok(200, 'POST', login, { headers: elsewhere });
  });

  it('T52 api says in the log from where a wrong password came, and which call it was', async () => {
    const { client, api } = given();
    const before = api.log.length;
    const headers = { 'X-Client-Address': '203.0.113.9' };
    const as = { login: 'admin', password: 'a wrong secret' };
    const path = '/v2/users/';
    await client.refused(401, 'PLP0030', 'GET', path, { as, headers });
    await client.ok(200, 'GET', path, { headers });
    const twice = { as: undefined, headers: { ...headers, 'X_Client.Address': '192.0.2.1' } };
    await client.call('GET', path, twice);
    const lines = api.log.slice(before).join('');
    assert.doesNotMatch(lines, /wrong secret/);
    const calls = lines
      .split('\n')
      .filter((line) => line.includes('"A call of the API"'))
      .map((line) => JSON.parse(line))
      .map(({ address, method, status, code, user }) => [address, method, status, code, user]);
    assert.deepEqual(calls, [
      ['203.0.113.9', 'GET', 401, 'PLP0030', undefined],
      ['203.0.113.9', 'GET', 200, undefined, 'admin'],
      [undefined, 'GET', 400, 'BAD_REQUEST', undefined],
    ]);
  });

  it('api counts a password once that comes with many calls at once', async () => {
    const { client } = given();
    const calls = Array.from({ length: 30 }, () => client.call('GET', '/v2/roles/'));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    assert.deepEqual(new Set(statuses), new Set([200]));
  });

  it('api refuses a header that comes twice with 400', async () => {
    const { server } = given().api;
    const { status, body } = await supertest(server)
      .get('/pulp/api/v2/users/')
      .set('X_Remote.User', 'x')
      .set('X-Remote-User', 'admin');
    assert.deepEqual([status, body.error.code], [400, 'BAD_REQUEST']);
  });

  it('api hashes a password of Pulp 2 anew at the first login', async () => {
    const { client, api } = given();
    await client.user('old');
    const { users } = api.parts.people;
    const user = await users.byLogin('old');
    assert.ok(user);
    // Of the password `pulp`: base64(salt),base64(digest), with 5000 rounds of HMAC.
    const { createHmac } = await import('node:crypto');
    const salt = Buffer.from('12345678');
    let digest: Buffer = Buffer.from('pulp');
    for (let round = 0; round < 5000; round += 1) {
      digest = createHmac('sha256', digest).update(salt).digest();
    }
    const stored = `${salt.toString('base64')},${digest.toString('base64')}`;
    await users.rehash(user, stored);
    const as = { login: 'old', password: 'pulp' };
    await client.ok(200, 'POST', login, { as });
    assert.match((await users.byLogin('old'))?.password ?? '', /^\$scrypt\$/);
    await client.ok(200, 'POST', login, { as });
  });
}

interface Session {
  readonly key: string;
  readonly certificate: string;
}

function testSessions(given: () => GivenApi): void {
  const open = async (client: Client, options = {}): Promise<Session> =>
    (await client.ok(200, 'POST', login, options)) as Session;
  const by = ({ certificate }: Session) => ({
    as: undefined,
    headers: withCertificate(certificate),
  });

  it('api gives exactly a key and a certificate, and that pair is known at the next call', async () => {
    const { client } = given();
    const session = await open(client, { body: 'ignored' });
    assert.deepEqual(Object.keys(session).sort(), ['certificate', 'key']);
    assert.match(session.key, /^-----BEGIN PRIVATE KEY-----/);
    assert.match(session.certificate, /^-----BEGIN CERTIFICATE-----/);
    await client.ok(200, 'GET', '/v2/users/', by(session));
  });

  it('api lets a session open the next one', async () => {
    const { client } = given();
    const next = await open(client, by(await open(client)));
    await client.ok(200, 'GET', '/v2/users/', by(next));
  });

  it('api takes a wrong password for what it is, with a good certificate beside it', async () => {
    const { client } = given();
    const { headers } = by(await open(client));
    const as = { login: 'admin', password: 'wrong' };
    await client.refused(401, 'PLP0030', 'GET', '/v2/users/', { as, headers });
  });

  it('api ends a session by logout, and that session alone', async () => {
    const { client } = given();
    const [first, second] = [await open(client), await open(client)];
    assert.equal(await client.ok(200, 'POST', logout, by(first)), null);
    const body = await client.refused(401, 'PLP0027', 'GET', '/v2/users/', by(first));
    assert.equal(body.auth_error_code, 'invalid_ssl_certificate');
    await client.ok(200, 'GET', '/v2/users/', by(second));
    await client.ok(200, 'POST', logout);
    await client.refused(401, 'PLP0027', 'GET', '/v2/users/', by(second));
  });

  it('api ends the sessions of a user who is deleted, also when the login is given again', async () => {
    const { client } = given();
    const joe = await client.user('joe');
    const session = await open(client, { as: joe });
    await client.ok(200, 'GET', '/v2/users/joe/', by(session));
    await client.ok(200, 'DELETE', '/v2/users/joe/');
    await client.refused(401, 'PLP0027', 'GET', '/v2/users/joe/', by(session));
    await client.user('joe');
    await client.refused(401, 'PLP0027', 'GET', '/v2/users/joe/', by(session));
  });

  it('api takes no certificate of another CA, of a consumer, expired, or without a record', async () => {
    const { client, api } = given();
    using pki = createPki();
    const { certificateFile, keyFile, parts } = api;
    const admin = await parts.people.users.byLogin('admin');
    assert.ok(admin);
    const holder = { kind: 'user', login: 'admin', id: admin._id } as const;
    const foreign = await pki.client(await pki.authority(), {
      subject: `/CN=admin:admin:${admin._id}`,
    });
    const now = () => new Date();
    const files = { certificateFile, keyFile };
    const authority = await openSessionAuthority(files, { now, log: silent });
    const consumer = { kind: 'consumer', id: 'admin', record: admin._id } as const;
    const others = [
      foreign,
      await authority.issue(consumer, 60),
      await authority.issue(holder, 60),
    ];
    for (const { certificate } of others) {
      const headers = withCertificate(certificate);
      await client.refused(401, 'PLP0027', 'GET', '/v2/users/', { as: undefined, headers });
      await client.refused(401, 'PLP0027', 'POST', login, { as: undefined, headers });
    }
    const inAWeek = () => new Date(Date.now() + 8 * 86_400_000);
    const sessionVerifier = await openSessionVerifier(certificateFile, {
      now: inAWeek,
      log: silent,
    });
    const session = await open(client);
    const replace = { people: parts.people, sessionVerifier };
    await using later = await given().start({ replace });
    await new Client(later).refused(401, 'PLP0027', 'GET', '/v2/users/', by(session));
    await new Client(later).refused(401, 'PLP0027', 'POST', login, by(session));
    const headers = { 'X-Client-Certificate': 'nonsense' };
    await client.refused(401, 'PLP0027', 'GET', '/v2/users/', { as: undefined, headers });
    const empty = { 'X-Client-Certificate': '' };
    await client.refused(401, 'PLP0025', 'GET', '/v2/users/', { as: undefined, headers: empty });
  });

  it('T01 api takes no session certificate that the client sent as a text, without a handshake', async () => {
    const { api, client } = given();
    const session = await open(client);
    const certificate = readClientCertificate(session.certificate, 'client');
    const { parts } = api;
    const readEvidence: EvidenceReader = (request) => ({
      ...parts.readEvidence(request),
      certificate,
    });
    const { people, sessionVerifier } = parts;
    await using careless = await given().start({
      replace: { people, sessionVerifier, readEvidence },
    });
    await new Client(careless).refused(401, 'PLP0027', 'GET', '/v2/users/', { as: undefined });
    await client.ok(200, 'GET', '/v2/users/', by(session));
  });

  it('api believes the headers of a front from that front alone', async () => {
    const { createHttpReader } = await import('../../src/front/http-front.ts');
    const headers = {
      clientCertificate: 'X-Client-Certificate',
      clientVerify: undefined,
      clientAddress: undefined,
      scheme: undefined,
      remoteUser: 'X-Remote-User',
    };
    const readEvidence = createHttpReader({ trustedPeers: ['192.0.2.1'], headers });
    await using api = await given().start({ replace: { readEvidence } });
    const { status } = await supertest(api.server)
      .get('/pulp/api/v2/users/')
      .set('X-Remote-User', 'admin');
    assert.equal(status, 401);
  });
}
