/** The rule `certificate` with responders: openssl answers, and we judge. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Credential, createPki } from '../support/pki.ts';
import { freePort, until } from '../support/processes.ts';
import { makeList } from './list-maker.ts';
import { indexOf, patience, type Responder, startResponder } from './ocsp-responder.ts';
import { openRule, replaceFile } from './rule-fixture.ts';

const pki = createPki();
let root: Credential;
let responder: Responder;
let client: Credential;

before(async () => {
  root = await pki.authority({ subject: '/CN=root' });
  pki.write('ca.pem', root.certificate);
  client = await pki.client(root, { subject: '/CN=one', serial: '0A01' });
  responder = await startResponder(root);
});
after(async () => {
  await responder[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

const open = (more: object = {}) =>
  openRule(pki, { ocsp: { responder: responder.url, ...patience, ...more } });

describe('ocsp', () => {
  it('lets in who is good, names the responder, and asks once', async () => {
    await using rule = await open();
    responder.say({ good: ['0A01'] });
    const label = await rule.allows(client);
    assert.match(label, /^CN=one, not on the list of the OCSP responder http:.* \(its answer of 2/);
    const asked = responder.requests.length;
    await Promise.all(Array.from({ length: 20 }, () => rule.allows(client)));
    assert.equal(responder.requests.length, asked);
    const headers = responder.requests.at(-1)?.request.headers;
    assert.equal(headers?.['content-type'], 'application/ocsp-request');
    assert.equal(headers?.authorization, undefined);
  });

  it('asks once for many that come at the same time', async () => {
    await using rule = await open();
    responder.say({ good: ['0A01'] });
    const asked = responder.requests.length;
    await Promise.all(Array.from({ length: 20 }, () => rule.allows(client)));
    assert.equal(responder.requests.length, asked + 1);
  });

  it('T11 refuses who was revoked, with the reason, and who is not known', async () => {
    await using rule = await open();
    responder.say({ revoked: [{ serial: '0A01', reason: 'keyCompromise' }] });
    const revoked =
      /its serial number a01 was revoked, as the OCSP responder http.* says, on 2026-03-01T12:00:00Z, for keyCompromise$/;
    await rule.denies(revoked, client);
    await using other = await open();
    responder.say({ good: ['0A02'] });
    await other.denies(/its serial number a01 is not known to the OCSP responder/, client);
  });

  it('holds an answer no longer than it is told, nor than nextUpdate says', async () => {
    const clock = { now: new Date() };
    const at = (seconds: number) => {
      clock.now = new Date(Date.now() + seconds * 1000);
    };
    await using rule = await openRule(
      pki,
      { ocsp: { responder: responder.url, answerSeconds: 3600, ...patience } },
      () => clock.now,
    );
    responder.say({ good: ['0A01'], minutes: 10 });
    const decision = await rule.decide(client);
    assert.ok(decision.outcome === 'allow');
    assert.equal(decision.remember?.seconds, 60);
    responder.say({ revoked: [{ serial: '0A01' }], minutes: 20 });
    at(9 * 60);
    await rule.allows(client);
    at(11 * 60);
    await rule.denies(/was revoked/, client);
  });

  it('remembers a decision for no longer than its answer counts', async () => {
    await using rule = await open({ answerSeconds: 5 });
    responder.say({ good: ['0A01'] });
    const decision = await rule.decide(client);
    assert.ok(decision.outcome === 'allow');
    assert.ok(Number(decision.remember?.seconds) <= 5, JSON.stringify(decision));
  });

  it('takes the answer of whom the CA has put in its place, and of nobody else', async () => {
    const signing = { extendedKeyUsage: 'OCSPSigning' };
    const delegate = await pki.client(root, { subject: '/CN=responder', extensions: signing });
    const answersOf = async (signer: Credential, more: readonly string[] = []) => {
      responder.say({ good: ['0A01'], signer, more });
      return open();
    };
    for (const more of [[], ['-resp_key_id']]) {
      await using rule = await answersOf(delegate, more);
      await rule.allows(client);
    }
    const other = await pki.authority({ subject: '/CN=root' });
    const expired = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') };
    for (const [signer, reason, more] of [
      [delegate, /somebody whose certificate did not come with it$/, ['-resp_no_certs']],
      [await pki.client(root), /its extendedKeyUsage does not name OCSPSigning$/],
      [
        await pki.client(root, { extensions: { extendedKeyUsage: undefined } }),
        /its extendedKeyUsage does not name OCSPSigning$/,
      ],
      [
        await pki.client(root, { extensions: signing, ...expired }),
        /its responder may not answer: it expired on 2021/,
      ],
      [
        await pki.client(root, { extensions: { ...signing, keyUsage: 'keyEncipherment' } }),
        /its keyUsage lacks digitalSignature$/,
      ],
      [
        await pki.client(root, { extensions: { ...signing, '1.2.3.4': 'critical,DER:0500' } }),
        /an extension that is not known here \(1\.2\.3\.4\)$/,
      ],
      [
        await pki.client(other, { extensions: signing }),
        /its certificate is not signed by the key of that CA$/,
      ],
      [
        await pki.client(await pki.authority({ subject: '/CN=x' }), { extensions: signing }),
        /is of another CA$/,
      ],
      [await pki.client(root, { extensions: signing, digest: 'sha1' }), /signed with SHA-1/],
      [other, /it is not signed by the key of the CA that it names$/],
      [delegate, /it is not signed by the key of the responder that it names$/, ['-badsig']],
      [root, /it is not signed by the key of the CA that it names$/, ['-badsig']],
      [root, /it is signed with SHA-1/, ['-rmd', 'sha1']],
    ] as const) {
      await using rule = await answersOf(signer, more);
      await rule.faults(reason, client);
    }
  });

  it('asks about each CA but the anchor too, with the question of its issuer', async () => {
    const intermediate = await pki.authority({ subject: '/CN=inter', serial: '0B01' }, root);
    const below = await pki.client(intermediate, { subject: '/CN=below', serial: '0C01' });
    pki.write('chain.pem', root.certificate, intermediate.certificate);
    const options = { ca: 'chain.pem', ocsp: { responder: responder.url, ...patience } };
    await using rule = await openRule(pki, options);
    // The responder answers in the name of the root alone.
    responder.say({ good: ['0B01', '0C01'] });
    await rule.faults(/its responder may not answer: its certificate is of another CA$/, below);
    await using client = await openRule(pki, {
      ca: 'chain.pem',
      ocsp: { responder: responder.url, certificates: 'client', ...patience },
    });
    await client.faults(/cannot be gone by/, below);
    await using inter = await startResponder(intermediate);
    inter.say({ good: ['0C01'] });
    await using own = await openRule(pki, {
      ca: 'chain.pem',
      ocsp: { responder: inter.url, certificates: 'client', ...patience },
    });
    await own.allows(below);
  });

  it('T88 goes where a certificate says only when it may, and to no private address then', async () => {
    const access = `OCSP;URI:${responder.url}/x`;
    const extensions = { authorityInfoAccess: access };
    const telling = await pki.client(root, { subject: '/CN=telling', serial: '0A03', extensions });
    responder.say({ good: ['0A03', '0A01'] });
    const asked = responder.requests.length;
    await using closed = await openRule(pki, { ocsp: true });
    await closed.faults(
      /\/x cannot be gone by: it is at 127\.0\.0\.1, which is no public/,
      telling,
    );
    await closed.faults(/: it names no OCSP responder; set a responder$/, client);
    assert.equal(responder.requests.length, asked);
    const listed = { fromCertificates: true, addresses: '127.0.0.0/8', ...patience };
    await using rule = await openRule(pki, { ocsp: listed });
    await rule.allows(telling);
    assert.equal(responder.requests.at(-1)?.request.url, '/x');
    await using named = await open();
    await named.allows(telling);
    assert.equal(responder.requests.at(-1)?.request.url, '/');
  });

  it('T88 asks nobody for a certificate that its CA has not made, or whose list has it', async () => {
    const extensions = { authorityInfoAccess: `OCSP;URI:${responder.url}/evil` };
    const forger = await pki.authority({ subject: '/CN=root' });
    const forged = await pki.client(forger, { extensions });
    const revoked = await pki.client(root, { serial: '0A07', extensions });
    replaceFile(pki.file('list.crl'), await makeList(root, { revoked: [{ serial: '0A07' }] }));
    const listed = { fromCertificates: true, addresses: '127.0.0.0/8', ...patience };
    await using rule = await openRule(pki, { ocsp: listed, crl: 'list.crl' });
    const asked = responder.requests.length;
    await rule.denies(/its issuer CN=root is not among the accepted CAs/, forged);
    await rule.denies(/is on the revocation list of CN=root/, revoked);
    assert.equal(responder.requests.length, asked);
    responder.say({ good: ['0A01'] });
    const named = await openRule(pki, {
      ocsp: { responder: responder.url, ...patience },
      crl: 'list.crl',
    });
    const label = await named.allows(client);
    assert.match(label, /not on the revocation list of CN=root .* and the list of the OCSP resp/);
    await named[Symbol.asyncDispose]();
  });

  const useless: readonly (readonly [what: string, type: string, body: string, reason: RegExp])[] =
    [
      ['a page', 'text/html', '<html>', /its answer is text\/html, and no OCSP response$/],
      ['nonsense', 'application/ocsp-response', 'nonsense', /its OCSP response is cut off$/],
      ['nothing', 'application/ocsp-response', '', /its OCSP response is missing$/],
      ['tryLater', 'application/ocsp-response', '\x30\x03\x0a\x01\x03', /it answers tryLater$/],
    ];
  for (const [what, type, body, reason] of useless) {
    it(`T12 is a fault when the responder sends ${what}, whatever is allowed`, async () => {
      responder.answer((_, response) => {
        response.writeHead(200, { 'content-type': type }).end(Buffer.from(body, 'latin1'));
      });
      await using rule = await open({ unreachable: 'allow' });
      await rule.faults(reason, client);
    });
  }

  it('T12 is a fault when the responder is away, unless somebody has allowed that', async () => {
    const gone = `http://127.0.0.1:${await freePort()}/`;
    await using rule = await openRule(pki, { ocsp: { responder: gone } });
    await rule.faults(/cannot be gone by: connect ECONNREFUSED/, client);
    await using allowing = await openRule(pki, { ocsp: { responder: gone, unreachable: 'allow' } });
    const decision = await allowing.decide(client);
    assert.ok(decision.outcome === 'allow', JSON.stringify(decision));
    assert.equal(decision.principal?.label, 'CN=one');
    assert.ok(Number(decision.remember?.seconds) <= 10);
    responder.answer((_, response) => response.writeHead(500).end());
    await using failing = await open();
    await failing.faults(/: it answered with the status 500$/, client);
    responder.answer(() => {});
    await using late = await open({ timeLimitSeconds: 0.2 });
    await late.faults(/: it did not answer within 0\.2 s$/, client);
  });

  it('leaves a responder alone that fails', async () => {
    responder.answer((_, response) => response.writeHead(500).end());
    await using rule = await open();
    for (let turn = 0; turn < 5; turn += 1) await rule.faults(/status 500$/, client);
    const asked = responder.requests.length;
    await rule.faults(/it has failed too often and is given a rest$/, client);
    assert.equal(responder.requests.length, asked);
  });

  it('T13 takes no answer of the future, of the past, or without an end that is not fresh', async () => {
    const clock = { now: new Date() };
    const at = (seconds: number, options: object) => {
      clock.now = new Date(Date.now() + seconds * 1000);
      responder.say({ good: ['0A01'], ...options });
      return openRule(pki, { ocsp: { responder: responder.url, ...patience } }, () => clock.now);
    };
    for (const [seconds, options, reason] of [
      [-90, {}, /it is of the future \(thisUpdate 2/],
      [360, {}, /it is out of date since 2/],
      [330, { minutes: undefined }, /and says of no time that it is good until then$/],
    ] as const) {
      await using rule = await at(seconds, options);
      await rule.faults(reason, client);
    }
    for (const [seconds, options] of [
      [-30, {}],
      [240, {}],
      [240, { minutes: undefined }],
    ] as const) {
      await using rule = await at(seconds, options);
      await rule.allows(client);
    }
  });

  it('works with the server of openssl itself', async () => {
    const port = await freePort();
    writeFileSync(
      pki.file('index.txt'),
      indexOf({ good: ['0A01'], revoked: [{ serial: '0A02' }] }),
    );
    const child: ChildProcess = spawn(
      'openssl',
      [
        ...['ocsp', '-index', pki.file('index.txt'), '-port', String(port), '-nmin', '5'],
        ...['-CA', pki.file('ca.pem'), '-rsigner', pki.file('ca.pem'), '-rkey', root.keyPath],
      ],
      { stdio: 'ignore' },
    );
    const ended = once(child, 'exit');
    try {
      const other = await pki.client(root, { subject: '/CN=two', serial: '0A02' });
      const url = `http://127.0.0.1:${port}/`;
      await using rule = await openRule(pki, { ocsp: { responder: url, ...patience } });
      await until(
        'the server of openssl answers',
        async () => {
          return (await rule.decide(client).catch(() => undefined))?.outcome === 'allow';
        },
        60_000,
      );
      await rule.denies(/was revoked/, other);
    } finally {
      child.kill();
      await ended;
    }
  });
});
