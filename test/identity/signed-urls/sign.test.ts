import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { signedQueryBytesMax } from '../../../src/identity/signed-urls/parameters.ts';
import type { UrlToSign } from '../../../src/identity/signed-urls/sign.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { sign, signedAt, verify, writeUrlKeys } from './url-fixture.ts';

const directory = temporaryDirectory();
const keys = writeUrlKeys(directory);
after(() => directory[Symbol.dispose]());

describe('signUrl()', () => {
  const fails = (url: string, message: RegExp, parts: Partial<UrlToSign> = {}) =>
    assert.rejects(sign(keys, url, parts), { code: 'USAGE', message });

  it('refuses what would not be let in', async () => {
    for (const url of [
      '',
      'cdn.example.com/a',
      'ftp://x/a',
      'https://x',
      'https://x/a#b',
      'https://x y/a',
    ]) {
      await fails(url, /^Cannot sign the URL: expected a URL of http or https without a fragment/);
    }
    await fails('/a/../b', /^Cannot sign the URL: the path has a "\." or "\.\." segment$/);
    await fails('/a//b', /the path has an empty segment/);
    await fails('/a%2fb', /"%2F"/);
    await fails('/a?b c', /its query has a character that has to be escaped/);
    await fails('/a?é', /its query has a character that has to be escaped/);
    await fails(await sign(keys, '/a'), /it is signed already/);
    await fails('/a?portcullis-x', /it is signed already/);
    await fails('/a', /there is no key "none"; there are new, old$/, { key: 'none' });
    await fails('/a', /to expire after it begins/, { expires: signedAt });
    await fails('/a', /to expire after it begins/, { expires: new Date(Number.NaN) });
    await fails(`/a?${'x'.repeat(signedQueryBytesMax)}`, /its query would be over 4096 bytes/);
    for (const address of [
      '',
      'here',
      '10.0.0.1/8',
      '10.0.0.0/33',
      '010.0.0.1',
      '::ffff:10.0.0.1',
      '::1%lo',
    ]) {
      await fails('/a', /the address is no IP address or CIDR range without host bits/, {
        address,
      });
    }
    for (const url of ['/a', '/', '/a/b']) {
      await fails(url, /the path of a directory ends with "\/", below the first one/, {
        below: true,
      });
    }
  });

  it('writes an address in its one spelling', async () => {
    const url = await sign(keys, '/a', { address: '2001:DB8:0::7' });
    assert.match(url, /&portcullis-address=2001:db8::7&/);
    assert.equal((await verify(keys, url, { address: '2001:db8::7' })).valid, true);
  });
});
