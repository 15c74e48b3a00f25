import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import {
  credentialCharactersMax,
  hypotheticalRequest,
  readHypotheticalRequest,
  tokenCharactersMax,
  urlCharactersMax,
} from '../../src/api/access/hypothetical-request.ts';
import { Failure } from '../../src/api/outcome.ts';

const schema = z.strictObject(hypotheticalRequest);
const seen = 'ab'.repeat(32);

const read = (body: object) =>
  readHypotheticalRequest(schema.parse(body), 'ann', async (fingerprint) =>
    fingerprint === seen ? 'the PEM' : undefined,
  );

describe('readHypotheticalRequest', () => {
  it('readHypotheticalRequest takes each part of a request, and null for none', async () => {
    const nothing = { method: null, certificate: null, user: null, secure: null, query: null };
    assert.deepEqual(await read({ url: '/a', ...nothing }), { target: '/a', guesser: 'ann' });
    const whole = {
      ...{ url: 'https://host/a', query: 'x=1', method: 'HEAD', user: 'u', password: 'p' },
      ...{ remote_user: 'r', address: '10.0.0.1', secure: false, certificate: 'PEM' },
    };
    assert.deepEqual(await read(whole), {
      ...{ target: 'https://host/a?x=1', guesser: 'ann', method: 'HEAD', user: 'u' },
      ...{ password: 'p', remoteUser: 'r', address: '10.0.0.1', secure: false },
      certificatePem: 'PEM',
    });
    assert.deepEqual(await read({ url: '/a', token: 't' }), {
      ...{ target: '/a', guesser: 'ann', bearer: 't' },
    });
  });

  it('readHypotheticalRequest finds a certificate by a fingerprint as openssl prints it', async () => {
    const fingerprint = seen.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:');
    const query = await read({ url: '/a', fingerprint });
    assert.deepEqual(query, { target: '/a', guesser: 'ann', certificatePem: 'the PEM' });
  });

  it('T92 readHypotheticalRequest drops a private key that came with the certificate', async () => {
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    const query = await read({ url: '/a', certificate: `${key}rest` });
    assert.ok(!(query instanceof Failure));
    assert.equal(query.certificatePem, 'rest');
  });

  const wrong: readonly (readonly [property: string, body: object])[] = [
    ['url', { url: 'ftp://host/a' }],
    ['url', { url: 'a/b' }],
    ['query', { url: '/a?x', query: 'y' }],
    ['token', { url: '/a', user: 'u', token: 't' }],
    ['password', { url: '/a', password: 'p' }],
    ['fingerprint', { url: '/a', fingerprint: 'ab' }],
    ['fingerprint', { url: '/a', fingerprint: 'cd'.repeat(32) }],
    ['fingerprint', { url: '/a', fingerprint: seen, certificate: 'PEM' }],
  ];
  for (const [index, [property, body]] of wrong.entries()) {
    it(`readHypotheticalRequest refuses a wrong ${property} (${index})`, async () => {
      const failure = await read(body);
      assert.ok(failure instanceof Failure);
      assert.equal(failure.parts.code, 'PLP0015');
      assert.deepEqual(failure.parts.extra?.property_names, [property]);
    });
  }

  for (const [property, charactersMax] of [
    ['url', urlCharactersMax],
    ['query', urlCharactersMax],
    ['user', credentialCharactersMax],
    ['password', credentialCharactersMax],
    ['remote_user', credentialCharactersMax],
    ['token', tokenCharactersMax],
  ] as const) {
    it(`readHypotheticalRequest takes a ${property} of the longest length, and none longer`, () => {
      for (const [characters, isTaken] of [
        [charactersMax, true],
        [charactersMax + 1, false],
      ] as const) {
        const body = { url: '/a', [property]: '/'.padEnd(characters, 'a') };
        assert.equal(schema.safeParse(body).success, isTaken);
      }
    });
  }
});
