import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { passwordBytesMax, readPassword } from '../../src/identity/password-text.ts';

function bytesOf(text: string): string {
  const read = readPassword(text);
  assert.ok('bytes' in read, JSON.stringify(read));
  return Buffer.from(read.bytes).toString();
}

describe('readPassword', () => {
  it('gives one spelling to each password, by the OpaqueString profile of RFC 8265', () => {
    // The examples of its section 4.2.3 that have one, then composed and decomposed letters.
    assert.equal(bytesOf('correct horse battery staple'), 'correct horse battery staple');
    assert.equal(bytesOf('Correct Horse Battery Staple'), 'Correct Horse Battery Staple');
    assert.equal(bytesOf('πßå'), 'πßå');
    assert.equal(bytesOf('Jack of ♦s'), 'Jack of ♦s');
    assert.equal(bytesOf('foo\u1680bar'), 'foo bar');
    assert.equal(bytesOf('e\u0301'), '\u00e9');
    assert.equal(bytesOf('\u00a0'), ' ');
    assert.notEqual(bytesOf('\uff41'), 'a', 'compatibility characters stay what they are');
  });

  it('T50 takes passwords of 1 to 1024 bytes, and none longer, whatever its length', () => {
    assert.equal(bytesOf('x'.repeat(passwordBytesMax)).length, 1024);
    assert.equal(bytesOf('é'.repeat(512)), 'é'.repeat(512));
    for (const text of ['x'.repeat(1025), 'é'.repeat(513), 'x'.repeat(20_000_000)]) {
      assert.deepEqual(readPassword(text), { problem: 'it is longer than 1024 bytes' });
    }
    // NFC makes three bytes of it to six.
    assert.ok('problem' in readPassword('\u0958'.repeat(300)));
    assert.deepEqual(readPassword(''), { problem: 'it is empty' });
  });

  it('T50 refuses what HMAC could not tell apart, and what is no text', () => {
    for (const text of ['a\0', '\0', 'a\0b', 'a\n', '\x7f', '\x85']) {
      assert.deepEqual(readPassword(text), { problem: 'it has a control character' });
    }
    assert.deepEqual(readPassword('\udc00'), { problem: 'it is not valid Unicode' });
  });
});
