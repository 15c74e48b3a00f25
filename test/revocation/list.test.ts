import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { derTags } from '../../src/identity/der.ts';
import { encodeOid, encodeTime } from '../../src/identity/der-writer.ts';
import { entriesMax } from '../../src/revocation/limits.ts';
import { parseRevocationList, type RevocationList } from '../../src/revocation/list.ts';
import { SerialTable } from '../../src/revocation/serial-table.ts';
import { type Credential, createPki, daysFrom } from '../support/pki.ts';
import { element, elementsOf, makeList, resignList, revokedAt } from './list-maker.ts';

const pki = createPki();
let authority: Credential;
let plain: Uint8Array;

before(async () => {
  authority = await pki.authority();
  plain = await makeList(authority, {
    revoked: [{ serial: '0A01' }, { serial: 'FF00112233', reason: 'keyCompromise' }],
    number: 0x1234n,
  });
});

after(() => pki[Symbol.dispose]());

describe('parseRevocationList', () => {
  it('parseRevocationList reads what openssl makes', async () => {
    const thisUpdate = new Date('2026-02-01T00:00:00Z');
    const nextUpdate = new Date('2051-02-01T00:00:00Z');
    const list = parsed(await makeList(authority, { thisUpdate, nextUpdate, number: 0x1234n }));
    assert.equal(list.number, 0x1234n);
    assert.equal(list.thisUpdate, thisUpdate.getTime() / 1000);
    assert.equal(list.nextUpdate, nextUpdate.getTime() / 1000);
    assert.deepEqual(
      list.issuer.map(({ value }) => value),
      ['Acme', 'authority'],
    );
    assert.equal(new SerialTable(list.entries).size, 0);
  });

  it('parseRevocationList keeps each entry with its date and reason', () => {
    const table = new SerialTable(parsed(plain).entries);
    assert.equal(table.size, 2);
    assert.deepEqual(table.find('a01'), { since: revokedAt, reason: undefined });
    assert.deepEqual(table.find('ff00112233'), { since: revokedAt, reason: 'keyCompromise' });
    for (const other of ['0', 'a0', 'a02', 'ff001122', 'ff0011223300', 'f'.repeat(40)]) {
      assert.equal(table.find(other), undefined, other);
    }
  });

  it('parseRevocationList reads version 1, which has no number', async () => {
    const list = await makeList(authority, { number: undefined, revoked: [{ serial: '05' }] });
    assert.equal(parsed(list).number, undefined);
    assert.notEqual(new SerialTable(parsed(list).entries).find('5'), undefined);
  });

  it('parseRevocationList takes extensions that are known, or not critical', async () => {
    const extensions = ['authorityKeyIdentifier = keyid', '1.2.3.4 = DER:05:00'];
    assert.equal(parsed(await makeList(authority, { extensions })).number, 1n);
  });

  const refusedExtensions: readonly (readonly [name: string, line: string, reason: RegExp])[] = [
    ['a delta list', '2.5.29.27 = critical,DER:02:01:01', /it is a delta list/],
    ['a delta list that is not critical', '2.5.29.27 = DER:02:01:01', /it is a delta list/],
    ['an indirect list', '2.5.29.28 = critical,DER:30:03:84:01:ff', /it is an indirect list/],
    ['a list of users alone', '2.5.29.28 = critical,DER:30:03:81:01:ff', /covers only a part/],
    ['an unknown critical extension', '1.2.3.4 = critical,DER:05:00', /\(1\.2\.3\.4\)/],
  ];
  for (const [name, line, reason] of refusedExtensions) {
    it(`parseRevocationList refuses ${name} (T13)`, async () => {
      assert.match(problemOf(await makeList(authority, { extensions: [line] })), reason);
    });
  }

  it('parseRevocationList refuses a list without nextUpdate (T13)', () => {
    const list = resignList(plain, authority, (elements) => void elements.splice(4, 1));
    assert.match(problemOf(list), /it has no nextUpdate/);
  });

  it('parseRevocationList refuses a list that ends when it begins', () => {
    const list = resignList(plain, authority, (elements) => {
      elements[4] = elements[3] ?? Buffer.alloc(0);
    });
    assert.match(problemOf(list), /nextUpdate is not after its thisUpdate/);
  });

  it('parseRevocationList refuses an extension that is there twice, and two algorithms', () => {
    const twice = withExtensions([extension('2.5.29.20'), extension('2.5.29.20')]);
    assert.match(problemOf(twice), /extension 2\.5\.29\.20 is there twice/);
    const differing = resignList(plain, authority, (elements) => {
      elements[1] = Buffer.from('300a06082a8648ce3d040303', 'hex');
    });
    assert.match(problemOf(differing), /two statements of the signature algorithm differ/);
  });

  it('parseRevocationList takes a number of 20 bytes, and none of 21', () => {
    const longest = element(derTags.integer, Buffer.alloc(20, 0x7f));
    const { number } = parsed(withExtensions([extension('2.5.29.20', longest)]));
    assert.equal(number, BigInt(`0x${'7f'.repeat(20)}`));
    const longer = element(derTags.integer, Buffer.alloc(21, 0x7f));
    assert.match(problemOf(withExtensions([extension('2.5.29.20', longer)])), /longer than 20/);
  });

  const entries: readonly (readonly [name: string, entry: Buffer, reason: RegExp])[] = [
    ['a negative serial number', entry('80'), /negative/],
    ['an empty serial number', entry(''), /serial number is empty/],
    ['a serial number with two spellings', entry('0001'), /not encoded as DER wants/],
    ['a serial number of 21 bytes', entry('11'.repeat(21)), /longer than 20 bytes/],
    ['a certificate of another CA', entry('01', ['2.5.29.29', '3000']), /indirect list/],
    ['an entry off the list', entry('01', ['2.5.29.21', '0a0108']), /only delta lists do/],
    ['a long reason', entry('01', ['2.5.29.21', '0a020001']), /reason code is not encoded/],
    ['an unknown critical entry', entry('01', ['1.2.3', '0500', true]), /critical extension/],
  ];
  for (const [name, written, reason] of entries) {
    it(`parseRevocationList refuses ${name}`, () => {
      assert.match(problemOf(withEntries([written])), reason);
    });
  }

  it('parseRevocationList takes serial numbers of 20 bytes, and reasons that it does not know', () => {
    const longest = '7f'.repeat(20);
    const written = [entry(longest), entry('00ff', ['2.5.29.21', '0a0163'])];
    const table = new SerialTable(parsed(withEntries(written)).entries);
    assert.notEqual(table.find(longest), undefined);
    assert.deepEqual(table.find('ff'), { since: revokedAt, reason: undefined });
  });

  it('parseRevocationList refuses a list of entries that is empty', () => {
    assert.match(problemOf(withEntries([])), /is empty/);
  });

  it('parseRevocationList takes two million entries, and not one more', () => {
    const one = entry('01');
    const most = Buffer.alloc(one.length * entriesMax, one);
    assert.equal(new SerialTable(parsed(withEntries([most])).entries).size, entriesMax);
    const problem = problemOf(withEntries([most, one]));
    assert.match(problem, new RegExp(`more than ${entriesMax} entries`));
  });
});

