import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { plugin } from '../../../auth-plugins/jwt/index.ts';
import { subjectCharactersMax } from '../../../auth-plugins/jwt/verify.ts';
import { hashPassword } from '../../../src/identity/bcrypt.ts';
import { testAuthorizer } from '../../contracts/authorizer.ts';
import { basic, startApplication, writeTree } from '../../support/application.ts';
import { testServices } from '../../support/services.ts';
import type { RawAnswer, VariablePairs } from '../../support/uwsgi-client.ts';
import { allows, denies, directory, key, other, required } from './asking.ts';
import { issuedAt, issuedAtSeconds, makeKey, makeToken, writeKeySet } from './token-fixture.ts';

testAuthorizer({
  plugin,
  options: () => required,
  services: () => testServices(directory.path),
  wrongOptions: [
    { ...required, issuer: '' },
    { ...required, issuer: 'a b' },
    { ...required, audience: [] },
    { ...required, algorithms: [] },
    { ...required, algorithms: 'ES256' },
    { ...required, jwksUrl: 'https://login.example.com/jwks' },
    { ...required, jwksFile: undefined },
    { ...required, claims: {} },
    { ...required, claims: { groups: [] } },
    { ...required, claims: { groups: 5 } },
    { ...required, pathsClaim: '' },
    { ...required, leewaySeconds: -1 },
    { ...required, leewaySeconds: 301 },
    { ...required, overPlainHttp: 1 },
  ],
});

