import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type ExchangeRequest, exchange } from '../../src/admin/server/exchange.ts';
import type { AdminSettings } from '../../src/admin/settings/settings.ts';
import { needs } from '../support/needs.ts';
import { type CertificateOptions, daysFrom } from '../support/pki.ts';
import { runCommand } from './program.ts';
import { type AdminServer, startAdminServer } from './server.ts';
import { unreachable } from './settings.ts';

const list = ['-u', 'joe', '-p', 's3cret', 'auth', 'user', 'list'];

async function refused(settings: AdminSettings, code: number, err: RegExp): Promise<void> {
  const ran = await runCommand(list, settings);
  assert.deepEqual([ran.code, ran.out], [code, ''], ran.err);
  assert.match(ran.err, err);
  assert.doesNotMatch(ran.err, /s3cret|\n\s+at /);
}

describe('portcullis-admin and addresses', () => {
  it('portcullis-admin says where nothing listens', async () => {
    const told =
      /^Cannot Reach the Server\nNothing listens at 127\.0\.0\.1, port 1\.\nhost and port of the section \[server\] say where it is, as in ~\/\.pulp\/admin\.conf\.\n$/;
    await refused(unreachable, 78, told);
  });

  it('portcullis-admin says of a proxy in the files that it uses none', async () => {
    await refused({ ...unreachable, namesProxy: true }, 78, /proxy_host is set, and proxies are /);
  });

  it('portcullis-admin says that a host is not known', async () => {
    const host = 'no-such-host.invalid';
    const told = /^Cannot Reach the Server\nThe name of the host .+: no-such-host\.invalid\.\n/;
    await refused({ ...unreachable, host }, 78, told);
  });

  it('portcullis-admin says that what listens does not speak TLS', async () => {
    const server = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const told = /^Connection Error\n.+: what listens there does not speak TLS\.\nTry again; /;
    await refused({ ...unreachable, port }, 74, told);
    server.close();
  });

  it('portcullis-admin says that the connection was broken', async () => {
    const server = createNetServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await refused({ ...unreachable, port }, 74, /^Connection Error\n.+: the connection was broken/);
    server.close();
  });
});

describe('portcullis-admin and trust', { skip: needs('openssl') }, () => {
  /** A server with a certificate of its own CA that has these options. */
  async function withCertificate(
    options: CertificateOptions,
    use: (server: AdminServer) => Promise<void>,
  ): Promise<void> {
    await using server = await startAdminServer(options);
    server.answer = () => ({ status: 200, body: [] });
    await use(server);
    assert.equal(server.asked.length, 0, 'nothing was sent to a server that is not trusted');
  }

  it('portcullis-admin trusts no server whose CA it does not know, and sends nothing (T89a)', async () => {
    await withCertificate({}, async ({ settings, pki }) => {
      const told =
        /^Untrusted Server\nThe certificate of localhost is not by an authority that is trusted here\.\nIt was held against .+; ca_path of the section \[server\] names the CA of the server\.\n$/;
      const { certificatePath } = await pki.authority({ subject: '/CN=another' });
      await refused({ ...settings, caPath: certificatePath }, 70, told);
      await refused({ ...settings, caPath: undefined }, 70, told);
    });
  });

  it('portcullis-admin says that the certificate of the server has expired', async () => {
    const notAfter = daysFrom(new Date(), -1);
    const notBefore = daysFrom(new Date(), -2);
    await withCertificate({ notBefore, notAfter }, async ({ settings }) => {
      await refused(
        settings,
        70,
        /^Untrusted Server\nThe certificate of localhost has expired\.\n/,
      );
    });
  });

  it('portcullis-admin says that the certificate is of another host', async () => {
    const extensions = { subjectAltName: 'DNS:pulp.example' };
    await withCertificate({ extensions }, async ({ settings }) => {
      const told =
        /^Wrong Host\nThe certificate of the server is for another host than localhost\.\nhost of /;
      await refused(settings, 65, told);
    });
  });

  it('portcullis-admin says that ca_path cannot be used', async () => {
    await withCertificate({}, async ({ settings, pki }) => {
      const empty = pki.write('empty.pem', 'nothing\n');
      mkdirSync(pki.file('none'));
      for (const caPath of [pki.file('missing'), empty, pki.file('none')]) {
        const told =
          /^CA Certificates\nCannot verify the server with ca_path .+: .+\.\nca_path of /;
        await refused({ ...settings, caPath }, 74, told);
      }
    });
  });

  it('portcullis-admin takes a directory of CAs, and verifies nothing where it is told so', async () => {
    await using server = await startAdminServer();
    server.answer = () => ({ status: 200, body: [] });
    mkdirSync(server.pki.file('cas'));
    const other = await server.pki.authority({ subject: '/CN=another' });
    writeFileSync(server.pki.file('cas/a.pem'), other.certificate);
    writeFileSync(server.pki.file('cas/0a1b2c3d.0'), server.ca.certificate);
    writeFileSync(server.pki.file('cas/README'), 'no certificate');
    for (const settings of [
      { ...server.settings, caPath: server.pki.file('cas') },
      { ...server.settings, caPath: other.certificatePath, verifyTls: false },
    ]) {
      assert.equal((await runCommand(list, settings)).code, 0);
    }
  });
});

describe('exchange', { skip: needs('openssl') }, () => {
  let server: AdminServer;
  let sent: ExchangeRequest;
  before(async () => {
    server = await startAdminServer();
    sent = {
      host: 'localhost',
      port: server.port,
      method: 'GET',
      target: '/',
      headers: {},
      body: undefined,
      tls: { ca: [server.ca.certificate], rejectUnauthorized: true, client: undefined },
    };
  });
  after(() => server?.[Symbol.asyncDispose]());

  const limits = { bytesMax: 1000, connectMsMax: 60_000, callMsMax: 60_000 };

  it('exchange takes an answer of as many bytes as its limit, and none of one more', async () => {
    server.answer = () => ({ status: 200, body: 'x'.repeat(1000) });
    assert.equal((await exchange(sent, limits)).text.length, 1000);
    server.answer = () => ({ status: 200, body: 'x'.repeat(1001) });
    const message = 'the answer is longer than 1000 bytes';
    await assert.rejects(exchange(sent, limits), { name: 'ExchangeLimitError', message });
  });

  it('exchange waits no longer than its limit for the whole answer', async () => {
    server.answer = () => 'silence';
    const message = 'there was no whole answer within 0.3 s';
    await assert.rejects(exchange(sent, { ...limits, callMsMax: 300 }), { message });
  });

  it('exchange waits no longer than its limit for a connection', async () => {
    const silent = createNetServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const message = 'there was no connection within 0.1 s';
    await assert.rejects(exchange({ ...sent, port }, { ...limits, connectMsMax: 100 }), {
      message,
    });
    silent.close();
  });
});
