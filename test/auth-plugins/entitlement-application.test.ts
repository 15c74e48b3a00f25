import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { version3 } from '../support/entitlement-extensions.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { openStoredPeople } from '../support/stored-people.ts';

const granted = '/content/9/os';

describe('entitlement, in an application,', () => {
  let pki: Pki;
  let application: TestApplication;
  let client: Credential;
  before(async () => {
    pki = createPki();
    const ca = await pki.authority({ subject: '/CN=root' });
    client = await pki.client(ca, {
      subject: '/CN=one',
      extensions: version3('/content/$releasever/os', '/tree/9/$basearch'),
    });
    writeTree(pki.file('root'), {
      file: 'content',
      listing: '9',
      '9/listing': 'x86_64',
      '9/x86_64/file': 'content',
    });
    const access = { entitlement: { ca: ca.certificatePath } };
    const at = (relativeUrl: string) => ({ relativeUrl, root: pki.file('root'), access });
    application = await startApplication({
      distributions: [at('content/9/os'), at('content/9/osx'), at('tree'), at('content/9/debug')],
    });
  });
  after(async () => {
    await application[Symbol.asyncDispose]();
    pki[Symbol.dispose]();
  });

  const statusOf = async (path: string) => {
    const shown = [['SSL_CLIENT_CERT', client.certificate]] as const;
    return (await application.get(`/pulp/repos${path}`, shown)).status;
  };

  it('serves what the certificate grants, and nothing else, again and again', async () => {
    for (let round = 0; round < 2; round += 1) {
      assert.equal(await statusOf(`${granted}/file`), 200);
      assert.equal(await statusOf('/tree/9/x86_64/file'), 200);
      assert.equal(await statusOf('/content/9/osx/file'), 403);
      assert.equal(await statusOf('/content/9/debug/file'), 403);
      assert.equal(await statusOf('/tree/file'), 403);
    }
  });

  it('T32 serves the listing files on the way, and no other file there', async () => {
    assert.equal(await statusOf('/tree/listing'), 200);
    assert.equal(await statusOf('/tree/9/listing'), 200);
    assert.equal(await statusOf('/tree/file'), 403);
    assert.equal(await statusOf('/content/9/debug/listing'), 403);
  });

  it('T20 decides about the path that is served, however it is spelled', async () => {
    assert.equal(await statusOf('/content/9/%6Fs/file'), 200);
    assert.equal(await statusOf('/content/9/os/file?x=/content/9/debug'), 200);
    for (const path of [
      ...['/content/9/os/../debug/file', '/content/9/os/%2e%2e/debug/file', '/content/9//os/file'],
      ...['/content/9/os%2Ffile', '/content/9/debug/%2e%2e/os/file'],
    ]) {
      assert.equal(await statusOf(path), 404, path);
    }
    assert.equal(await statusOf('/content/9/debug/file?/content/9/os/'), 403);
  });

  it('explains an allow by the path that grants, and a denial by the nearest', async () => {
    const explain = async (path: string) => {
      const certificatePem = client.certificate;
      const { outcome, reason, tree } = await application.explain({
        target: `/pulp/repos${path}`,
        certificatePem,
      });
      return `${outcome}: ${reason}; ${tree?.reason}`;
    };
    assert.match(
      await explain(`${granted}/file`),
      /CN=one, entitled by \/content\/\$releasever\/os/,
    );
    assert.match(
      await explain('/content/9/debug/file'),
      /^deny: the certificate of CN=one does not grant this path: none of its paths leads there; the nearest is \/content\/\$releasever\/os;/,
    );
  });
});

describe('entitlement, beside a store,', () => {
  it('T16 refuses what is put on its deny-list, although it was remembered', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const client = await pki.client(ca, { extensions: version3('/acme') });
    writeTree(pki.file('root'), { file: 'content' });
    await using stored = await openStoredPeople({
      type: 'sqlite',
      file: pki.file('portcullis.db'),
    });
    const access = { entitlement: { ca: ca.certificatePath } };
    await using application = await startApplication({
      ...stored.settings,
      distributions: [{ relativeUrl: 'acme', root: pki.file('root'), access }],
    });
    const statusOf = async () => {
      const shown = [['SSL_CLIENT_CERT', client.certificate]] as const;
      return (await application.get('/pulp/repos/acme/file', shown)).status;
    };
    assert.equal(await statusOf(), 200);
    assert.equal(await statusOf(), 200);
    const fingerprint = fingerprintOf(client.der);
    await stored.denied.add({ fingerprint }, { reason: 'given away', by: 'admin' });
    await until('the certificate is refused', async () => (await statusOf()) === 403);
    assert.match(String(application.lastRequest()?.reason), /given away/);
  });
});
