import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  clockSkewSecondsMax,
  issuersPerListMax,
  listsPerSourceMax,
} from '../../src/revocation/limits.ts';
import { parseRevocationList } from '../../src/revocation/list.ts';
import { SerialTable } from '../../src/revocation/serial-table.ts';
import { readVerifiedLists, type VerifiedList } from '../../src/revocation/verify-lists.ts';
import { mutate } from '../support/mutate.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { randomSource } from '../support/random.ts';
import { listToPem, makeList, resignList } from './list-maker.ts';

const pki = createPki();
const now = new Date(Math.floor(Date.now() / 1000) * 1000);
let authority: Credential;
let list: Uint8Array;

before(async () => {
  authority = await pki.authority();
  list = await makeList(authority, { revoked: [{ serial: '0A02' }], thisUpdate: now });
});
after(() => pki[Symbol.dispose]());

interface Given {
  readonly authorities?: readonly Credential[];
  readonly now?: number;
}

function read(source: Uint8Array | string, given: Given = {}) {
  const authorities = (given.authorities ?? [authority]).map(({ der }) => der);
  const seconds = given.now ?? now.getTime() / 1000;
  return readVerifiedLists({
    source: new Uint8Array(Buffer.from(source)),
    authorities,
    now: seconds,
  });
}

function accepted(source: Uint8Array | string, given?: Given): readonly VerifiedList[] {
  const answer = read(source, given);
  assert.ok('lists' in answer, 'problem' in answer ? answer.problem : '');
  return answer.lists;
}

function refused(expected: RegExp, source: Uint8Array | string, given?: Given): void {
  const answer = read(source, given);
  assert.ok('problem' in answer, `it was taken: ${expected}`);
  assert.match(answer.problem, expected);
  assert.doesNotMatch(answer.problem, /\p{Cc}/u);
}

