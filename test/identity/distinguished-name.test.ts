import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeName } from '../../src/identity/distinguished-name.ts';

const cn = (value: string) => [{ oid: '2.5.4.3', value }];

describe('describeName', () => {
  it('prints attributes in their order, by short name or object identifier', () => {
    const name = [{ oid: '2.5.4.10', value: 'Acmé' }, ...cn('one'), { oid: '1.2.3', value: 'x' }];
    assert.equal(describeName(name), 'O=Acmé,CN=one,1.2.3=x');
    assert.equal(describeName([]), '(an empty name)');
  });

  it('T87 escapes the marks of the syntax and everything that drives a terminal', () => {
    assert.equal(describeName(cn('a,CN=b')), 'CN=a\\,CN\\=b');
    assert.equal(describeName(cn('a+b"\\')), 'CN=a\\+b\\"\\\\');
    assert.equal(describeName(cn('a\0b\r\n\x1b[31m')), 'CN=a\\00b\\0d\\0a\\1b[31m');
    assert.equal(describeName(cn('\u202eevil\u2028')), 'CN=\\e2\\80\\aeevil\\e2\\80\\a8');
  });

  it('cuts a name after 256 characters', () => {
    assert.equal(describeName(cn('x'.repeat(253))), `CN=${'x'.repeat(253)}`);
    assert.equal(describeName(cn('x'.repeat(254))), `CN=${'x'.repeat(253)}…`);
  });
});
