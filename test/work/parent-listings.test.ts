/** The files `listing` in the parents of what is served: to each client what it may read, and nothing of the rest. */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { listingDistributionsMax } from '../../src/content/parent-listing.ts';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { version3 } from '../support/entitlement-extensions.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { createPublishingSite, type PublishingSite } from '../support/published.ts';
import { type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';

const files = { 'a.txt': 'one' };

describe('listings of parents', () => {
  const stack = new AsyncDisposableStack();
  let site: PublishingSite;
  let application: TestApplication;
  let entitled: Credential;
  let wide: Credential;
  let stranger: Credential;

  before(async () => {
    const pki = stack.use(createPki());
    const ca = await pki.authority();
    const client = (path: string) => pki.client(ca, { extensions: version3(path) });
    entitled = await client('/dist/rhel/$releasever/$basearch/os');
    wide = await client('/dist');
    stranger = await client('/elsewhere');
    site = stack.use(await createPublishingSite());
    writeTree(`${site.directory}/root`, { 'a.txt': 'one', 'sub/listing': 'its own' });
    const root = `${site.directory}/root`;
    const caPem = ca.certificate;
    application = stack.use(
      await startApplication({
        ...site.settings,
        distributions: [
          { relativeUrl: 'dist/rhel/9.9/x86_64/os', root, access: { entitlement: { caPem } } },
          { relativeUrl: 'open/configured', root, access: 'public' },
          { relativeUrl: 'secret/one', root },
        ],
      }),
    );
    const authCa = caPem;
    for (const [index, url] of [
      'dist/rhel/9/x86_64/os',
      'dist/rhel/9/aarch64/os',
      'dist/rhel/10/x86_64/os',
      'dist/rhel/8/x86_64/debug',
      'dist/other/1/x86_64/os',
    ].entries()) {
      await site.publish(url, files, { authCa, repository: `r${index}` });
    }
    await site.publish('open/zoo', files, { access: 'public', repository: 'zoo' });
    await site.publish('open/Ape', files, { access: 'public', repository: 'ape' });
    await site.publish('open/tls', files, { access: 'public', http: false, repository: 'tls' });
    await site.publish('open/configured/hidden', files, { access: 'public', repository: 'hid' });
    const broken = { password: { file: '/etc/passwd' } };
    await site.publish('open/broken', files, { access: broken, repository: 'broken' });
    await site.publish('open/iso', files, { access: 'public', area: 'isos', repository: 'iso' });
    // The last that was published is known after all others.
    await until('all is served', async () => {
      const names = [await namesAt('repos/open'), await namesAt('isos/open')];
      return ['zoo', 'iso'].every((name, index) => names[index]?.split('\n').includes(name));
    });
  });
  after(() => stack.disposeAsync());

  const ask = (path: string, client?: Credential, more: Readonly<Record<string, string>> = {}) => {
    const certificate = client && { SSL_CLIENT_CERT: client.certificate };
    return application.get(
      `/pulp/${path}`,
      Object.entries({ HTTPS: 'on', ...certificate, ...more }),
    );
  };

  async function namesAt(parent: string, client?: Credential, more = {}): Promise<string> {
    const { status, body } = await ask(`${parent}/listing`, client, more);
    return status === 200 ? body.toString() : String(status);
  }

  test('have the names below which the client may read something, sorted, without a last newline', async () => {
    assert.equal(await namesAt('repos/open'), 'Ape\nconfigured\ntls\nzoo');
    assert.equal(await namesAt('repos'), 'open');
    assert.equal(await namesAt('isos/open'), 'configured\niso');
    const plain = { HTTPS: '', REQUEST_SCHEME: 'http' };
    assert.equal(await namesAt('repos/open', undefined, plain), 'Ape\nconfigured\nzoo');
  });

  test('T32 let clients discover what a variable of their entitlement stands for', async () => {
    assert.equal(await namesAt('repos', entitled), 'dist\nopen');
    assert.equal(await namesAt('repos/dist', entitled), 'rhel');
    // The debug packages of 8 are no os, and so there is nothing of 8.
    assert.equal(await namesAt('repos/dist/rhel', entitled), '10\n9\n9.9');
    assert.equal(await namesAt('repos/dist/rhel/9', entitled), 'aarch64\nx86_64');
    assert.equal(await namesAt('repos/dist/rhel/9.9', entitled), 'x86_64');
    assert.equal(await namesAt('repos/dist/rhel/9/x86_64', entitled), 'os');
    assert.equal(await namesAt('repos/dist', wide), 'other\nrhel');
    assert.equal(await namesAt('repos/dist/rhel', wide), '10\n8\n9\n9.9');
  });

  test('T105 are not there for who may read nothing below, as where nothing is', async () => {
    for (const [path, client] of [
      ['repos/dist', undefined],
      ['repos/dist/rhel', stranger],
      ['repos/secret', wide],
      ['repos/nothing', wide],
      ['repos/op', wide],
      ['repos/dist/', wide],
      ['static', undefined],
      ['', undefined],
    ] as const) {
      const answer = await ask(`${path}/listing`, client);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.headers['www-authenticate'], undefined);
    }
    for (const path of ['repos/open/listing/', 'repos/open/Listing', 'repos/open/', 'repos/open']) {
      assert.equal((await ask(path)).status, 404, path);
    }
    assert.equal((await application.get('/pulp/listing')).status, 404);
  });

  test('leave out what nobody can say, and what another hides', async () => {
    assert.equal((await ask('repos/open/broken/a.txt')).status, 503);
    assert.ok(!(await namesAt('repos/open')).includes('broken'));
    assert.equal(await namesAt('repos/open/configured'), '404');
  });

  test('give way to what a distribution has itself', async () => {
    assert.equal(await namesAt('repos/open/configured/sub'), 'its own');
    assert.equal(await namesAt('repos/open/zoo'), '404');
  });

  test('are for one client, and are answered to HEAD and to conditions', async () => {
    const { headers } = await ask('repos/open/listing');
    assert.equal(headers['cache-control'], 'private, no-cache');
    assert.equal(headers['content-type'], 'text/plain');
    assert.equal(headers['content-length'], String('Ape\nconfigured\ntls\nzoo'.length));
    const tagged = { HTTP_IF_NONE_MATCH: headers.etag ?? '' };
    assert.equal((await ask('repos/open/listing', undefined, tagged)).status, 304);
    const head: RawAnswer = await uwsgiRequest({ path: application.socket }, [
      ['REQUEST_METHOD', 'HEAD'],
      ['REQUEST_URI', '/pulp/repos/open/listing'],
      ['HTTPS', 'on'],
    ]);
    assert.deepEqual([head.status, head.body.length], [200, 0]);
  });

  test('are in the decision log, and explained', async () => {
    await ask('repos/dist/rhel/listing', entitled);
    const line = application.lastRequest();
    assert.deepEqual([line?.outcome, line?.rule], ['allow', 'listing of a parent']);
    assert.match(String(line?.principal), /^certificate:/);
    await ask('repos/dist/listing');
    const refused = application.lastRequest();
    assert.match(String(refused?.reason), /^none of the 6 distributions below it lets/);
    const target = '/pulp/repos/dist/rhel/listing';
    const explained = await application.explain({ target, certificatePem: entitled.certificate });
    assert.deepEqual([explained.outcome, explained.status], ['allow', 200]);
    assert.equal(explained.tree?.reason, '10 9 9.9');
    const debug = explained.tree?.children.find(({ at }) => at.endsWith('/debug'));
    assert.equal(debug?.outcome, 'deny');
    const nobody = await application.explain({ target });
    assert.deepEqual([nobody.outcome, nobody.status], ['not-found', 404]);
  });

  test('are explained as the texts for everybody are', async () => {
    const key = await application.explain({ target: '/pulp/static/rsa_pub.key' });
    assert.deepEqual([key.outcome, key.status, key.reason], ['allow', 200, 'it is for everybody']);
    assert.equal(key.headers['Content-Type'], 'text/plain');
    assert.equal((await application.explain({ target: '/pulp/static/other' })).status, 404);
    const { body } = await ask('static/rsa_pub.key');
    const ca = new X509Certificate(readFileSync(site.settings.api.sessionCertificate));
    assert.equal(body.toString(), ca.publicKey.export({ type: 'spki', format: 'pem' }));
  });
});

test('T85 a listing is of so many distributions, and not of one more', async () => {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await createPublishingSite());
  const root = site.directory;
  const some = (count: number, above: string) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ relativeUrl: `${above}/name/${index}`, root, access: { not: 'public' } },
    }));
  const distributions = [
    ...some(listingDistributionsMax - 1, 'fits'),
    { relativeUrl: 'fits/open', root, access: 'public' },
    ...some(listingDistributionsMax, 'over'),
    { relativeUrl: 'over/open', root, access: 'public' },
  ];
  await using application = await startApplication({ ...site.settings, distributions });
  const fits = await application.get('/pulp/repos/fits/listing');
  assert.deepEqual([fits.status, fits.body.toString()], [200, 'open']);
  const over = await application.get('/pulp/repos/over/listing');
  assert.deepEqual([over.status, over.headers['retry-after'] !== undefined], [503, true]);
});
