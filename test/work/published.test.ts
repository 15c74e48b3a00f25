/** A worker that serves what others publish in the store meanwhile. */

import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { createPki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { createPublishingSite, type PublishingSite } from '../support/published.ts';
import type { RawAnswer, VariablePairs } from '../support/uwsgi-client.ts';

interface Site extends AsyncDisposable {
  readonly site: PublishingSite;
  readonly application: TestApplication;
  get(path: string, more?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  becomes(path: string, status: number, body?: string): Promise<void>;
}

async function start(configuration: object = {}): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await createPublishingSite());
  const application = stack.use(
    await startApplication({
      ...site.settings,
      repositories: { access: 'public' },
      ...configuration,
    }),
  );
  const get: Site['get'] = (path, more = {}) => {
    const pairs: VariablePairs = Object.entries({ HTTPS: 'on', ...more });
    return application.get(path, pairs);
  };
  const owned = stack.move();
  return {
    ...{ site, application, get },
    becomes: async (path, status, body) =>
      until(`${path} answers ${status} ${body ?? ''}`, async () => {
        const answer = await get(path);
        return answer.status === status && (body === undefined || answer.body.toString() === body);
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('what the store publishes', () => {
  test('is served within the published time, and so is what takes its place', async () => {
    await using running = await start();
    const { site, becomes, get } = running;
    assert.equal((await get('/pulp/repos/acme/el9/a.txt')).status, 404);
    await site.publish('acme/el9', { 'a.txt': 'one', 'old.txt': 'old' });
    await becomes('/pulp/repos/acme/el9/a.txt', 200, 'one');
    await site.publish('acme/el9', { 'a.txt': 'two' });
    await becomes('/pulp/repos/acme/el9/a.txt', 200, 'two');
    // Who read the metadata before gets the files that it names.
    assert.equal((await get('/pulp/repos/acme/el9/old.txt')).body.toString(), 'old');
    assert.equal((await get('/pulp/repos/acme/el9/none.txt')).status, 404);
    assert.equal((await get('/pulp/repos/acme/el9/')).status, 404);
    assert.equal((await get('/pulp/isos/acme/el9/a.txt')).status, 404);
  });

  test('is at once what another worker may have told of, and ends with its grace', async () => {
    await using running = await start();
    const { site, becomes, get } = running;
    await site.publish('acme/el9', { 'a.txt': 'one' });
    await becomes('/pulp/repos/acme/el9/a.txt', 200);
    for (let round = 0; round < 20; round += 1) {
      await site.publish('acme/el9', { 'a.txt': 'one', [`${round}.txt`]: String(round) });
      const answer = await get(`/pulp/repos/acme/el9/${round}.txt`);
      assert.equal(answer.body.toString(), String(round));
    }
    await site.publish('acme/el9', { 'a.txt': 'two' }, { graceSeconds: 0 });
    await becomes('/pulp/repos/acme/el9/19.txt', 404);
    assert.equal((await get('/pulp/repos/acme/el9/18.txt')).status, 200);
  });

  test('T39a is there at once when it is published for the first time', async () => {
    await using running = await start();
    const { site, get, application } = running;
    assert.equal((await get('/pulp/repos/first/a.txt')).status, 404);
    for (let round = 0; round < 20; round += 1) {
      const url = `first/${round}`;
      await site.publish(url, { 'a.txt': url }, { repository: url });
      const answer = await get(`/pulp/repos/${url}/a.txt`);
      assert.equal(answer.body.toString(), url);
      assert.equal((await get(`/pulp/repos/${url}0/a.txt`)).status, 404);
    }
    await site.publish('explained', { 'a.txt': 'one' }, { repository: 'explained' });
    const target = 'https://h/pulp/repos/explained/a.txt';
    assert.equal((await application.explain({ target })).status, 200);
  });

  test('T24 T30 is found by whole segments, byte for byte', async () => {
    await using running = await start();
    const { site, becomes, get } = running;
    await site.publish('acme/el9', { 'a.txt': 'one' });
    await site.publish('acme/el9', { 'a.txt': 'iso' }, { area: 'isos', repository: 'files' });
    await becomes('/pulp/repos/acme/el9/a.txt', 200, 'one');
    await becomes('/pulp/isos/acme/el9/a.txt', 200, 'iso');
    for (const path of ['acme/el', 'acme/el99', 'Acme/el9', 'acme', 'acme/el9a', 'x/acme/el9']) {
      assert.equal((await get(`/pulp/repos/${path}/a.txt`)).status, 404, path);
    }
  });

  test('is not there where it is not served by the protocol of the client', async () => {
    await using running = await start();
    const { site, becomes, get } = running;
    await site.publish('tls', { 'a.txt': 'one' }, { http: false });
    await site.publish('plain', { 'a.txt': 'one' }, { https: false, repository: 'plain' });
    await becomes('/pulp/repos/tls/a.txt', 200);
    const plain = { HTTPS: '', REQUEST_SCHEME: 'http' };
    const nowhere = await get('/pulp/repos/nowhere/a.txt', plain);
    const hidden = await get('/pulp/repos/tls/a.txt', plain);
    assert.deepEqual([hidden.status, nowhere.status], [404, 404]);
    assert.equal((await get('/pulp/repos/plain/a.txt')).status, 404);
    assert.equal((await get('/pulp/repos/plain/a.txt', plain)).status, 200);
    const { status } = await running.application.explain({
      target: 'http://h/pulp/repos/tls/a.txt',
    });
    assert.equal(status, 404);
  });

  test('T27 is files alone: a link in it leads nowhere', async () => {
    await using running = await start();
    const { site, becomes, get } = running;
    const id = await site.publish('acme', { 'a.txt': 'one', 'dir/b.txt': 'two' });
    await becomes('/pulp/repos/acme/a.txt', 200);
    for (const path of ['../a.txt', '%2e%2e/x', `../${id}/a.txt`, 'dir', 'dir/', 'a.txt/']) {
      assert.notEqual((await get(`/pulp/repos/acme/${path}`)).status, 200, path);
    }
  });

  test('gives way to what the configuration serves, also where that is above it', async () => {
    await using stack = new AsyncDisposableStack();
    const site = stack.use(await createPublishingSite());
    writeTree(`${site.directory}/root`, { 'a.txt': 'configured' });
    const distributions = ['acme', 'top/below'].map((relativeUrl) => ({
      ...{ relativeUrl, root: `${site.directory}/root`, access: 'public' },
    }));
    const application = stack.use(
      await startApplication({
        ...site.settings,
        repositories: { access: 'public' },
        distributions,
      }),
    );
    await site.publish('acme/el9', { 'a.txt': 'published' });
    await site.publish('top', { 'b.txt': 'published' }, { repository: 'top' });
    const bodyOf = async (path: string): Promise<string> =>
      (await application.get(`/pulp/repos/${path}`)).body.toString();
    await until('it is published', async () => (await bodyOf('top/b.txt')) === 'published');
    assert.equal(await bodyOf('acme/a.txt'), 'configured');
    assert.equal(await bodyOf('top/below/a.txt'), 'configured');
    assert.match(await bodyOf('acme/el9/a.txt'), /^404/);
  });

  test('T59 is served by what is in memory while the store is away, and then to nobody', async () => {
    await using running = await start({ access: { storeOutageSeconds: 1 } });
    const { site, becomes, get } = running;
    await site.publish('acme', { 'a.txt': 'one' });
    await becomes('/pulp/repos/acme/a.txt', 200);
    const { file } = site.settings.store;
    await site.store.close();
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
    renameSync(file, `${file}.away`);
    await becomes('/pulp/repos/acme/a.txt', 503);
    // Policies and distributions are asked for apart, and so the one may be known a moment longer.
    await becomes('/pulp/repos/unknown/a.txt', 503);
    assert.equal((await get('/elsewhere')).status, 404);
  });

  test('has its key, which everybody may read, whoever may read the packages', async () => {
    await using running = await start({ repositories: {} });
    const { site, becomes, get } = running;
    await site.publish('acme', { 'a.txt': 'one' }, { gpgKey: 'the key' });
    await becomes('/pulp/gpg/acme/yum_distributor.key', 200, 'the key');
    assert.equal((await get('/pulp/repos/acme/a.txt')).status, 403);
    for (const path of ['acme/other.key', 'other/yum_distributor.key', 'acme/', '']) {
      assert.equal((await get(`/pulp/gpg/${path}`)).status, 404, path);
    }
    assert.equal((await get('/pulp/static/ca.pem')).status, 404);
  });

  test('T65 the CA of the front is read by everybody, and no key that lies beside it', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const frontAuthority = pki.write('front-ca.pem', ca.certificate);
    await using running = await start({ api: { frontAuthority } });
    const { status, body } = await running.get('/pulp/static/ca.pem');
    assert.deepEqual([status, body.toString().trim()], [200, ca.certificate.trim()]);
  });

  test('is told of by the decision log with its publication', async () => {
    await using running = await start();
    const { site, becomes, application } = running;
    const id = await site.publish('acme', { 'a.txt': 'one' });
    await becomes('/pulp/repos/acme/a.txt', 200);
    const lineOfIt = () => application.log.find(({ publication }) => publication === id);
    // It is written after the answer.
    await until('it is logged', () => lineOfIt() !== undefined);
    const line = lineOfIt();
    assert.deepEqual([line?.message, line?.path], ['request', '/pulp/repos/acme/a.txt']);
    assert.equal(line?.distribution, 'acme');
    const explained = await application.explain({ target: '/pulp/repos/acme/a.txt' });
    assert.equal(explained.outcome, 'allow');
  });
});
