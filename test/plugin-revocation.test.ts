import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRevocation } from '../src/plugin.ts';
import { refreshSeconds, revocationListsMax, staleSecondsMax } from '../src/plugin-revocation.ts';

const defaults = { refreshSeconds: 60, missing: 'refuse', staleSeconds: 0 } as const;

describe('parseRevocation', () => {
  it('parseRevocation takes a path, a URL, a list of such, and a map', () => {
    const url = 'https://pki.example.com:8443/acme.crl?full=1';
    assert.deepEqual(parseRevocation('a.crl'), { lists: ['a.crl'], ...defaults });
    assert.deepEqual(parseRevocation(url), { lists: [url], ...defaults });
    assert.deepEqual(parseRevocation(['a.crl', url]), { lists: ['a.crl', url], ...defaults });
    const map = { lists: 'a', refreshSeconds: 300, missing: 'allow', stale: 'allow-for 3600' };
    assert.deepEqual(parseRevocation(map), {
      lists: ['a'],
      refreshSeconds: 300,
      missing: 'allow',
      staleSeconds: 3600,
    });
    assert.deepEqual(parseRevocation({ lists: 'a', stale: 'refuse' }), {
      lists: ['a'],
      ...defaults,
    });
  });

  it('parseRevocation takes what is at a limit, and nothing past it', () => {
    const lists = Array.from({ length: revocationListsMax }, (_, index) => `${index}.crl`);
    assert.equal(parseRevocation(lists).lists.length, revocationListsMax);
    assert.throws(() => parseRevocation([...lists, 'x']), /has 33 lists, and should have 1 to 32/);
    for (const seconds of [refreshSeconds.min, refreshSeconds.max]) {
      assert.equal(
        parseRevocation({ lists: 'a', refreshSeconds: seconds }).refreshSeconds,
        seconds,
      );
    }
    for (const seconds of [refreshSeconds.min - 1, refreshSeconds.max + 1, 7.5, '60', null]) {
      const given = { lists: 'a', refreshSeconds: seconds };
      assert.throws(() => parseRevocation(given), /a refreshSeconds from 5 to 86400/);
    }
    const longest = { lists: 'a', stale: `allow-for ${staleSecondsMax}` };
    assert.equal(parseRevocation(longest).staleSeconds, staleSecondsMax);
    const longer = { lists: 'a', stale: `allow-for ${staleSecondsMax + 1}` };
    assert.throws(() => parseRevocation(longer), /allow-for and its seconds up to 2592000/);
  });

  const wrong: readonly (readonly [raw: unknown, message: RegExp])[] = [
    [undefined, /^has to be the path or the URL/],
    [null, /^has to be the path or the URL/],
    [5, /^has to be the path or the URL/],
    ['', /^has to be the path or the URL/],
    [[], /^has 0 lists, and should have 1 to 32/],
    [[['a']], /^has to be the path or the URL/],
    [{}, /^has to be the path or the URL/],
    [
      { url: 'http://x/' },
      /^has no setting "url"; there are lists, refreshSeconds, missing, stale$/,
    ],
    [JSON.parse('{"__proto__": {}, "lists": "a"}'), /^has no setting "__proto__"/],
    ['ftp://pki.example.com/a.crl', /^has a URL that is not taken/],
    ['ldap://pki.example.com/cn=a', /^has a URL that is not taken/],
    ['file:///etc/a.crl', /^has a URL that is not taken/],
    ['https://user:secret@pki.example.com/', /^has a URL that is not taken/],
    ['http:///a.crl', /^has a URL that is not taken/],
    ['http://pki.example.com/a b', /^has a URL that is not taken/],
    ['http://pki.example.com/#a', /^has a URL that is not taken/],
    [{ lists: 'a', missing: true }, /^has to have missing: refuse, or missing: allow$/],
    [{ lists: 'a', stale: 'allow' }, /^has to have stale: refuse/],
    [{ lists: 'a', stale: 3600 }, /^has to have stale: refuse/],
    [{ lists: 'a', stale: 'allow-for 0' }, /^has to have stale: refuse/],
    [{ lists: 'a', stale: 'allow-for -5' }, /^has to have stale: refuse/],
  ];
  for (const [raw, message] of wrong) {
    it(`parseRevocation refuses ${JSON.stringify(raw) ?? 'nothing'}`, () => {
      assert.throws(() => parseRevocation(raw), { message });
      assert.throws(
        () => parseRevocation(raw),
        (error: Error) => !error.message.includes('secret'),
      );
    });
  }
});
