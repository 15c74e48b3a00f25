/** Answers of responders, byte by byte: openssl's, and such as no tool would make. */

import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { derTags } from '../../src/identity/der.ts';
import { encodeOid } from '../../src/identity/der-writer.ts';
import { parseAnswer } from '../../src/revocation/ocsp/answer.ts';
import { responderUrlOf } from '../../src/revocation/ocsp/authority-access.ts';
import {
  certificateIdOf,
  encodeQuestion,
  hashOid,
  keyHashOf,
} from '../../src/revocation/ocsp/certificate-id.ts';
import { judgeAnswer } from '../../src/revocation/ocsp/judge-answer.ts';
import {
  accessEntriesMax,
  responderCertificatesMax,
  statusesMax,
  urlCharactersMax,
} from '../../src/revocation/ocsp/limits.ts';
import { parsed } from '../identity/chain-fixture.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { element } from './list-maker.ts';
import { answerQuestion } from './ocsp-responder.ts';

const pki = createPki();
let root: Credential;
let client: Credential;
let real: Buffer;

before(async () => {
  root = await pki.authority({ subject: '/CN=root' });
  client = await pki.client(root, { subject: '/CN=one', serial: '0A01' });
  const question = encodeQuestion(certificateIdOf(parsed(client), parsed(root)));
  real = await answerQuestion(question, root, { good: ['0A01'] });
});
after(() => pki[Symbol.dispose]());

const sequence = (...parts: readonly Uint8Array[]) => element(derTags.sequence, ...parts);
const octets = (hex: string) => element(derTags.octetString, Buffer.from(hex, 'hex'));
const time = (date: Date) =>
  element(
    derTags.generalizedTime,
    Buffer.from(`${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`),
  );
const good = element(0x80);
const now = new Date();
const later = new Date(now.getTime() + 300_000);

interface Parts {
  readonly version?: Uint8Array;
  readonly statuses?: readonly Uint8Array[];
  readonly extensions?: Uint8Array;
  readonly certificates?: readonly Uint8Array[];
  readonly status?: number;
}

function certId(hash = hashOid): Buffer {
  const { issuerNameHash, issuerKeyHash, serial } = certificateIdOf(parsed(client), parsed(root));
  const number = element(derTags.integer, Buffer.from(serial.padStart(4, '0'), 'hex'));
  const algorithm = sequence(encodeOid(hash));
  return sequence(algorithm, octets(issuerNameHash), octets(issuerKeyHash), number);
}

function statusOf(id = certId(), verdict: Uint8Array = good, ...tail: readonly Uint8Array[]) {
  return sequence(id, verdict, time(now), element(0xa0, time(later)), ...tail);
}

/** Signed by the root, whatever it says. */
function makeAnswer(parts: Parts = {}): Buffer {
  const { version = Buffer.alloc(0), statuses = [statusOf()], extensions, certificates } = parts;
  const responder = element(0xa2, octets(keyHashOf(parsed(root))));
  const tbs = sequence(
    ...[version, responder, time(now), sequence(...statuses)],
    ...(extensions === undefined ? [] : [element(0xa1, sequence(extensions))]),
  );
  const algorithm = sequence(encodeOid('1.2.840.10045.4.3.2'));
  const signature = sign('sha256', tbs, createPrivateKey(root.key));
  const basic = sequence(
    ...[tbs, algorithm, element(derTags.bitString, Buffer.of(0), signature)],
    ...(certificates === undefined ? [] : [element(0xa0, sequence(...certificates))]),
  );
  const bytes = sequence(encodeOid('1.3.6.1.5.5.7.48.1.1'), element(derTags.octetString, basic));
  const status = element(0x0a, Buffer.of(parts.status ?? 0));
  return sequence(status, element(0xa0, bytes));
}

const judge = (der: Uint8Array) =>
  judgeAnswer(der, { certificate: parsed(client), issuer: parsed(root) }, now);

function refuses(der: Uint8Array, expected: RegExp): void {
  const judged = judge(der);
  assert.ok('problem' in judged, JSON.stringify(judged));
  assert.match(judged.problem, expected);
}

function extension(oid: string, isCritical: boolean): Buffer {
  const critical = isCritical ? [element(derTags.boolean, Buffer.of(0xff))] : [];
  return sequence(encodeOid(oid), ...critical, element(derTags.octetString));
}

