import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startApache } from '../support/apache.ts';
import { startLighttpd } from '../support/lighttpd.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { type Credential, createPki, daysFrom, type Pki } from '../support/pki.ts';
import { startPortcullis } from '../support/portcullis.ts';
import { freePort, run, runOk, until } from '../support/processes.ts';
import { createPublishingSite } from '../support/published.ts';
import { shipped } from '../support/shipped.ts';

interface Place {
  readonly port: number;
  readonly pki: Pki;
  readonly socket: string;
  readonly root: string;
  /** Of what repositories publish. */
  readonly publications: string;
  readonly server: Credential;
}

interface Shipped {
  readonly handOff: string;
  /** What docs/fronts.md says of an expired certificate; 000 when the handshake ends. */
  readonly expired: string;
  /** What it says of one for a rule with a CA that the front does not know. */
  readonly ofUnknownCa: string;
  readonly start: (place: Place) => Promise<AsyncDisposable>;
}

const apache: Shipped = {
  handOff: 'x-sendfile',
  expired: '000',
  ofUnknownCa: '200',
  start: ({ port, server, socket, root, publications }) =>
    startApache(
      ['ssl', 'socache_shmcb', 'proxy', 'proxy_uwsgi', 'xsendfile'],
      shipped('apache/portcullis.conf', {
        'Listen 443': `Listen 127.0.0.1:${port}`,
        '*:443': `127.0.0.1:${port}`,
        '/etc/portcullis/server.pem': server.certificatePath,
        '/etc/portcullis/server.key': server.keyPath,
        '/run/portcullis/content.sock': socket,
        '/srv/repos': root,
        '/var/lib/portcullis/storage/publications': publications,
      }),
    ),
};

const lighttpd: Shipped = {
  handOff: 'x-sendfile-encoded',
  expired: '403',
  ofUnknownCa: '403',
  start: ({ port, pki, server, socket, root, publications }) =>
    startLighttpd(
      `server.bind = "127.0.0.1"\nserver.port = ${port}\n${shipped('lighttpd/portcullis.conf', {
        '0.0.0.0:443': `127.0.0.1:${port}`,
        '/etc/portcullis/server.pem': pki.file('chain.pem'),
        '/etc/portcullis/server.key': server.keyPath,
        '/etc/portcullis/client-cas.pem': pki.file('ca.pem'),
        '/run/portcullis/content.sock': socket,
        '/srv/repos': root,
        '/var/lib/portcullis/storage/publications': publications,
      })}`,
    ),
};

const nginx: Shipped = {
  handOff: 'x-accel-redirect',
  expired: '403',
  ofUnknownCa: '200',
  start: ({ port, server, socket, root }) =>
    startNginx(
      shipped('nginx/portcullis.conf', {
        'listen 443': `listen 127.0.0.1:${port}`,
        '  listen [::]:443 ssl http2;\n': '',
        'repos.example.com': 'localhost',
        '/etc/portcullis/server.pem': server.certificatePath,
        '/etc/portcullis/server.key': server.keyPath,
        '/run/portcullis/content.sock': socket,
        '/srv/repos': root,
        '/var/log/nginx/portcullis-refusals.log': `${root}.log`,
        '/var/log/nginx/portcullis-access.log': `${root}-access.log`,
      }),
    ),
};

