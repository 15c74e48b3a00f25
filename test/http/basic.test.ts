import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bearerBytesMax, credentialBytesMax, parseAuthorization } from '../../src/http/basic.ts';
import { fastestMs } from '../support/timing.ts';

function basic(text: string | Buffer): string {
  return `Basic ${Buffer.from(text as string).toString('base64')}`;
}

describe('parseAuthorization', () => {
  it('tells an absent header from any other', () => {
    assert.deepEqual(parseAuthorization(undefined), { kind: 'none' });
  });

  const valid: readonly (readonly [header: string, user: string, password: string])[] = [
    [basic('alice:open sesame'), 'alice', 'open sesame'],
    ['Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'Aladdin', 'open sesame'],
    ['basic YTpi', 'a', 'b'],
    ['BASIC   YTpi', 'a', 'b'],
    [basic('a:b:c'), 'a', 'b:c'],
    [basic('a:'), 'a', ''],
    [basic(':b'), '', 'b'],
    [basic('test:123£'), 'test', '123£'],
    [basic('__proto__:x'), '__proto__', 'x'],
  ];
  for (const [header, user, password] of valid) {
    it(`reads ${header}`, () => {
      assert.deepEqual(parseAuthorization(header), { kind: 'basic', user, password });
    });
  }

  it('names other schemes without reading on', () => {
    assert.deepEqual(parseAuthorization('Digest'), { kind: 'other', scheme: 'digest' });
    assert.deepEqual(parseAuthorization('Digest x y'), { kind: 'other', scheme: 'digest' });
    assert.deepEqual(parseAuthorization('Bearers x'), { kind: 'other', scheme: 'bearers' });
    assert.deepEqual(parseAuthorization('Basically YTpi'), { kind: 'other', scheme: 'basically' });
  });

  it('reads a Bearer token as it stands', () => {
    for (const credential of ['a', 'eyJhbGciOi.J9._-~+/', 'YQ==']) {
      const read = { kind: 'bearer', credential };
      assert.deepEqual(parseAuthorization(`Bearer ${credential}`), read);
      assert.deepEqual(parseAuthorization(`bEARER   ${credential}`), read);
    }
  });

  const malformed: readonly (readonly [header: string, reason: RegExp])[] = [
    ['', /no authentication scheme/],
    [' ', /no authentication scheme/],
    [':YTpi', /no authentication scheme/],
    ['Basic', /not base64/],
    ['Basic ', /no authentication scheme/],
    ['Basic YTpi YTpi', /not base64/],
    ['Basic YTpi,Basic YTpi', /not base64/],
    ['Basic YTpi, Bearer x', /not base64/],
    ['Basic YTpi=', /not base64/],
    ['Basic YTp', /not base64/],
    ['Basic YTo', /not base64/],
    ['Basic YTp=', /not base64/],
    ['Basic YT-_', /not base64/],
    ['Basic *', /not base64/],
    ['Bearer', /no Bearer token/],
    ['Bearer ', /no authentication scheme/],
    ['Bearer ==', /no Bearer token/],
    ['Bearer a b', /more than one/],
    ['Bearer a, Basic YTpi', /more than one/],
    ['Bearer a=b', /wrong character/],
    ['Bearer "a"', /wrong character/],
    ['Bearer é', /wrong character/],
    [basic('no colon'), /no colon/],
    [basic(Buffer.from('a:\xff', 'latin1')), /not UTF-8/],
    [basic(Buffer.from('a:\xc0\x80', 'latin1')), /not UTF-8/],
    [basic('a:b\0c'), /control character/],
    [basic('a\r\nX: y:b'), /control character/],
    [basic('a:\u0085'), /control character/],
  ];
  for (const [header, reason] of malformed) {
    it(`T53 calls ${JSON.stringify(header)} malformed, never absent`, () => {
      const result = parseAuthorization(header);
      assert.equal(result.kind, 'malformed');
      assert.match(result.kind === 'malformed' ? result.reason : '', reason);
    });
  }

  it('T50 takes user and password at the limit of their length, and neither one byte longer', () => {
    const longest = 'x'.repeat(credentialBytesMax);
    const result = parseAuthorization(basic(`${longest}:${longest}`));
    assert.deepEqual(result, { kind: 'basic', user: longest, password: longest });
    for (const credentials of [`a:${longest}x`, `${longest}x:a`, `a:${'é'.repeat(513)}`]) {
      assert.equal(parseAuthorization(basic(credentials)).kind, 'malformed');
    }
  });

  it('T50 takes a Bearer token at the limit of its length, and not one byte longer', () => {
    const longest = 'x'.repeat(bearerBytesMax);
    const read = parseAuthorization(`Bearer ${longest}`);
    assert.deepEqual(read, { kind: 'bearer', credential: longest });
    assert.equal(parseAuthorization(`Bearer ${longest}x`).kind, 'malformed');
  });

  it('T69 refuses 60 kB within 5 ms', () => {
    const headers = ['Basic', 'Bearer'].flatMap((scheme) =>
      ['A', ' ', '=', ':', 'A='].map((filler) => `${scheme} ${filler.repeat(60_000)}`),
    );
    for (const header of headers) {
      assert.equal(parseAuthorization(header).kind, 'malformed');
      assert.ok(fastestMs(() => parseAuthorization(header)) < 5);
    }
  });
});
