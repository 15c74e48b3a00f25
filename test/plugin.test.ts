import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Evidence, Voucher } from '../src/model.ts';
import {
  normalizeFingerprint,
  normalizeSerial,
  type OptionsSchema,
  parseOptionsWith,
  provedCertificate,
  type SchemaResult,
} from '../src/plugin.ts';
import { evidence } from './support/evidence.ts';

const schemaOf = (
  validate: (raw: unknown) => SchemaResult<number> | Promise<SchemaResult<number>>,
): OptionsSchema<number> => ({ '~standard': { version: 1, vendor: 'test', validate } });

describe('provedCertificate', () => {
  it('T01 gives a certificate that a handshake has proved alone, and says why there is none', () => {
    const sent = (vouchedBy: Voucher) =>
      evidence({
        certificate: { der: new Uint8Array(), fingerprint: '', intermediates: [], vouchedBy },
      });
    for (const vouchedBy of ['front', 'connection'] as const) {
      const given = sent(vouchedBy);
      assert.equal(provedCertificate(given), given.certificate);
    }
    const reasonOf = (given: Evidence) => {
      const proved = provedCertificate(given);
      return 'unusable' in proved ? proved.unusable : undefined;
    };
    assert.match(reasonOf(sent('client')) ?? '', /not proved in a TLS handshake/);
    assert.match(reasonOf(evidence()) ?? '', /no client certificate was presented/);
    assert.equal(reasonOf(evidence({ certificate: { unusable: 'torn' } })), 'torn');
  });
});

describe('parseOptionsWith', () => {
  it('gives what the schema made of the options', () => {
    const schema = schemaOf((raw) => ({ value: Number(raw) }));
    assert.equal(parseOptionsWith(schema, '5'), 5);
  });

  it('throws every issue with the path of its setting', () => {
    const schema = schemaOf(() => ({
      issues: [
        { message: 'has to be a map' },
        { message: 'is empty', path: ['deny', 'serials', 0] },
        { message: 'is unknown', path: [{ key: 'a' }, { key: 'b' }] },
        { message: 'is odd', path: [0, 'x'] },
      ],
    }));
    assert.throws(() => parseOptionsWith(schema, {}), {
      message: 'it has to be a map; deny.serials[0] is empty; a.b is unknown; [0].x is odd',
    });
  });

  it('refuses a schema that does not answer at once', () => {
    const schema = schemaOf(async () => ({ value: 1 }));
    assert.throws(() => parseOptionsWith(schema, {}), { message: /the schema is asynchronous/ });
  });
});

describe('normalizeSerial', () => {
  it('T19e gives each number one spelling, and refuses what is none', () => {
    for (const [text, expected] of [
      ['0', '0'],
      ['00', '0'],
      ['0A', 'a'],
      ['a', 'a'],
      ['10', '10'],
      ['decimal:10', 'a'],
      ['decimal:010', 'a'],
      ['decimal:0', '0'],
      ['00:ff:01', 'ff01'],
      ['f'.repeat(40), 'f'.repeat(40)],
      [`00${'f'.repeat(40)}`, 'f'.repeat(40)],
      ['f'.repeat(41), undefined],
      ['', undefined],
      ['-1', undefined],
      ['0x', undefined],
      ['a:b', undefined],
      ['aa:bb:', undefined],
      ['10 ', undefined],
      ['decimal:', undefined],
      ['decimal:a', undefined],
      ['decimal:-1', undefined],
      [`decimal:${2n ** 160n}`, undefined],
      [`decimal:${2n ** 160n - 1n}`, 'f'.repeat(40)],
    ] as const) {
      assert.equal(normalizeSerial(text), expected, text);
    }
  });
});

describe('normalizeFingerprint', () => {
  it('takes SHA-256 with and without colons, and not SHA-1', () => {
    const hex = 'ab'.repeat(32);
    assert.equal(normalizeFingerprint(hex.toUpperCase()), hex);
    assert.equal(normalizeFingerprint(hex.match(/../g)?.join(':') ?? ''), hex);
    for (const text of ['', 'ab'.repeat(20), `${hex}0`, hex.replace('a', 'g'), ` ${hex}`]) {
      assert.equal(normalizeFingerprint(text), undefined, text);
    }
  });
});