describe('judgeAnswer', () => {
  it('takes what openssl makes, and what is made here as it does', () => {
    for (const der of [real, makeAnswer()]) {
      const judged = judge(der);
      assert.ok('value' in judged, JSON.stringify(judged));
      assert.equal(judged.value.status.is, 'good');
    }
  });

  it('says nothing else after any byte was changed, and never throws', () => {
    for (let index = 0; index < real.length; index += 1) {
      for (const bit of [0x01, 0x20, 0x80, 0xff]) {
        const changed = Buffer.from(real);
        changed[index] = (changed[index] ?? 0) ^ bit;
        const judged = judge(changed);
        if ('value' in judged) assert.deepEqual(judged, judge(real), String(index));
      }
      const cut = judge(real.subarray(0, index));
      assert.ok('problem' in cut, String(index));
    }
    refuses(Buffer.concat([real, Buffer.of(0)]), /holds more than it may/);
  });

  it('takes the answer about another certificate, CA or hash for none', async () => {
    const other = await pki.client(root, { serial: '0A02' });
    const question = encodeQuestion(certificateIdOf(parsed(other), parsed(root)));
    const about = await answerQuestion(question, root, { good: ['0A02', '0A01'] });
    refuses(about, /^it says nothing of the certificate$/);
    refuses(makeAnswer({ statuses: [] }), /^it says nothing of the certificate$/);
    const sha256 = certId('2.16.840.1.101.3.4.2.1');
    refuses(makeAnswer({ statuses: [statusOf(sha256)] }), /^it says nothing of the certificate$/);
    refuses(makeAnswer({ statuses: [statusOf(), statusOf()] }), /^it speaks of .* more than once$/);
  });

  it('is as strict as certificates are read', () => {
    const longGood = Buffer.of(0x80, 0x81, 0x00);
    for (const [parts, expected] of [
      [{ version: element(0xa0, Buffer.of(0x02, 0x01, 0x00)) }, /^its version is not known$/],
      [{ version: element(0xa0, Buffer.of(0x02, 0x01, 0x01)) }, /^its version is not known$/],
      [{ extensions: extension('1.2.3', true) }, /critical extension .*\(1\.2\.3\)$/],
      [
        { statuses: [statusOf(certId(), good, element(0xa1, sequence(extension('1.2.4', true))))] },
        /critical extension .*\(1\.2\.4\)$/,
      ],
      [{ statuses: [statusOf(certId(), element(0x80, Buffer.of(0)))] }, /unexpected ASN\.1 type$/],
      [{ statuses: [statusOf(certId(), longGood)] }, /not encoded as DER wants$/],
      [{ statuses: [statusOf(certId(), element(0x83))] }, /unexpected ASN\.1 type$/],
      [{ statuses: [statusOf(certId(), good, element(0xa2))] }, /holds more than it may$/],
    ] as const) {
      refuses(makeAnswer(parts), expected);
    }
    const nonce = extension('1.3.6.1.5.5.7.48.1.2', false);
    assert.ok('value' in judge(makeAnswer({ extensions: nonce })));
  });

  it('names the failures of a responder', () => {
    const failure = (status: number) => sequence(element(0x0a, Buffer.of(status)));
    for (const [status, expected] of [
      [1, /^it answers malformedRequest$/],
      [2, /^it answers internalError$/],
      [3, /^it answers tryLater$/],
      [4, /^it answers with error 4$/],
      [5, /^it answers sigRequired$/],
      [6, /^it answers unauthorized$/],
      [7, /^it answers with error 7$/],
      [0, /^its OCSP response is missing$/],
    ] as const) {
      refuses(failure(status), expected);
    }
  });

  it('reads as many statuses and certificates as it may, and not one more', () => {
    const others = (count: number) =>
      Array.from({ length: count }, () => statusOf(certId('1.2.3')));
    assert.ok('value' in judge(makeAnswer({ statuses: [statusOf(), ...others(statusesMax - 1)] })));
    refuses(makeAnswer({ statuses: others(statusesMax + 1) }), /^it speaks of more than 64/);
    const certificates = (count: number) => Array.from({ length: count }, () => client.der);
    const most = makeAnswer({ certificates: certificates(responderCertificatesMax) });
    assert.ok('value' in judge(most));
    const tooMany = makeAnswer({ certificates: certificates(responderCertificatesMax + 1) });
    refuses(tooMany, /^it comes with more than 8 certificates$/);
  });

  it('tells a revoked certificate with its reason and date', () => {
    const revoked = (...more: readonly Uint8Array[]) =>
      makeAnswer({ statuses: [statusOf(certId(), element(0xa1, time(now), ...more))] });
    for (const [der, reason] of [
      [revoked(), undefined],
      [revoked(element(0xa0, element(0x0a, Buffer.of(1)))), 1],
    ] as const) {
      const answer = parseAnswer(der);
      assert.ok(!('problem' in answer));
      const status = answer.statuses[0]?.status;
      assert.ok(status?.is === 'revoked');
      assert.equal(status.reason, reason);
      assert.equal(Math.floor(status.since.getTime() / 1000), Math.floor(now.getTime() / 1000));
    }
    refuses(revoked(element(0xa1, good)), /holds more than it may$/);
  });
});

describe('responderUrlOf', () => {
  it('T88 takes the first URL of http or https for OCSP, and no other', async () => {
    const urlOf = async (access: string) => {
      const extensions = { authorityInfoAccess: access };
      return responderUrlOf(parsed(await pki.client(root, { extensions })));
    };
    assert.equal(await urlOf('OCSP;URI:http://a.example/x'), 'http://a.example/x');
    assert.equal(
      await urlOf('caIssuers;URI:http://a.example/,OCSP;URI:ldap://b/,OCSP;URI:https://c.example'),
      'https://c.example',
    );
    for (const access of [
      'caIssuers;URI:http://a.example/',
      'OCSP;URI:file:///etc/passwd',
      'OCSP;URI:http://user@a.example/',
      'OCSP;URI:http://a.example/\\#x',
      'OCSP;URI:http://1.2.3.4.5/',
      'OCSP;DNS:a.example',
    ]) {
      assert.equal(await urlOf(access), undefined, access);
    }
    const url = `http://a.example/${'x'.repeat(urlCharactersMax - 17)}`;
    assert.equal(await urlOf(`OCSP;URI:${url}`), url);
    assert.equal(await urlOf(`OCSP;URI:${url}x`), undefined);
    const others = Array.from({ length: accessEntriesMax - 1 }, () => 'caIssuers;URI:http://i/');
    assert.equal(await urlOf([...others, `OCSP;URI:${url}`].join(',')), url);
    assert.equal(await urlOf([...others, others[0], `OCSP;URI:${url}`].join(',')), undefined);
    assert.equal(responderUrlOf(parsed(client)), undefined);
  });
});