describe('readVerifiedLists', () => {
  it('readVerifiedLists takes lists of RSA and ECDSA, by the key of their CA', async () => {
    const rsa = await pki.authority({ key: 'rsa-2048', subject: '/CN=rsa' });
    const p384 = await pki.authority({ key: 'ec-p384', subject: '/CN=p384' });
    for (const one of [rsa, p384]) {
      const authorities = [authority, one];
      assert.equal(accepted(await makeList(one), { authorities }).length, 1);
      const sha384 = await makeList(one, { digest: 'sha384' });
      assert.equal(accepted(sha384, { authorities })[0]?.authorityText.slice(0, 3), 'CN=');
    }
  });

  it('T13 refuses a list of another CA, and one that another key of the name has signed', async () => {
    const stranger = await pki.authority({ subject: '/CN=stranger' });
    refused(/^its issuer CN=stranger is not among the CAs/, await makeList(stranger));
    const forger = await pki.authority();
    refused(/^it is not signed by the key of O=Acme,CN=authority$/, await makeList(forger));
  });

  it('T13 refuses a CA that may not sign lists, and takes one that does not say', async () => {
    const unfit = await pki.authority({ extensions: { keyUsage: 'critical,keyCertSign' } });
    refused(/may not sign it: its keyUsage lacks cRLSign$/, await makeList(unfit), {
      authorities: [unfit],
    });
    const silent = await pki.authority({ extensions: { keyUsage: undefined } });
    assert.equal(accepted(await makeList(silent), { authorities: [silent] }).length, 1);
  });

  it('T13 refuses a list that is signed with SHA-1', async () => {
    refused(
      /^it is signed with SHA-1; accepted are/,
      await makeList(authority, { digest: 'sha1' }),
    );
  });

  it('T13 refuses a list of the future, a second after what clocks may differ by', () => {
    const seconds = now.getTime() / 1000;
    accepted(list, { now: seconds - clockSkewSecondsMax });
    refused(/^it is of the future \(thisUpdate 2/, list, {
      now: seconds - clockSkewSecondsMax - 1,
    });
  });

  it('readVerifiedLists tries a few CAs of one name, and not one more', async () => {
    const twins: Credential[] = [];
    while (twins.length < issuersPerListMax) twins.push(await pki.authority());
    accepted(list, { authorities: [...twins.slice(1), authority] });
    refused(/not signed by the key/, list, { authorities: [...twins, authority] });
  });
});

describe('PEM of revocation lists', () => {
  it('PEM of revocation lists may have text between them, and lines of any system', () => {
    const pem = listToPem(list);
    assert.equal(accepted(`Issuer: somebody\n${pem}\n# the next\n${pem}`).length, 2);
    assert.equal(accepted(pem.replaceAll('\n', '\r\n')).length, 1);
  });

  it('PEM of revocation lists may hold some, and not one more', () => {
    const pem = listToPem(list);
    assert.equal(accepted(pem.repeat(listsPerSourceMax)).length, listsPerSourceMax);
    refused(/holds more than 16 revocation lists/, pem.repeat(listsPerSourceMax + 1));
  });

  it('PEM of revocation lists is taken whole or not at all', async () => {
    const stranger = await makeList(await pki.authority({ subject: '/CN=stranger' }));
    refused(/^list 2 in it: its issuer CN=stranger/, listToPem(list) + listToPem(stranger));
  });

  it('PEM of revocation lists is refused with anything else in a block', () => {
    const pem = listToPem(list);
    refused(/^it is empty$/, '');
    refused(/neither DER nor PEM$/, 'not found\n');
    refused(/PEM block that is no revocation list/, authority.certificate);
    refused(/PEM block that is no revocation list/, pem + authority.certificate);
    refused(/PEM block that is no revocation list/, pem.replace('END X509', 'END'));
    refused(/its last PEM block has no end/, pem.slice(0, -30));
    refused(/not valid base64/, pem.replace('\n', '\n!'));
    refused(/not valid base64/, pem.replace('\n-----END', '\nAA\n-----END'));
  });
});

describe('mutated lists', () => {
  it('mutated lists are refused, or say what the original says', () => {
    const random = randomSource(5);
    const serials = ['a02', 'a01', '0'];
    for (let round = 0; round < 3000; round += 1) {
      const form = random(2) === 0 ? list : Buffer.from(listToPem(list));
      const answer = read(mutate(form, random));
      if ('problem' in answer) {
        assert.doesNotMatch(answer.problem, /\p{Cc}/u);
        continue;
      }
      for (const { entries, number } of answer.lists) {
        const found = serials.map((serial) => new SerialTable(entries).find(serial) !== undefined);
        assert.deepEqual([...found, number], [true, false, false, 1n], `round ${round}`);
      }
    }
  });
});

describe('mutated lists that their CA has signed', () => {
  it('mutated lists that their CA has signed are read or refused, and never crash', () => {
    const random = randomSource(11);
    let read = 0;
    for (let round = 0; round < 3000; round += 1) {
      const mutated = resignList(list, authority, (elements) => {
        const content = mutate(Buffer.concat(elements), random);
        elements.splice(0, elements.length, Buffer.from(content));
      });
      const answer = parseRevocationList(mutated);
      if (!('problem' in answer)) read += 1;
      else assert.doesNotMatch(answer.problem, /\p{Cc}/u);
    }
    assert.ok(read > 0, 'nothing was read');
  });
});

describe('SerialTable', () => {
  it('SerialTable finds each of its serial numbers, and no other', async () => {
    const random = randomSource(7);
    const widths = [1, 2, 8, 16, 20];
    const revoked = Array.from({ length: 300 }, (_, index) => {
      const bytes = Array.from({ length: widths[index % 5] ?? 1 }, () => random(256));
      bytes[0] = (bytes[0] ?? 0) & 0x7f;
      return Buffer.from(bytes).toString('hex');
    });
    const unique = [...new Set(revoked)].map((serial) => ({ serial }));
    const [first] = accepted(await makeList(authority, { revoked: unique }));
    assert.ok(first !== undefined);
    const table = new SerialTable(first.entries);
    const known = new Set(revoked.map((serial) => serial.replace(/^0+(?=.)/, '')));
    for (const serial of known) assert.notEqual(table.find(serial), undefined, serial);
    for (let round = 0; round < 1000; round += 1) {
      const other = random(2 ** 16).toString(16);
      assert.equal(table.find(other) !== undefined, known.has(other), other);
    }
  });
});
