import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isHttpUrl, joinRevocation, parseOcsp, parseRevocation } from '../src/plugin.ts';
import { answerSeconds, ocspAddressesMax, ocspTimeLimitSeconds } from '../src/plugin-ocsp.ts';

const responder = 'http://ocsp.example.com/';

describe('parseOcsp', () => {
  it('takes true for the responders of certificates, and a map for all else', () => {
    const defaults = {
      ...{ responder: undefined, addresses: [], certificates: 'all', unreachable: 'refuse' },
      ...{ answerSeconds: answerSeconds.default, timeLimitSeconds: ocspTimeLimitSeconds.default },
    };
    assert.deepEqual(parseOcsp(true), defaults);
    assert.deepEqual(parseOcsp({ fromCertificates: true }), defaults);
    assert.deepEqual(parseOcsp({ responder }), { ...defaults, responder });
    const addresses = ['10.0.0.0/8', 'fd00::/8'];
    const others = { certificates: 'client', unreachable: 'allow', answerSeconds: 5 };
    assert.deepEqual(parseOcsp({ fromCertificates: true, addresses, ...others }), {
      ...{ ...defaults, ...others, addresses },
    });
  });

  it('holds its numbers to their bounds', () => {
    for (const [key, { min, max }] of [
      ['answerSeconds', answerSeconds],
      ['timeLimitSeconds', ocspTimeLimitSeconds],
    ] as const) {
      for (const right of [min, max]) parseOcsp({ responder, [key]: right });
      for (const wrong of [min - 0.01, max + 0.01, Number.NaN, String(min), null]) {
        const expected = wrong === null ? undefined : new RegExp(`^has to have a ${key} from`);
        if (expected)
          assert.throws(() => parseOcsp({ responder, [key]: wrong }), { message: expected });
      }
    }
    const ranges = Array.from({ length: ocspAddressesMax }, (_, index) => `10.0.${index}.0/24`);
    parseOcsp({ fromCertificates: true, addresses: ranges });
    const tooMany = [...ranges, '10.1.0.0/16'];
    assert.throws(() => parseOcsp({ fromCertificates: true, addresses: tooMany }), /more than 32/);
  });

  const wrong: readonly (readonly [raw: unknown, reason: RegExp])[] = [
    [undefined, /^has to be true/],
    [false, /^has to be true/],
    [responder, /^has to be true/],
    [[responder], /^has to be true/],
    [{}, /^has to name a responder, or else have fromCertificates: true$/],
    [{ fromCertificates: false }, /^has to name a responder/],
    [{ fromCertificates: true, responder }, /^has to name a responder, or else/],
    [{ fromCertificates: 'yes' }, /^has to have fromCertificates: true/],
    [{ responder: 'ocsp.example.com' }, /^has a responder that is no URL/],
    [{ responder: 'ftp://a/' }, /^has a responder that is no URL/],
    [{ responder: 5 }, /^has a responder that is no URL/],
    [{ responder, url: 'x' }, /^has no setting "url"; there are responder, fromCertificates/],
    [{ responder, addresses: '10.0.0.0/8' }, /^has addresses, which are for responders that/],
    [
      { fromCertificates: true, addresses: '10.0.0.0' },
      /^has addresses that are no list of ranges/,
    ],
    [{ fromCertificates: true, addresses: ['10.0.0.0/33'] }, /^has addresses that are no list/],
    [{ fromCertificates: true, addresses: [5] }, /^has addresses that are no list/],
    [
      { responder, certificates: 'some' },
      /^has to have certificates: all, or certificates: client$/,
    ],
    [{ responder, unreachable: true }, /^has to have unreachable: refuse, or unreachable: allow$/],
  ];
  for (const [raw, reason] of wrong) {
    it(`refuses ${JSON.stringify(raw)}`, () => {
      assert.throws(() => parseOcsp(raw), { message: reason });
    });
  }
});

describe('joinRevocation', () => {
  it('joins what both settings say, and nothing when neither is there', () => {
    const [crl, ocsp] = [parseRevocation('a.crl'), parseOcsp(true)];
    assert.equal(joinRevocation(undefined, undefined), undefined);
    assert.equal(joinRevocation(crl, undefined), crl);
    assert.deepEqual(joinRevocation(crl, ocsp), { ...crl, ocsp });
    assert.deepEqual(joinRevocation(undefined, ocsp)?.lists, []);
  });
});

describe('isHttpUrl', () => {
  it('takes whole URLs of http and https, without a user name and a fragment', () => {
    for (const url of ['http://a', 'https://a.example:8443/x?y=1', 'HTTP://[::1]/', responder]) {
      assert.equal(isHttpUrl(url), true, url);
    }
    for (const text of [
      ...[
        '',
        'a',
        '/a',
        'ftp://a/',
        'http://',
        'http:///a',
        'http://?a',
        'http://a/#b',
        'http://u@a/',
        'http://u:p@a/',
      ],
      ...[
        'http://a b/',
        'http://a/\n',
        'http://a\\b/',
        'http://1.2.3.4.5/',
        'http://a:99999/',
        'http://é/',
      ],
    ]) {
      assert.equal(isHttpUrl(text), false, text);
    }
  });
});
