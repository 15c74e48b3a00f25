import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLogger } from '../../src/log.ts';
import { RevocationLists } from '../../src/revocation/revocation-lists.ts';
import { parsed } from '../identity/chain-fixture.ts';
import { startApplication, writeTree } from '../support/application.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { makeList } from './list-maker.ts';
import { startListServer } from './list-server.ts';
import { patience, startResponder } from './ocsp-responder.ts';
import { replaceFile } from './rule-fixture.ts';

const pki = createPki();
let root: Credential;
let good: Credential;
let revoked: Credential;

before(async () => {
  root = await pki.authority({ subject: '/CN=root' });
  good = await pki.client(root, { subject: '/CN=good', serial: '0A01' });
  revoked = await pki.client(root, { subject: '/CN=revoked', serial: '0A02' });
  writeTree(pki.file('content'), { file: 'content' });
  replaceFile(
    pki.file('list.crl'),
    await makeList(root, { number: 5n, revoked: [{ serial: '0A02', reason: 'superseded' }] }),
  );
});
after(() => pki[Symbol.dispose]());

function start(crl: unknown, around: (rule: object) => object = (rule) => rule) {
  const rule = { certificate: { ca: root.certificatePath, crl } };
  const access = around(rule);
  return startApplication({
    distributions: [{ relativeUrl: 'a', root: pki.file('content'), access }],
  });
}

const target = '/pulp/repos/a/file';

describe('explain with revocation lists', () => {
  it('explain names the list and its dates to whoever is let in, and to whoever is not', async () => {
    await using application = await start(pki.file('list.crl'));
    const named =
      /the revocation list of CN=root \(.*list\.crl, number 5, of 2.*Z, the next due 2.*Z\)/;
    const allowed = await application.explain({ target, certificatePem: good.certificate });
    assert.deepEqual([allowed.outcome, allowed.status], ['allow', 200]);
    assert.match(allowed.tree?.reason ?? '', named);
    const denied = await application.explain({ target, certificatePem: revoked.certificate });
    assert.deepEqual([denied.outcome, denied.status], ['deny', 403]);
    assert.match(denied.reason, named);
    assert.match(denied.reason, /since 2026-03-01T12:00:00Z, for superseded$/);
  });

  it('T11 explain says what is missing, and the client gets 503, also under not', async () => {
    const lists = pki.file('absent.crl');
    for (const around of [undefined, (rule: object) => ({ not: rule })]) {
      await using application = await start(lists, around);
      const found = await application.explain({ target, certificatePem: good.certificate });
      assert.deepEqual([found.outcome, found.status], ['fault', 503]);
      assert.match(found.reason, /absent\.crl: there is no such file or directory/);
      const answer = await application.get(target, [
        ['HTTPS', 'on'],
        ['SSL_CLIENT_CERT', good.certificate],
      ]);
      assert.equal(answer.status, 503);
      assert.notEqual(answer.headers['retry-after'], undefined);
      assert.doesNotMatch(answer.body.toString(), /crl|revo/i);
    }
  });

  it('explain names the responder, and how soon it is obeyed', async () => {
    await using responder = await startResponder(root);
    responder.say({ good: ['0A01'], revoked: [{ serial: '0A02', reason: 'superseded' }] });
    const ocsp = { responder: responder.url, answerSeconds: 30, ...patience };
    const certificate = { ca: root.certificatePath, ocsp };
    await using application = await startApplication({
      access: { timeLimitSeconds: 60 },
      distributions: [{ relativeUrl: 'a', root: pki.file('content'), access: { certificate } }],
    });
    const allowed = await application.explain({ target, certificatePem: good.certificate });
    assert.equal(allowed.outcome, 'allow');
    const named = /the list of the OCSP responder http:.* \(its answer of 2.*, asked anew after 2/;
    assert.match(allowed.tree?.reason ?? '', named);
    const found = allowed.tree?.findings?.certificate?.revocation;
    assert.equal(found?.withinSeconds, 31);
    assert.match(found?.notOn ?? '', named);
    const denied = await application.explain({ target, certificatePem: revoked.certificate });
    assert.match(denied.reason, /was revoked, as the OCSP responder http.* says, on 2026-03-01T12/);
    assert.deepEqual([denied.outcome, denied.status], ['deny', 403]);
  });

  it('T12 a server that hangs holds up no start', async () => {
    await using server = await startListServer();
    server.answer(() => {});
    const log = createLogger({ level: 'error', write: () => {} });
    await using lists = new RevocationLists({ log, now: () => new Date(), firstReadSeconds: 0.05 });
    const options = { lists: [server.url], refreshSeconds: 60, staleSeconds: 0 };
    const certificates = [parsed(good), parsed(root)];
    const check = await lists.open({ ...options, missing: 'refuse' }, certificates.slice(1));
    assert.throws(() => check(certificates, new Date()), {
      code: 'CANNOT_DECIDE',
      message: `Cannot tell whether the certificate was revoked: there is no revocation list of CN=root: ${server.url}: it is being read`,
    });
  });
});
