/** Signed URLs, as the acceptance cases of Pulp 2 have them and beyond: T20, T24, T31, T39c, T48. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { encodePath } from '../../../src/http/canonical-path.ts';
import { signedQueryBytesMax } from '../../../src/identity/signed-urls/parameters.ts';
import { signerAheadSecondsMax } from '../../../src/identity/signed-urls/verify.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { sign, signedAt, urlKey, type VerifyOptions, verify, writeUrlKeys } from './url-fixture.ts';

const directory = temporaryDirectory();
const keys = writeUrlKeys(directory);
after(() => directory[Symbol.dispose]());

const file = 'https://cdn.example.com/pulp/repos/acme/el9/a-1.0.rpm';

async function allows(url: string, options?: VerifyOptions): Promise<void> {
  const verdict = await verify(keys, url, options);
  assert.ok(verdict.valid, verdict.valid ? '' : `${url}: ${verdict.reason}`);
}

async function refuses(url: string, reason: RegExp, options?: VerifyOptions): Promise<void> {
  const verdict = await verify(keys, url, options);
  assert.ok(!verdict.valid, `${url} is valid`);
  assert.match(verdict.reason, reason);
  assert.doesNotMatch(verdict.reason, /\p{Cc}/u);
}

const unsigned = /^the signature by the key new is not of this URL, or for another method$/;

describe('a signed URL', () => {
  it('is valid for what was signed, and says with which key and until when', async () => {
    const url = await sign(keys, file);
    assert.match(
      url,
      /^https:\/\/cdn\.example\.com\/pulp\/repos\/acme\/el9\/a-1\.0\.rpm\?portcullis-key=new&portcullis-from=1795262400&portcullis-expires=1795266000&portcullis-signature=[\w-]{43}$/,
    );
    assert.deepEqual(await verify(keys, url), {
      valid: true,
      key: 'new',
      expires: new Date('2026-11-21T13:00:00Z'),
    });
    await allows(await sign(keys, '/pulp/repos/acme/a?', {}));
  });

  it('is made by others as docs/plugins.md tells', async () => {
    const text = [
      'portcullis-signed-url-1',
      'GET',
      'exact',
      '/pulp/repos/acme/a%20b%2B%C3%A9',
      'old',
      '1795262400',
      '1795266000',
      '',
      '?x=1;y=%20',
    ].join('\n');
    const signature = createHmac('sha256', Buffer.alloc(32, 2)).update(text).digest('base64url');
    await allows(
      `/pulp/repos/acme/a%20b+é?x=1;y=%20&portcullis-signature=${signature}&portcullis-expires=1795266000&portcullis-from=1795262400&portcullis-key=old`,
    );
  });

  it('is none without its parameters, each once and well-formed', async () => {
    const url = await sign(keys, file, { address: '192.0.2.7', below: false });
    const [base = '', query = ''] = url.split('?');
    const at = { address: '192.0.2.7' };
    await allows(url, at);
    await refuses(base, /^the URL is not signed$/);
    await refuses(`${base}?`, /^the URL is not signed$/);
    await refuses(`${base}?x=portcullis-key`, /^the URL is not signed$/);
    const parts = query.split('&');
    for (const part of parts) {
      const [name] = part.split('=');
      const others = parts.filter((other) => other !== part);
      const without = `${base}?${others.join('&')}`;
      await refuses(
        without,
        name === 'portcullis-address' ? unsigned : RegExp(`it has no ${name}`),
        at,
      );
      await refuses(`${base}?${query}&${part}`, RegExp(`^its ${name} came twice$`), at);
      for (const value of ['', '=', '=%20', '=x y', `=${'9'.repeat(100)}`, '=é', '=1e9', '=-1']) {
        await refuses(`${base}?${[...others, `${name}${value}`].join('&')}`, /^(?:its|it)\b/, at);
      }
    }
    await refuses(
      `${base}?${query}&portcullis-x=1`,
      /a portcullis- parameter that is not known/,
      at,
    );
    await refuses(`${base}?${query}&portcullis-__proto__=1`, /that is not known/, at);
    await refuses(`${base}?${query}&portcullis-`, /that is not known/, at);
  });

  it('T39c is refused where anything of it was altered', async () => {
    const url = await sign(keys, `${file}?x=1;y=2&z`, { address: '192.0.2.0/24' });
    const at = { address: '192.0.2.7' };
    await allows(url, at);
    for (const [from, to] of [
      ['a-1.0.rpm', 'a-1.1.rpm'],
      ['/el9/', '/el8/'],
      ['/a-1.0.rpm', '/a-1.0.rpm/'],
      ['x=1', 'x=2'],
      ['x=1;y=2&z', 'x=1;y=2'],
      ['x=1;y=2&z', 'z&x=1;y=2'],
      ['x=1;y=2', 'x=1&y=2'],
      ['x=1', 'x=%31'],
      ['?x', '?&x'],
      ['from=1795262400', 'from=1795262399'],
      ['expires=1795266000', 'expires=1795266001'],
      ['address=192.0.2.0/24', 'address=192.0.2.0/25'],
      ['&portcullis-signature', '&portcullis-segments=2&portcullis-signature'],
      ['&z&', '&z&utm=1&'],
    ] as const) {
      assert.ok(url.includes(from), from);
      await refuses(url.replace(from, to), unsigned, at);
    }
    await refuses(`${url}&fbclid=1`, unsigned, at);
    const signature = /signature=(.{43})/.exec(url)?.[1] ?? '';
    for (let index = 0; index < signature.length; index += 1) {
      const other = signature[index] === 'A' ? 'B' : 'A';
      const altered = signature.slice(0, index) + other + signature.slice(index + 1);
      await refuses(url.replace(signature, altered), unsigned, at);
    }
    // The last character holds two bits that no byte needs: only one spelling is right.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = alphabet[alphabet.indexOf(signature.slice(-1)) ^ 1] ?? '';
    await refuses(url.replace(signature, signature.slice(0, -1) + twin), unsigned, at);
  });

  it('T20 is about the path itself, however the client spells it', async () => {
    const url = await sign(keys, '/pulp/repos/acme/a%20b~é%ff.rpm');
    assert.match(url, /^\/pulp\/repos\/acme\/a%20b~%C3%A9%FF\.rpm\?/);
    await allows(url);
    await allows(url.replace('%20b~', '%20%62%7e').replace('%C3%A9', '%c3%a9'));
    await refuses(url.replace('%FF', '%FE'), unsigned);
    await refuses(url.replace('%FF', '%C3%BF'), unsigned);
  });

  it('T39c for GET is good for HEAD as well, and one for HEAD for nothing else', async () => {
    const get = await sign(keys, file);
    const head = await sign(keys, file, { method: 'HEAD' });
    await allows(get, { method: 'HEAD' });
    await allows(head, { method: 'HEAD' });
    await refuses(head, unsigned, { method: 'GET' });
  });

  it('is valid from its first second to its last', async () => {
    const url = await sign(keys, file);
    const at = (seconds: number) => ({ now: new Date(signedAt.getTime() + seconds * 1000) });
    await allows(url, at(-signerAheadSecondsMax));
    await refuses(
      url,
      /^it is not valid before 2026-11-21T12:00:00Z$/,
      at(-signerAheadSecondsMax - 0.001),
    );
    await allows(url, at(3599.999));
    await refuses(url, /^it expired at 2026-11-21T13:00:00Z$/, at(3600));
    await refuses(url, /^it expired at/, { now: new Date(Number.NaN) });
  });

  it('T39c is refused when it is valid for longer than the rule takes, at any time', async () => {
    const url = await sign(keys, file);
    await allows(url, { secondsMax: 3600 });
    for (const minutes of [0, 30, 59]) {
      const now = new Date(signedAt.getTime() + minutes * 60_000);
      await refuses(url, /^it is valid for 3600 s, and the rule takes URLs of at most 3599 s$/, {
        secondsMax: 3599,
        now,
      });
    }
  });

  it('is valid by every key of the file, and by none that was taken out of it', async () => {
    const old = await sign(keys, file, { key: 'old' });
    await allows(old);
    await refuses(old.replace('key=old', 'key=new'), unsigned);
    const rotated = directory.file('rotated');
    writeFileSync(rotated, `new:${urlKey(1)}\n`, { mode: 0o600 });
    const verdict = await verify(rotated, old);
    assert.deepEqual(verdict, {
      valid: false,
      reason: 'it was signed with a key that is not in the file',
    });
    writeFileSync(rotated, `new:${urlKey(3)}\n`, { mode: 0o600 });
    assert.equal((await verify(rotated, await sign(keys, file))).valid, false);
  });

  it('is for the address or the range that was signed, and for nobody else', async () => {
    for (const [range, inside, outside] of [
      ['192.0.2.7', ['192.0.2.7', '::ffff:192.0.2.7'], ['192.0.2.8', '::1', '', 'unix:']],
      ['192.0.2.0/24', ['192.0.2.0', '192.0.2.255'], ['192.0.3.0', '::c000:200']],
      ['0.0.0.0/0', ['192.0.2.7'], ['2001:db8::1']],
      ['2001:db8::/32', ['2001:db8:1::1'], ['2001:db9::', '192.0.2.7']],
      ['2001:db8::7', ['2001:db8::7'], ['2001:db8::8']],
    ] as const) {
      const url = await sign(keys, file, { address: range });
      for (const address of inside) await allows(url, { address });
      for (const address of outside) await refuses(url, /^it is for .+, and not for/, { address });
      await refuses(url, /and the client's address is not known$/);
    }
  });

  it('T24 for a directory is good for all below it, by whole segments', async () => {
    const url = await sign(keys, '/pulp/repos/acme/el9/', { below: true });
    assert.match(url, /&portcullis-segments=4&/);
    const query = url.slice(url.indexOf('?'));
    for (const path of ['', 'a.rpm', 'repodata/repomd.xml', 'x/']) {
      await allows(`/pulp/repos/acme/el9/${path}${query}`);
    }
    for (const path of [
      '/pulp/repos/acme/el9x/a.rpm',
      '/pulp/repos/acme/el/a.rpm',
      '/pulp/repos/Acme/el9/a.rpm',
      '/x/pulp/repos/acme/el9/a.rpm',
    ]) {
      await refuses(path + query, unsigned);
    }
    for (const path of ['/pulp/repos/acme/el9', '/pulp/repos/', '/']) {
      await refuses(path + query, /^it was signed for what is below a deeper directory$/);
    }
    for (const count of [1, 2, 3, 5, 999]) {
      const altered = query.replace('segments=4', `segments=${count}`);
      await refuses(
        `/pulp/repos/acme/el9/a/b/c${altered}`,
        count === 999 ? /^it was signed for what is below/ : unsigned,
      );
    }
    await refuses(`/pulp/repos/acme/el9/${query.replace('&portcullis-segments=4', '')}`, unsigned);
    const exact = await sign(keys, '/pulp/repos/acme/el9/');
    await refuses(exact.replace('el9/?', 'el9/a?'), unsigned);
  });

  it('T69 is refused quickly when its query is long', async () => {
    const url = await sign(keys, file);
    const room = signedQueryBytesMax - url.length + url.indexOf('?');
    const longest = await sign(keys, `${file}?${'x'.repeat(room)}`);
    await allows(longest);
    await refuses(`${longest}x`, /^its query is over 4096 bytes$/);
    await refuses(`${url}${'&'.repeat(60_000)}`, /^its query is over 4096 bytes$/);
    await refuses(`${file}?${'&'.repeat(60_000)}`, /^the URL is not signed$/);
  });

  it('T31 of one path never opens another, whatever the paths', async () => {
    const segment = fc.string({ minLength: 1, maxLength: 3 }).filter((text) => !/[/\0]/.test(text));
    const path = fc
      .array(segment, { minLength: 1, maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`)
      .filter((text) => !/\/\.\.?(?:\/|$)/.test(text) && text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(path, path, async (one, other) => {
        fc.pre(one !== other);
        const url = await sign(keys, encodePath(one));
        const query = url.slice(url.indexOf('?'));
        assert.equal((await verify(keys, encodePath(one) + query)).valid, true);
        assert.equal((await verify(keys, encodePath(other) + query)).valid, false);
      }),
      { numRuns: 100 },
    );
  });
});
