import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/signed-url/index.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { requestOf, sign, signedAt, writeUrlKeys } from '../identity/signed-urls/url-fixture.ts';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { VariablePairs } from '../support/uwsgi-client.ts';

const directory = temporaryDirectory();
const keys = writeUrlKeys(directory);
after(() => directory[Symbol.dispose]());

testAuthorizer({
  plugin,
  options: () => ({ keys: 'url-keys' }),
  services: () => testServices(directory.path),
  wrongOptions: [
    { keys: '' },
    { keys: ['url-keys'] },
    { keys: 'url-keys', secondsMax: 0 },
    { keys: 'url-keys', secondsMax: 31_622_401 },
    { keys: 'url-keys', secondsMax: 1.5 },
    { keys: 'url-keys', secondsMax: '60' },
    { keys: 'url-keys', overPlainHttp: 'yes' },
  ],
});

describe('signed-url', () => {
  const signal = new AbortController().signal;
  const path = '/pulp/repos/acme/el9/a.rpm';
  const decide = async (
    options: object,
    url: string,
    { secure = true, address }: { readonly secure?: boolean; readonly address?: string } = {},
  ) => {
    const services = testServices(directory.path, () => signedAt);
    const authorizer = await plugin.create(
      plugin.parseOptions({ keys: 'url-keys', ...options }),
      services,
    );
    const request = requestOf(url);
    const { method, query } = request;
    return authorizer.authorize(
      accessRequest({ method, path: request.path, evidence: evidence({ query, secure, address }) }),
      signal,
    );
  };

  it('T07 lets in a signed URL as a principal of its own kind, and remembers nothing', async () => {
    assert.deepEqual(await decide({}, await sign(keys, path)), {
      outcome: 'allow',
      principal: {
        kind: 'plugin',
        name: 'signed-url:new',
        label: 'a URL signed with the key new until 2026-11-21T13:00:00Z',
      },
    });
  });

  it('denies with sentences that an operator understands, and no word of the signature', async () => {
    const days = (count: number) => new Date(signedAt.getTime() + count * 86_400_000);
    const url = await sign(keys, path, { address: '192.0.2.7' });
    for (const [asked, reason] of [
      [path, 'the URL does not let in: the URL is not signed'],
      [
        url.replace('a.rpm', 'b.rpm'),
        'the URL does not let in: the signature by the key new is not of this URL, or for another method',
      ],
      [url, 'the URL does not let in: it is for 192.0.2.7, and not for 192.0.2.8'],
    ] as const) {
      const decision = await decide({}, asked, { address: '192.0.2.8' });
      assert.deepEqual(decision, { outcome: 'deny', reason });
    }
    assert.equal((await decide({}, await sign(keys, path, { expires: days(7) }))).outcome, 'allow');
    const long = await decide({}, await sign(keys, path, { expires: days(8) }));
    assert.ok(long.outcome === 'deny');
    assert.match(
      long.reason,
      /it is valid for 691200 s, and the rule takes URLs of at most 604800 s/,
    );
    const bounded = await decide({ secondsMax: 3599 }, await sign(keys, path));
    assert.equal(bounded.outcome, 'deny');
  });

  it('T61 takes no URL over plain HTTP, unless it is told to', async () => {
    const url = await sign(keys, path);
    assert.deepEqual(await decide({}, url, { secure: false }), {
      outcome: 'deny',
      reason: 'signed URLs are not taken over plain HTTP',
    });
    const told = await decide({ overPlainHttp: true }, url, { secure: false });
    assert.equal(told.outcome, 'allow');
  });

  it('T93 stops the start for a file of keys that is missing, or that others may read', async () => {
    const make = (file: string) =>
      Promise.try(() =>
        plugin.create(plugin.parseOptions({ keys: file }), testServices(directory.path)),
      );
    await assert.rejects(make('absent'), { code: 'FILE_UNREADABLE', message: /absent: there is/ });
    chmodSync(writeUrlKeys(directory, 'open-keys'), 0o644);
    await assert.rejects(make('open-keys'), { code: 'FILE_UNREADABLE', message: /mode is 0644/ });
  });

  it('names the setting that is wrong, and what would be right', () => {
    for (const [options, message] of [
      [{}, /^keys has to be the path of a file of keys$/],
      [{ keys: 'x', secondsMax: 0 }, /^secondsMax has to be whole seconds from 1 to 31622400$/],
      [{ keys: 'x', key: 'y' }, /^it has no setting "key"; there are keys, secondsMax and over/],
    ] as const) {
      assert.throws(() => plugin.parseOptions(options), { message });
    }
    plugin.parseOptions({ keys: 'x', secondsMax: 31_622_400 });
  });
});

describe('signed-url behind a front', () => {
  const site = temporaryDirectory();
  const path = '/pulp/repos/acme/secret.txt';
  const https: VariablePairs = [['HTTPS', 'on']];
  const days = (count: number) => new Date(Date.now() + count * 86_400_000);
  let application: TestApplication;

  before(async () => {
    const root = site.file('root');
    writeTree(root, { 'secret.txt': 'the secret\n', 'other.txt': 'another\n' });
    const access = { 'signed-url': { keys } };
    application = await startApplication({
      distributions: [{ relativeUrl: 'acme', root, access, listing: true }],
    });
  });
  after(async () => {
    await application[Symbol.asyncDispose]();
    site[Symbol.dispose]();
  });

  const fresh = (url: string, more = {}) =>
    sign(keys, url, { from: new Date(), expires: days(1), ...more });

  it('lets in by the URL alone, and nobody without it', async () => {
    const answer = await application.get(await fresh(path), https);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.toString(), 'the secret\n');
    assert.equal((await application.get(path, https)).status, 403);
    const url = await fresh(path);
    assert.equal((await application.get(url.replace('secret', 'other'), https)).status, 403);
    assert.equal((await application.get(url)).status, 403);
  });

  it('T62 writes no signature to the log, and T65 has no cache share what it gave', async () => {
    const url = await fresh(path);
    const signature = /signature=(.{43})/.exec(url)?.[1] ?? '';
    for (const asked of [
      url,
      `${url}&x`,
      url.replace('secret', 'none'),
      `${url}${'&'.repeat(9000)}`,
    ]) {
      const answer = await application.get(asked, https);
      assert.doesNotMatch(answer.headers['cache-control'] ?? 'public', /public/);
      assert.equal(answer.bytes.includes(signature), false);
    }
    assert.equal(JSON.stringify(application.log).includes(signature), false);
  });

  it('explains why a URL does not let in', async () => {
    const allowed = await application.explain({ target: `https://cdn${await fresh(path)}` });
    assert.equal(allowed.outcome, 'allow');
    assert.equal(allowed.principal?.name, 'signed-url:new');
    const late = await sign(keys, path);
    const refused = await application.explain({
      target: `${late.replace('expires=1', 'expires=2')}`,
    });
    assert.equal(refused.status, 403);
    assert.match(
      refused.reason,
      /^the URL does not let in: the signature by the key new is not of/,
    );
  });
});