for (const [name, { handOff, expired, ofUnknownCa, start }, ...tools] of [
  ['nginx', nginx, 'nginx'],
  ['apache', apache, 'apache2', 'mod_xsendfile'],
  ['lighttpd', lighttpd, 'lighttpd', 'lighttpd_openssl'],
] as const) {
  describe(`deploy/${name}/portcullis.conf`, { skip: needs('curl', 'openssl', ...tools) }, () => {
    it(`deploy/${name}/portcullis.conf serves the entitled and nobody else`, async () => {
      using pki = createPki();
      const ca = await pki.authority();
      const otherCa = await pki.authority({ subject: '/CN=other' });
      const server = await pki.server(ca);
      const client = await pki.client(ca);
      pki.write('ca.pem', ca.certificate);
      pki.write('chain.pem', server.certificate, ca.certificate);
      const root = pki.file('repos');
      for (const distribution of ['acme-el9', 'keys']) {
        mkdirSync(path.join(root, distribution), { recursive: true });
        writeFileSync(path.join(root, distribution, 'a b.rpm'), `${distribution} 0123456789`);
      }
      const socket = pki.file('content.sock');
      await using _portcullis = await startPortcullis({
        // The workers of Apache run as another user.
        listen: { uwsgi: { address: `unix:${socket}`, mode: '0666', handOff } },
        distributions: [
          {
            relativeUrl: 'acme/el9',
            root: `${root}/acme-el9`,
            access: {
              any: [ca, otherCa].map(({ certificatePath }) => ({
                certificate: { ca: certificatePath },
              })),
            },
          },
          { relativeUrl: 'keys', root: `${root}/keys`, access: 'public' },
        ],
      });
      const port = await freePort();
      await using _front = await start({ port, pki, socket, root, publications: root, server });
      const curl = async (target: string, ...args: readonly string[]): Promise<string> => {
        const url = `https://localhost:${port}/pulp/repos/${target}`;
        const common = [
          '-sS',
          '--path-as-is',
          '--cacert',
          pki.file('ca.pem'),
          '-w',
          ' %{http_code}',
        ];
        const { stdout, stderr } = await run('curl', [...common, ...args, url]);
        return `${stdout}${stderr}`;
      };
      const as = ({ certificatePath, keyPath }: Credential): readonly string[] => [
        ...['--cert', certificatePath, '--key', keyPath],
      ];
      const withClient = as(client);
      assert.equal(await curl('acme/el9/a%20b.rpm', ...withClient), 'acme-el9 0123456789 200');
      assert.equal(await curl('acme/el9/a%20b.rpm', ...withClient, '-r', '0-3'), 'acme 206');
      assert.equal(await curl('keys/a%20b.rpm'), 'keys 0123456789 200');
      assert.match(await curl('acme/el9/a%20b.rpm'), / 403$/);
      const statusOf = async (target: string, credential: Credential): Promise<unknown> =>
        / (\d{3})(?=$|curl)/.exec(await curl(target, ...as(credential)))?.[1];
      const late = await pki.client(ca, { notAfter: daysFrom(new Date(), -0.5) });
      assert.equal(await statusOf('acme/el9/a%20b.rpm', late), expired);
      assert.equal(await statusOf('acme/el9/a%20b.rpm', await pki.client(otherCa)), ofUnknownCa);
      assert.equal(await statusOf('acme/el9/a%20b.rpm', await pki.client(undefined)), '403');
      const forged = `SSL_CLIENT_CERT: ${encodeURIComponent(client.certificate)}`;
      assert.match(await curl('acme/el9/a%20b.rpm', '-H', forged), / 403$/);
      for (const target of ['keys/../acme/el9/a%20b.rpm', 'keys/..%2facme-el9/a%20b.rpm']) {
        assert.match(await curl(target), / (400|403|404)$/, target);
      }
    });
  });
}

for (const [name, { handOff, start }, ...tools] of [
  ['apache', apache, 'apache2', 'mod_xsendfile'],
  ['lighttpd', lighttpd, 'lighttpd', 'lighttpd_openssl'],
] as const) {
  it(`deploy/${name}/portcullis.conf sends what repositories publish, and nothing beside it`, {
    skip: needs('curl', 'openssl', ...tools),
  }, async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const server = await pki.server(ca);
    pki.write('ca.pem', ca.certificate);
    pki.write('chain.pem', server.certificate, ca.certificate);
    const [root, socket] = [pki.file('repos'), pki.file('content.sock')];
    mkdirSync(root);
    await using site = await createPublishingSite();
    const id = await site.publish('acme/el9', { 'a b.rpm': 'published' });
    // The workers of Apache run as another user, who is in no group of these.
    const storage = site.settings.storage.directory;
    for (const directory of [site.directory, storage]) chmodSync(directory, 0o711);
    await runOk('chmod', ['-R', 'a+rX', `${storage}/publications`]);
    await using _portcullis = await startPortcullis({
      ...site.settings,
      repositories: { access: 'public' },
      listen: { uwsgi: { address: `unix:${socket}`, mode: '0666', handOff } },
    });
    const port = await freePort();
    const publications = `${storage}/publications`;
    await using _front = await start({ port, pki, socket, root, publications, server });
    const curl = async (target: string): Promise<string> => {
      const common = ['-sS', '--path-as-is', '--cacert', pki.file('ca.pem'), '-w', ' %{http_code}'];
      const url = `https://localhost:${port}/pulp/repos/${target}`;
      return (await run('curl', [...common, url])).stdout.toString();
    };
    const isServed = async () => (await curl('acme/el9/a%20b.rpm')) === 'published 200';
    await until('it is served', isServed);
    for (const target of [`acme/el9/../${id}/a%20b.rpm`, 'acme/el9/none.rpm']) {
      assert.match(await curl(target), / (400|403|404)$/, target);
    }
  });
}
