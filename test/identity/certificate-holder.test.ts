import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CertificateHolder,
  holderNameMax,
  readHolder,
  subjectOf,
} from '../../src/identity/certificate-holder.ts';

const id = '5f0000000000000000abcdef';
const cn = (value: string) => ({ oid: '2.5.4.3', value });
const uid = (value: string) => ({ oid: '0.9.2342.19200300.100.1.1', value });

describe('readHolder', () => {
  it('reads the users and the consumers of Pulp 2', () => {
    assert.deepEqual(readHolder([cn(`admin:j.doe@acme-x_1:${id}`)]), {
      kind: 'user',
      login: 'j.doe@acme-x_1',
      id,
    });
    assert.deepEqual(readHolder([cn('web-01.example'), uid(id)]), {
      kind: 'consumer',
      id: 'web-01.example',
      record: id,
    });
  });

  it('never takes a user for a consumer, or a consumer for a user', () => {
    // What Pulp 2 took for a consumer when its user had been deleted.
    assert.equal(readHolder([cn(`admin:joe:${id}`), uid(id)]), undefined);
    assert.equal(readHolder([cn('joe')]), undefined);
    assert.equal(readHolder([cn('joe'), cn('jane')]), undefined);
    assert.equal(readHolder([cn(`admin:joe:${id}`), cn(`admin:root:${id}`)]), undefined);
  });

  it('T19d refuses names of any other form', () => {
    for (const value of [
      '',
      'admin',
      'admin:',
      `admin::${id}`,
      `admin:joe:`,
      'admin:joe',
      `admin:joe:${id}:`,
      `admin:joe:x:${id}`,
      // Pulp 2 dropped six characters, whatever they were.
      `hacker:joe:${id}`,
      `ADMIN:joe:${id}`,
      ` admin:joe:${id}`,
      `admin:joe:${id.toUpperCase()}`,
      `admin:joe:${id}\n`,
      `admin:joe\0:${id}`,
      `admin:jo e:${id}`,
      `admin:jоe:${id}`,
      `admin:joe:${id.slice(1)}`,
      `admin:joe:${id}0`,
      `admin:${'x'.repeat(holderNameMax + 1)}:${id}`,
    ]) {
      assert.equal(readHolder([cn(value)]), undefined, value);
    }
    for (const subject of [
      [],
      [uid(id)],
      [uid(id), cn('web')],
      [cn('web'), uid('')],
      [cn('web'), uid('7')],
      [cn('web:x'), uid(id)],
      // Would be at home below another consumer's path.
      [cn('web/bindings'), uid(id)],
      [cn('..'), uid(id)],
      [cn('.'), uid(id)],
      [cn(''), uid(id)],
      [cn('web\0'), uid(id)],
      [cn('web'), uid(id), cn('web')],
      [cn('web'), { oid: '2.5.4.10', value: id }],
      [{ oid: '2.5.4.10', value: `admin:joe:${id}` }],
    ]) {
      assert.equal(readHolder(subject), undefined, JSON.stringify(subject));
    }
  });
});

describe('subjectOf', () => {
  it('writes what readHolder gives back, up to the longest name', () => {
    const holders: CertificateHolder[] = [
      { kind: 'user', login: 'x'.repeat(holderNameMax), id },
      { kind: 'user', login: '__proto__', id },
      { id, kind: 'user', login: '.@-_' },
      { kind: 'consumer', id: 'x'.repeat(holderNameMax), record: id },
    ];
    for (const holder of holders) assert.deepEqual(readHolder(subjectOf(holder)), holder);
  });

  it('refuses holders that would be read as others', () => {
    const holders: CertificateHolder[] = [
      { kind: 'user', login: `root:${id}`, id },
      { kind: 'user', login: '', id },
      { kind: 'user', login: 'x'.repeat(holderNameMax + 1), id },
      { kind: 'user', login: 'joe', id: '7' },
      { kind: 'consumer', id: 'admin:joe', record: id },
      { kind: 'consumer', id: 'web', record: '' },
    ];
    for (const holder of holders) assert.throws(() => subjectOf(holder), TypeError);
  });
});