describe('hostile lists', () => {
  it('hostile lists that are cut off anywhere are refused', () => {
    for (let length = 0; length < plain.length; length += 1) {
      assert.notEqual(problemOf(plain.subarray(0, length)), '');
    }
    assert.match(problemOf(Buffer.concat([plain, Buffer.of(0)])), /holds more than it may/);
  });

  const times = [
    '260229120000Z',
    '261301120000Z',
    '26030112000Z',
    '2603011200000',
    '260301 20000Z',
  ];
  for (const time of [...times, '260301246000Z', '260301120060Z', '260300120000Z']) {
    it(`hostile lists with the time ${time} are refused`, () => {
      const list = resignList(plain, authority, (elements) => {
        elements[3] = element(derTags.utcTime, Buffer.from(time));
      });
      assert.match(problemOf(list), /thisUpdate is not a time/);
    });
  }

  it('hostile lists may say a time in both forms, as certificates do', () => {
    const list = resignList(plain, authority, (elements) => {
      elements[3] = element(derTags.generalizedTime, Buffer.from('20240229235959Z'));
      elements[4] = encodeTime(daysFrom(new Date(), 1));
    });
    assert.equal(parsed(list).thisUpdate, Date.parse('2024-02-29T23:59:59Z') / 1000);
  });
});

function parsed(der: Uint8Array): RevocationList {
  const list = parseRevocationList(der);
  assert.ok(!('problem' in list), 'problem' in list ? list.problem : '');
  return list;
}

function problemOf(der: Uint8Array): string {
  const list = parseRevocationList(der);
  assert.ok('problem' in list, 'it was read');
  return list.problem;
}

function entry(serial: string, ...extensions: readonly EntryExtension[]): Buffer {
  const list = extensions.map(([oid, value, critical]) =>
    extension(oid, Buffer.from(value, 'hex'), critical),
  );
  const parts = list.length === 0 ? [] : [element(derTags.sequence, ...list)];
  const number = element(derTags.integer, Buffer.from(serial, 'hex'));
  return element(derTags.sequence, number, encodeTime(revokedAt), ...parts);
}

type EntryExtension = readonly [oid: string, value: string, critical?: boolean];

function extension(oid: string, value: Buffer = Buffer.from('020101', 'hex'), critical = false) {
  const flag = critical ? [Buffer.from('0101ff', 'hex')] : [];
  const octets = element(derTags.octetString, value);
  return element(derTags.sequence, encodeOid(oid), ...flag, octets);
}

function withEntries(entries: readonly Buffer[]): Uint8Array {
  return resignList(plain, authority, (elements) => {
    elements[5] = element(derTags.sequence, ...entries);
  });
}

function withExtensions(extensions: readonly Buffer[]): Uint8Array {
  return resignList(plain, authority, (elements) => {
    assert.equal(elementsOf(Buffer.concat(elements)).length, 7);
    elements[6] = element(0xa0, element(derTags.sequence, ...extensions));
  });
}
