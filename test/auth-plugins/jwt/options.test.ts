import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { plugin } from '../../../auth-plugins/jwt/index.ts';
import { keySetBytesMax, keySetKeysMax } from '../../../auth-plugins/jwt/key-set.ts';
import { decide, directory, key, required } from './asking.ts';
import { issuer } from './token-fixture.ts';

describe('the settings of a rule jwt', () => {
  it('stops the start for a file of keys that cannot be used', async () => {
    const file = directory.file('bad.json');
    const make = () => decide({ jwksFile: 'bad.json' }, {});
    await assert.rejects(make(), { message: /^Cannot use the keys in \/.*\/bad\.json: ENOENT/ });
    const { kty, crv, x, y } = key.jwk;
    for (const [text, message] of [
      ['', /: it is not JSON$/],
      ['{"keys": [secret', /: it is not JSON$/],
      ['[]', /: it is no set of keys$/],
      ['{"keys": {}}', /: it is no set of keys$/],
      ['{"keys": [5]}', /: it is no set of keys$/],
      ['{"keys": []}', /: it holds no public key$/],
      ['{"keys": [{"kty": "future"}]}', /: it holds no public key$/],
      [
        JSON.stringify({ keys: [{ kty, crv, x, y, d: 'x' }] }),
        /: it holds a private or secret key/,
      ],
      [
        JSON.stringify({ keys: [key.jwk, { kty: 'oct', k: 'x' }] }),
        /: it holds a private or secret/,
      ],
      [' '.repeat(keySetBytesMax + 1), /: it is over 262144 bytes$/],
      [
        JSON.stringify({ keys: Array(keySetKeysMax + 1).fill(key.jwk) }),
        /: it holds over 100 keys$/,
      ],
    ] as const) {
      writeFileSync(file, text);
      await assert.rejects(make(), { message });
    }
    writeFileSync(file, JSON.stringify({ keys: Array(keySetKeysMax).fill(key.jwk) }));
    await make();
    await assert.rejects(decide({ jwksFile: directory.path }, {}), {
      message: /not a regular file|EISDIR/,
    });
  });

  it('names the setting that is wrong, and what would be right', () => {
    const without = { issuer, audience: 'a', algorithms: ['ES256'] };
    for (const [options, message] of [
      [{}, /^issuer has to be text; /],
      [
        { ...required, key: 'x' },
        /^it has no setting "key"; there are issuer, audience, algorithms,/,
      ],
      [{ ...required, algorithms: ['none'] }, /^algorithms\[0\] has to be one of RS256, RS384/],
      [{ ...required, algorithms: ['HS256'] }, /^algorithms\[0\] has to be one of RS256, RS384/],
      [without, /^it has to say where the keys are: set either jwksFile or jwksUrl$/],
      [{ ...without, jwksUrl: 'login.example.com' }, /^jwksUrl has to be a URL of https/],
      [
        { ...without, jwksUrl: 'http://login.example.com/jwks' },
        /^jwksUrl has to be a URL of https/,
      ],
      [{ ...without, jwksUrl: 'http://localhost.evil.com/' }, /^jwksUrl has to be a URL of https/],
      [
        { ...without, jwksUrl: 'https://ann:x@login.example.com/' },
        /without a user and a fragment$/,
      ],
      [{ ...without, jwksUrl: 'https://login.example.com/#x' }, /without a user and a fragment$/],
      [{ ...without, jwksUrl: 'file:///etc/passwd' }, /^jwksUrl has to be a URL of https/],
      [{ ...required, claims: { '': 'x' } }, /claims/],
    ] as const) {
      assert.throws(() => plugin.parseOptions(options), { message }, JSON.stringify(options));
    }
    for (const jwksUrl of [
      'https://login.example.com/a?b=c',
      'http://127.0.0.1:8080/',
      'http://[::1]/',
    ]) {
      assert.deepEqual(plugin.parseOptions({ ...without, jwksUrl }).keys, { url: jwksUrl });
    }
  });
});
