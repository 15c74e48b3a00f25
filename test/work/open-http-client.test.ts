import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { bearerBytesMax } from '../../src/http/basic.ts';
import type { HttpTlsFiles } from '../../src/plugin.ts';
import { openHttpClient } from '../../src/work/open-http-client.ts';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';
import { type Credential, createPki } from '../support/pki.ts';

const limits = { secondsMax: 30, answerBytesMax: 1000, connectionsMax: 4, pendingMax: 4 };
const pki = createPki();
let server: AnsweringServer;
let authority: Credential;
let client: Credential;

before(async () => {
  authority = await pki.authority();
  client = await pki.client(authority, { subject: '/CN=portcullis' });
  chmodSync(client.keyPath, 0o600);
  const { certificate: cert, key } = await pki.server(authority);
  const ca = authority.certificate;
  server = await startAnsweringServer({
    cert,
    key,
    ca,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.answer(({ socket }, response) => {
    const { authorized, getPeerCertificate } = socket as TLSSocket;
    const { subject } = getPeerCertificate.call(socket);
    response.end(authorized ? `hello ${subject?.CN}` : 'who are you?');
  });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

async function ask(tls: HttpTlsFiles | undefined, bearerFile?: string): Promise<string> {
  using opened = await openHttpClient({ url: server.url, limits, tls, bearerFile }, (file) =>
    path.resolve(pki.directory, file),
  );
  const asked = await opened.ask({ method: 'GET' }, ({ body }) => ({
    value: Buffer.from(body).toString(),
  }));
  return 'value' in asked ? asked.value : asked.problem;
}

describe('openHttpClient', () => {
  it('trusts the CA of the file, and nobody else', async () => {
    pki.write('ca.pem', authority.certificate);
    assert.equal(await ask({ ca: 'ca.pem' }), 'who are you?');
    assert.match(await ask(undefined), /unable to verify|self-signed/);
    pki.write('other.pem', (await pki.authority({ subject: '/CN=other' })).certificate);
    assert.match(await ask({ ca: 'other.pem' }), /unable to verify|self-signed/);
  });

  it('trusts nobody for a variable of the environment', async (context) => {
    const name = 'NODE_TLS_REJECT_UNAUTHORIZED';
    process.env[name] = '0';
    context.after(() => delete process.env[name]);
    assert.match(await ask(undefined), /unable to verify|self-signed/);
  });

  it('shows its certificate', async () => {
    const { certificatePath: certificate, keyPath: key } = client;
    assert.equal(await ask({ ca: 'ca.pem', certificate, key }), 'hello portcullis');
  });

  it('shows the token of its file, which has one and nobody else may read', async () => {
    const { certificatePath: certificate, keyPath: key } = client;
    const tls = { ca: 'ca.pem', certificate, key };
    for (const text of ['a.b-c_d~e+f/g==', 'x\n', 'x\r\n', 'x'.repeat(bearerBytesMax)]) {
      chmodSync(pki.write('token', text), 0o600);
      await ask(tls, 'token');
      const sent = server.requests.at(-1)?.request.headers.authorization;
      assert.equal(sent, `Bearer ${text.trim()}`);
    }
    for (const text of ['a b', 'a\nb', 'a\n\n', 'é', 'Bearer a', 'x'.repeat(bearerBytesMax + 1)]) {
      chmodSync(pki.write('token', text), 0o600);
      await assert.rejects(ask(tls, 'token'), { code: 'FILE_UNREADABLE' });
    }
    chmodSync(pki.write('token', 'x'), 0o640);
    await ask(tls, 'token');
    chmodSync(pki.file('token'), 0o644);
    await assert.rejects(ask(tls, 'token'), { message: /token: its mode is 0644/ });
  });

  it('T93 opens with no file that is not what it should be, and no key that others may read', async () => {
    const { certificatePath: certificate, keyPath: key } = client;
    const opening = (tls: HttpTlsFiles) => ask(tls);
    const invalid = { code: 'FILE_UNREADABLE' };
    await assert.rejects(opening({ ca: 'absent.pem' }), invalid);
    pki.write('text.pem', 'no certificate');
    await assert.rejects(opening({ ca: 'text.pem' }), {
      ...invalid,
      message: /^Cannot trust the CA file .*text\.pem: .*should hold CA certificates in PEM$/,
    });
    await assert.rejects(opening({ certificate, key: authority.keyPath }), invalid);
    await assert.rejects(opening({ certificate: 'text.pem', key }), invalid);
    const open = pki.write('open.key', client.key);
    chmodSync(open, 0o644);
    await assert.rejects(opening({ certificate, key: open }), {
      ...invalid,
      message: /^Cannot use the key .*open\.key: its mode is 0644/,
    });
  });
});