describe('jwt', () => {
  it('T07 lets in a token of its issuer, as a principal of the issuer and the subject', async () => {
    assert.deepEqual(await allows({}, { bearer: await makeToken(key) }), {
      outcome: 'allow',
      principal: { kind: 'plugin', name: 'jwt:https://login.example.com/ ann', label: 'ann' },
      remember: { seconds: 60, scope: 'distribution' },
    });
    const several = { audience: ['other', 'portcullis'] };
    await allows(several, { bearer: await makeToken(key, { aud: ['x', 'portcullis'] }) });
  });

  it('T55 takes no other issuer, audience or key, and nothing that lacks a claim', async () => {
    for (const [claims, reason] of [
      [{ iss: 'https://login.example.com' }, /: it is of another issuer$/],
      [{ iss: undefined }, /: it has no "iss"$/],
      [{ aud: 'other' }, /: it is for another audience$/],
      [{ aud: ['other', 'portcullis2'] }, /: it is for another audience$/],
      [{ aud: undefined }, /: it has no "aud"$/],
      [{ exp: undefined }, /: it has no "exp"$/],
      [{ exp: 'tomorrow' }, /: its "exp" is not right$/],
      [{ exp: 1e300 }, /: its "exp" is no time$/],
      [{ sub: undefined }, /: it has no "sub"$/],
      [{ sub: '' }, /: its "sub" is not of 1 to 512 characters$/],
      [{ sub: 5 }, /: its "sub" is not of 1 to 512 characters$/],
      [{ sub: 'x'.repeat(subjectCharactersMax + 1) }, /: its "sub" is not of 1 to 512/],
      [{ sub: 'ann\nbob' }, /: its "sub" has a control character$/],
      [{ nbf: issuedAtSeconds + 60 }, /: it is not valid yet$/],
    ] as const) {
      await denies({}, { bearer: await makeToken(key, claims) }, reason);
    }
    await allows({}, { bearer: await makeToken(key, { sub: 'x'.repeat(subjectCharactersMax) }) });
    await denies(
      {},
      { bearer: await makeToken(other) },
      /^the token is not accepted: its signature is/,
    );
    const stranger = await makeKey('two');
    await denies({}, { bearer: await makeToken(stranger) }, /: no key of the issuer is the one/);
    await denies({}, {}, /^no Bearer token was sent$/);
  });

  it('T55 takes no algorithm that is not listed: not none, and no HMAC with a public key', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [header = '', payload = '', signature = ''] = (await makeToken(key)).split('.');
    const reason = /: it is signed with an algorithm that the rule does not list$/;
    for (const alg of ['none', 'None', 'nOnE', 'HS256', 'HS512', 'ES384', 'RS256', 'dir']) {
      const forged = encode({ alg, kid: 'one' });
      await denies({}, { bearer: `${forged}.${payload}.${signature}` }, reason);
    }
    const jwk = createPublicKey({ key: { ...key.jwk }, format: 'jwk' });
    const text = `${encode({ alg: 'HS256', kid: 'one' })}.${payload}`;
    const hmac = createHmac('sha256', jwk.export({ type: 'spki', format: 'pem' })).update(text);
    await denies({}, { bearer: `${text}.${hmac.digest('base64url')}` }, reason);
    const edwards = await makeKey('one', 'EdDSA');
    await denies({}, { bearer: await makeToken(edwards) }, reason);
    for (const bearer of [
      `${encode({ alg: 'none' })}.${payload}.`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `.${payload}.${signature}`,
      `${header}..${signature}`,
      `${header}.${payload}.${signature}.`,
      `${header}.${payload}.${signature}.x.y`,
      `${encode([])}.${payload}.${signature}`,
      `${header}.${encode([])}.${signature}`,
    ]) {
      await denies({}, { bearer }, /^the token is not accepted: it/);
    }
  });

  it('T55 takes its keys from nowhere but the configured place', async () => {
    for (const header of [
      { jwk: other.jwk },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/x' },
      { kid: '../../one' },
      { kid: '/dev/null' },
      { kid: '__proto__' },
      { crit: ['exp'], exp: true },
    ]) {
      const bearer = await makeToken(other, {}, header as object).catch(() => undefined);
      if (bearer !== undefined) await denies({}, { bearer }, /^the token is not accepted: /);
    }
    const twice = writeKeySet(directory.file('twice.json'), key.jwk, other.jwk);
    const bearer = await makeToken(key);
    await denies({ jwksFile: twice }, { bearer }, /: it does not say with which key of the issuer/);
    const forEncryption = writeKeySet(directory.file('enc.json'), { ...key.jwk, use: 'enc' });
    await denies({ jwksFile: forEncryption }, { bearer }, /: no key of the issuer is the one/);
  });

  it('T55 lets in no token that differs in a character', async () => {
    const bearer = await makeToken(key);
    const character = fc.constantFrom(...'ABCxyz019-_.=');
    await fc.assert(
      fc.asyncProperty(fc.nat(bearer.length - 1), character, async (index, written) => {
        fc.pre(bearer[index] !== written);
        const altered = bearer.slice(0, index) + written + bearer.slice(index + 1);
        // The last character of a part holds bits that no byte needs.
        const isEnd = index === bearer.length - 1 || bearer[index + 1] === '.';
        if (!isEnd) await denies({}, { bearer: altered }, /^the token is not accepted: /);
      }),
      { numRuns: 200 },
    );
  });

  it('holds from nbf to exp, give or take the leeway, and is remembered to exp', async () => {
    const bearer = await makeToken(key, { nbf: issuedAtSeconds, exp: issuedAtSeconds + 100 });
    const at = (seconds: number) => ({
      bearer,
      now: new Date(issuedAt.getTime() + seconds * 1000),
    });
    const rememberedAt = async (seconds: number, options = {}) =>
      (await allows(options, at(seconds))).remember?.seconds;
    await denies({}, at(-11), /: it is not valid yet$/);
    assert.equal(await rememberedAt(-10), 60);
    assert.equal(await rememberedAt(40), 60);
    assert.equal(await rememberedAt(41), 59);
    assert.equal(await rememberedAt(99.5), 0.5);
    assert.equal(await rememberedAt(100), undefined);
    assert.equal(await rememberedAt(109), undefined);
    await denies({}, at(110), /^the token is not accepted: it has expired$/);
    const strict = { leewaySeconds: 0 };
    await denies(strict, at(-1), /: it is not valid yet$/);
    assert.equal(await rememberedAt(0, strict), 60);
    await denies(strict, at(100), /: it has expired$/);
    await allows({ leewaySeconds: 300 }, at(399));
  });

  it('T61 takes no token over plain HTTP, unless it is told to', async () => {
    const asked = { bearer: await makeToken(key), secure: false };
    await denies({}, asked, /^tokens are not taken over plain HTTP$/);
    await allows({ overPlainHttp: true }, asked);
  });

  it('verifies with every algorithm that can be listed', async () => {
    for (const algorithm of ['RS256', 'PS512', 'ES384', 'ES512', 'EdDSA', 'Ed25519']) {
      const made = await makeKey('a', algorithm);
      const jwksFile = writeKeySet(directory.file('one.json'), made.jwk, key.jwk);
      await allows(
        { algorithms: ['ES256', algorithm], jwksFile },
        { bearer: await makeToken(made) },
      );
    }
  });
});

