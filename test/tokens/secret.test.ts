import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskTokens, tokenPattern } from '../../src/token-form.ts';
import { digestOf, isSecretForm, newSecret } from '../../src/tokens/secret.ts';

describe('secrets of tokens', () => {
  it('have a prefix that is known, a form that is one, and 190 random bits', () => {
    const secrets = Array.from({ length: 500 }, newSecret);
    assert.equal(new Set(secrets).size, secrets.length);
    for (const secret of secrets) {
      assert.match(secret, /^pct_[0-9A-Za-z]{38}$/);
      assert.match(secret, tokenPattern);
      assert.equal(isSecretForm(secret), true);
    }
    assert.ok(32 * Math.log2(62) >= 160);
    const seen = new Set(secrets.flatMap((secret) => [...secret.slice(4, 36)]));
    assert.equal(seen.size, 62);
  });

  it('are told by their checksum from what was mistyped, cut or invented', () => {
    const secret = newSecret();
    const other = secret[20] === 'a' ? 'b' : 'a';
    for (const wrong of [
      secret.slice(0, -1),
      `${secret}0`,
      ` ${secret}`,
      `${secret}\n`,
      secret.toUpperCase(),
      `${secret.slice(0, 20)}${other}${secret.slice(21)}`,
      `pct_${'0'.repeat(38)}`,
      'pct_',
      '',
    ]) {
      assert.equal(isSecretForm(wrong), false, wrong);
    }
  });

  it('have a checksum that other programs can compute: CRC-32 in base 62', () => {
    const random = 'pct_0123456789ABCDEFGHIJKLMNOPQRSTUV';
    assert.equal(isSecretForm(`${random}${checksumOf(random)}`), true);
  });

  it('are stored as SHA-256', () => {
    assert.equal(
      digestOf('abc'),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('T62 are masked in any text, also where they were cut', () => {
    const secret = newSecret();
    assert.equal(maskTokens(`/acme/${secret}/x ${secret}`), '/acme/pct_[secret]/x pct_[secret]');
    assert.equal(maskTokens(`/acme/${secret.slice(0, 20)}`), '/acme/pct_[secret]');
    const escaped = `%70c%74%5f%${secret.charCodeAt(4).toString(16)}${secret.slice(5)}`;
    assert.equal(maskTokens(`/acme/${escaped}/x`), '/acme/pct_[secret]/x');
    assert.equal(maskTokens('/acme/pct_change/x'), '/acme/pct_change/x');
  });
});

/** The plain bitwise CRC-32 (ISO 3309), apart from the one of Node. */
function checksumOf(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let rest = BigInt((crc ^ 0xffffffff) >>> 0);
  let digits = '';
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  for (let place = 0; place < 6; place += 1) {
    digits = `${alphabet[Number(rest % 62n)]}${digits}`;
    rest /= 62n;
  }
  return digits;
}
