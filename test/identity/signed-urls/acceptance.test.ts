/** The acceptance cases of Pulp 2 for signed URLs, each by its name there, as far as ours have such a part. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { temporaryDirectory } from '../../support/temporary.ts';
import { sign, signedAt, type VerifyOptions, verify, writeUrlKeys } from './url-fixture.ts';

const directory = temporaryDirectory();
const keys = writeUrlKeys(directory);
after(() => directory[Symbol.dispose]());

const file = '/pulp/repos/acme/el9/a.rpm';
const [home, elsewhere] = ['192.0.2.7', '198.51.100.7'];

/** How a URL that is right, and for an address, is made a wrong one. */
type Alter = (url: string) => string;

interface Refusal {
  readonly alter?: Alter;
  readonly options?: VerifyOptions;
  readonly reason: RegExp;
}

const without =
  (name: string): Alter =>
  (url) =>
    url.replace(new RegExp(`portcullis-${name}=[^&]*&?`), '').replace(/[&?]$/, '');
const withValue =
  (name: string, value: string): Alter =>
  (url) =>
    url.replace(new RegExp(`(portcullis-${name}=)[^&]*`), `$1${value}`);

const isNot = /^the signature by the key new is not of this URL, or for another method$/;

/** By the case of Pulp; what is JSON in Pulp's policy is a parameter here. */
const refusals: Readonly<Record<string, Refusal>> = {
  unsigned: { alter: (url) => url.replace(/\?.*/, ''), reason: /^the URL is not signed$/ },
  'missing one parameter, the signature': {
    alter: without('signature'),
    reason: /^it has no portcullis-signature$/,
  },
  'missing one parameter, the key': { alter: without('key'), reason: /^it has no portcullis-key$/ },
  'bad base64': {
    alter: withValue('signature', '*'.repeat(43)),
    reason: /^its portcullis-signature is malformed$/,
  },
  'bad JSON: what is no parameter': {
    alter: (url) => `${url}&portcullis-policy={`,
    reason: /^it has a portcullis- parameter that is not known$/,
  },
  'empty policy': {
    alter: () => `${file}?portcullis-signature=${'A'.repeat(43)}`,
    reason: /^it has no portcullis-key$/,
  },
  'not a dict: a parameter twice': {
    alter: (url) => `${url}&portcullis-key=new`,
    reason: /^its portcullis-key came twice$/,
  },
  'no resource: another directory than was signed': {
    alter: (url) => url.replace(file, '/'),
    reason: isNot,
  },
  'expiration not integer': {
    alter: withValue('expires', '1795266000.5'),
    reason: /^its portcullis-expires is malformed$/,
  },
  'no expiration': { alter: without('expires'), reason: /^it has no portcullis-expires$/ },
  'extensions not dict: an address that is none': {
    alter: withValue('address', 'here'),
    reason: /^its portcullis-address is malformed$/,
  },
  'wrong key': { alter: withValue('key', 'old'), reason: /^the signature by the key old is not / },
  'unknown key': { alter: withValue('key', 'none'), reason: /a key that is not in the file$/ },
  'altered policy': { alter: withValue('expires', '1795266001'), reason: isNot },
  expired: {
    options: { now: new Date(signedAt.getTime() + 3_600_000) },
    reason: /^it expired at 2026-11-21T13:00:00Z$/,
  },
  'other path': { alter: (url) => url.replace('a.rpm', 'b.rpm'), reason: isNot },
  'other query': { alter: (url) => url.replace('?x=1;y=2&', '?x=1;y=3&'), reason: isNot },
  'extension differs': {
    options: { address: elsewhere },
    reason: /^it is for 192\.0\.2\.7, and not for 198\.51\.100\.7$/,
  },
  'extension absent of the caller': {
    options: { address: undefined },
    reason: /^it is for 192\.0\.2\.7, and the client's address is not known$/,
  },
  'extension absent of the URL': { alter: without('address'), reason: isNot },
};

describe('a signed URL, by the cases of Pulp 2', () => {
  it('a signed URL makes the round trip, with the query that it had, and its semicolons', async () => {
    const url = await sign(keys, `${file}?x=1;y=2`, { address: home });
    assert.ok(url.startsWith(`${file}?x=1;y=2&portcullis-`), url);
    assert.equal((await verify(keys, url, { address: home })).valid, true);
  });

  for (const [name, { alter = (url: string) => url, options, reason }] of Object.entries(
    refusals,
  )) {
    it(`a signed URL is refused: ${name}`, async () => {
      const right = await sign(keys, `${file}?x=1;y=2`, { address: home });
      const url = alter(right);
      assert.ok(url !== right || options !== undefined);
      const verdict = await verify(keys, url, { address: home, ...options });
      assert.ok(!verdict.valid, url);
      assert.match(verdict.reason, reason);
    });
  }
});