describe('jwt behind a front', () => {
  it('T62 lets in by the header, and writes no token to the log', async () => {
    const root = directory.file('root');
    writeTree(root, { 'secret.txt': 'the secret\n' });
    const access = { jwt: { ...required, jwksFile: directory.file('jwks.json') } };
    await using application = await startApplication({
      distributions: [{ relativeUrl: 'acme', root, access }],
    });
    const exp = Math.floor(Date.now() / 1000) + 600;
    const bearer = await makeToken(key, { exp });
    const forged = await makeToken(other, { exp });
    const get = (values: readonly string[]) => {
      const sent = values.map((value) => ['HTTP_AUTHORIZATION', value] as const);
      return application.get('/pulp/repos/acme/secret.txt', [['HTTPS', 'on'], ...sent]);
    };
    const statusOf = async (...values: readonly string[]) => (await get(values)).status;
    const challengeOf = async (...values: readonly string[]) =>
      (await get(values)).headers['www-authenticate'];
    assert.equal(await statusOf(`Bearer ${bearer}`), 200);
    assert.equal(await statusOf(`Bearer ${bearer}`), 200);
    assert.equal(await statusOf(`Bearer ${forged}`), 401);
    assert.equal(await statusOf(basic('ann', bearer)), 401);
    assert.equal(await statusOf('Bearer'), 400);
    assert.equal(await statusOf(), 401);
    const invalid = 'Bearer realm="Portcullis", error="invalid_token"';
    assert.equal(await challengeOf(`Bearer ${forged}`), invalid);
    assert.equal(await challengeOf(), 'Bearer realm="Portcullis"');
    const log = JSON.stringify(application.log);
    assert.match(log, /jwt:https:\/\/login\.example\.com\/ ann/);
    for (const part of [...bearer.split('.'), ...forged.split('.')]) {
      assert.equal(log.includes(part), false);
    }
  });
  it('is asked for beside a password where either would do, and sends nobody for a lost cause', async () => {
    const root = directory.file('root');
    writeTree(root, { file: 'content' });
    writeFileSync(directory.file('htpasswd'), `ann:${await hashPassword('right', 10)}\n`);
    const jwt = { jwt: { ...required, jwksFile: directory.file('jwks.json') } };
    const password = { password: { file: directory.file('htpasswd') } };
    await using application = await startApplication({
      distributions: Object.entries({
        either: { any: [jwt, password] },
        hopeless: { all: [jwt, { address: { allow: ['203.0.113.0/24'] } }] },
      }).map(([relativeUrl, access]) => ({ relativeUrl, root, access })),
    });
    const get = (name: string, ...more: VariablePairs) =>
      application.get(`/pulp/repos/${name}/file`, [['HTTPS', 'on'], ...more]);
    const either = await get('either');
    assert.equal(either.status, 401);
    assert.deepEqual(fieldsOf(either, 'www-authenticate'), [
      'Basic realm="Portcullis", charset="UTF-8"',
      'Bearer realm="Portcullis"',
    ]);
    const asAnn = ['HTTP_AUTHORIZATION', basic('ann', 'right')] as const;
    assert.equal((await get('either', asAnn)).status, 200);
    assert.equal((await get('hopeless')).status, 403);
  });
});

/** The values of all header fields of this name, in their order. */
function fieldsOf({ bytes }: RawAnswer, name: string): readonly string[] {
  const [head = ''] = bytes.toString('latin1').split('\r\n\r\n', 1);
  const fields = head.split('\r\n').map((line) => /^([^:]+): (.*)$/.exec(line) ?? []);
  return fields.flatMap(([, field, value]) => (field?.toLowerCase() === name ? [value ?? ''] : []));
}
