import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { printable, unicodeEscape } from '../../src/terminal/output.ts';

describe('printable', () => {
  it('printable shows what could drive a terminal as its escapes (T87)', () => {
    const driving = [
      '\u0000',
      '\u001b',
      '\u007f',
      '\u009b',
      '\r',
      '\t',
      '\u202e',
      '\u200b',
      '\ud800',
    ];
    for (const character of driving) {
      const shown = printable(`a${character}b`);
      assert.match(shown, /^a\\u[0-9a-f]{4}b$/);
      assert.equal(JSON.parse(`"${shown}"`), `a${character}b`);
    }
  });

  it('printable leaves text and its lines as they are', () => {
    const text = 'a\nä 漢 \u{1f600} \\u001b';
    assert.equal(printable(text), text);
  });

  it('unicodeEscape loses no half of a character', () => {
    assert.equal(unicodeEscape('\u{e0001}'), '\\udb40\\udc01');
    assert.equal(printable('\u{e0001}'), '\\udb40\\udc01');
  });
});
