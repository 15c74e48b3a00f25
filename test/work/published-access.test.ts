/** Who may read what the store publishes. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startApplication, type TestApplication } from '../support/application.ts';
import { version3 } from '../support/entitlement-extensions.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { createPublishingSite, type PublishingSite } from '../support/published.ts';

interface Customers {
  readonly ca: Credential;
  /** Entitled to /acme. */
  readonly acme: Credential;
  readonly other: Credential;
}

async function customersOf(pki: Pki): Promise<Customers> {
  const ca = await pki.authority();
  const entitled = (path: string) => pki.client(ca, { extensions: version3(path) });
  return { ca, acme: await entitled('/acme'), other: await entitled('/other') };
}

describe('who may read what the store publishes', () => {
  const stack = new AsyncDisposableStack();
  let site: PublishingSite;
  let closed: TestApplication;
  let open: TestApplication;
  let mine: Customers;
  let theirs: Customers;

  before(async () => {
    const pki = stack.use(createPki());
    mine = await customersOf(pki);
    theirs = await customersOf(pki);
    site = stack.use(await createPublishingSite());
    closed = stack.use(await startApplication(site.settings));
    open = stack.use(
      await startApplication({ ...site.settings, repositories: { access: 'public' } }),
    );
  });
  after(() => stack.disposeAsync());

  async function statusOf(url: string, client?: Credential, application = closed) {
    const certificate = client && { SSL_CLIENT_CERT: client.certificate };
    const more = Object.entries({ HTTPS: 'on', ...certificate });
    return (await application.get(`/pulp/repos/${url}/a.txt`, more)).status;
  }

  const becomes = (url: string, status: number, client?: Credential, application = closed) =>
    until(
      `${url} answers ${status}`,
      async () => (await statusOf(url, client, application)) === status,
    );

  test('is nobody, unless something says who', async () => {
    await site.publish('silent', { 'a.txt': 'one' }, { repository: 'silent' });
    await becomes('silent', 403);
    await becomes('silent', 200, undefined, open);
    assert.equal(await statusOf('silent', mine.acme), 403);
  });

  test('T24 is who is entitled by the CA of the distributor, whatever the setting says', async () => {
    const authCa = mine.ca.certificate;
    await site.publish('acme', { 'a.txt': 'one' }, { authCa });
    await site.publish('acme2', { 'a.txt': 'one' }, { authCa, repository: 'acme2' });
    for (const application of [closed, open]) {
      await becomes('acme', 200, mine.acme, application);
      await becomes('acme2', 403, mine.acme, application);
      assert.equal(await statusOf('acme', mine.other, application), 403);
      assert.equal(await statusOf('acme', theirs.acme, application), 403);
      assert.equal(await statusOf('acme', undefined, application), 403);
    }
  });

  test('is checked over plain HTTP as over TLS', async () => {
    const authCa = mine.ca.certificate;
    await site.publish('plain', { 'a.txt': 'one' }, { authCa, repository: 'plain' });
    await becomes('plain', 403, mine.acme);
    assert.equal((await closed.get('/pulp/repos/plain/a.txt')).status, 403);
  });

  test('T67 is who the store says, before the distributor and the setting', async () => {
    const authCa = mine.ca.certificate;
    await site.publish('set', { 'a.txt': 'one' }, { authCa, repository: 'set' });
    await becomes('set', 403);
    const set = (access: unknown) =>
      site.policies.setAccess('set', { tree: JSON.stringify({ access }), uses: [], by: 'ann' });
    await set('public');
    await becomes('set', 200);
    await set({ not: 'public' });
    await becomes('set', 403);
    await becomes('set', 403, undefined, open);
    await site.policies.clearAccess('set');
    await becomes('set', 403, mine.other);
  });

  test('T67 an allow that is remembered ends when the distributor names another CA', async () => {
    const publish = (authCa: string) =>
      site.publish('acme/ca', { 'a.txt': 'one' }, { authCa, repository: 'ca' });
    await site.distributions.releaseAll('acme');
    await publish(mine.ca.certificate);
    await becomes('acme/ca', 200, mine.acme);
    await publish(theirs.ca.certificate);
    await becomes('acme/ca', 403, mine.acme);
    await becomes('acme/ca', 200, theirs.acme);
  });

  test('T59 is a refusal, and no fault, for strangers where the CA of sessions is not', async () => {
    const missing = `${site.directory}/missing`;
    const api = { sessionCertificate: `${missing}.pem`, sessionKey: `${missing}.key` };
    await using content = await startApplication({ ...site.settings, api });
    const authCa = mine.ca.certificate;
    await site.publish('acme/bare', { 'a.txt': 'one' }, { authCa, repository: 'bare' });
    await becomes('acme/bare', 200, mine.acme, content);
    for (const client of [undefined, mine.other, theirs.acme]) {
      assert.equal(await statusOf('acme/bare', client, content), 403);
    }
  });

  test('T59 what cannot be used lets nobody in, and says why', async () => {
    const broken = { access: { password: { file: '/etc/passwd' } }, repository: 'broken' };
    await site.publish('broken', { 'a.txt': 'one' }, broken);
    await becomes('broken', 503);
    await becomes('broken', 503, undefined, open);
    const { reason } = await closed.explain({ target: '/pulp/repos/broken/a.txt' });
    assert.match(String(reason), /what the distributor says of it cannot be used/);
  });

  test('what let clients in to one repository lets none in to another in its place', async () => {
    await site.publish('place', { 'a.txt': 'one' }, { access: 'public', repository: 'former' });
    await becomes('place', 200);
    await site.distributions.releaseAll('former');
    const authCa = mine.ca.certificate;
    await site.publish('place', { 'b.txt': 'secret' }, { authCa, repository: 'latter' });
    const statuses = new Set<number>();
    await until('it is of the other', async () => {
      const { status } = await closed.get('/pulp/repos/place/b.txt', [['HTTPS', 'on']]);
      statuses.add(status);
      return status === 403;
    });
    assert.ok(!statuses.has(200), [...statuses].join());
  });
});
