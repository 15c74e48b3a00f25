import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/token/index.ts';
import { repositoryCollections } from '../../src/repositories/documents.ts';
import { openStore } from '../../src/stores/open.ts';
import { newSecret } from '../../src/tokens/secret.ts';
import type { TokenTerms } from '../../src/tokens/token.ts';
import { Tokens } from '../../src/tokens/tokens.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import {
  basic,
  startApplication,
  type TestApplication,
  writeTree,
} from '../support/application.ts';
import { until } from '../support/processes.ts';
import { testServices } from '../support/services.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { VariablePairs } from '../support/uwsgi-client.ts';
import { openTokenStore, terms, tokenWorker } from '../tokens/token-fixture.ts';

const secure = [['HTTPS', 'on']] as const;

const contractDirectory = temporaryDirectory();
const contractStore = openTokenStore({ type: 'sqlite', file: contractDirectory.file('store.db') });
after(async () => {
  await (await contractStore).close();
  contractDirectory[Symbol.dispose]();
});

testAuthorizer({
  plugin,
  options: () => ({ inPath: true }),
  services: () => ({
    ...testServices(import.meta.dirname),
    openTokens: async () => tokenWorker(await contractStore).tokens,
  }),
  wrongOptions: [{ inPath: 'yes' }, { overPlainHttp: 1 }, { token: 'x' }],
  optionsAreOptional: true,
});

describe('the rule token, in a worker over a store', () => {
  const directory = temporaryDirectory();
  const opened = new AsyncDisposableStack();
  let application: TestApplication;
  let operator: Tokens;

  before(async () => {
    const store = { file: directory.file('store.db') };
    operator = new Tokens(
      opened.use(await openTokenStore({ type: 'sqlite', file: store.file })),
      () => new Date(),
    );
    // What the server finds has to be there: content makes no store.
    await operator.create(terms(), 'admin');
    const whole = { type: 'sqlite', file: store.file } as const;
    await using made = await openStore({
      ...{ settings: whole, access: 'write', collections: repositoryCollections },
    });
    await made.ping();
    const root = directory.file('root');
    writeTree(root, { 'a.txt': '0123456789', 'sub/b.txt': 'b', 'index/c.txt': 'c' });
    const of = (relativeUrl: string, access: unknown) => ({
      ...{ relativeUrl, root, access },
      listing: true,
    });
    application = opened.use(
      await startApplication({
        store,
        distributions: [
          of('plain', { token: {} }),
          of('path', { token: { inPath: true } }),
          of('http', { token: { overPlainHttp: true } }),
          of('any', { any: [{ token: {} }, { address: { allow: ['198.51.100.0/24'] } }] }),
        ],
      }),
    );
  });
  after(async () => {
    await opened.disposeAsync();
    directory[Symbol.dispose]();
  });

  async function create(some: Partial<TokenTerms> = {}) {
    const made = await operator.create(terms(some), 'admin');
    assert.ok(made.outcome === 'created');
    return { id: made.token._id, secret: made.secret };
  }

  const get = (target: string, authorization?: string, more: VariablePairs = secure) => {
    const header = authorization === undefined ? [] : [['HTTP_AUTHORIZATION', authorization]];
    return application.get(`/pulp/repos/${target}`, [...more, ...(header as never)]);
  };
  const reason = () => String(application.lastRequest()?.reason);
  const downloadsOf = async (id: string) => (await operator.byId(id))?.counts.downloads;

  it('takes it as the password of any user, and as a Bearer token', async () => {
    const { id, secret } = await create();
    for (const sent of [
      basic('', secret),
      basic('ann', secret),
      basic(id, secret),
      `Bearer ${secret}`,
    ]) {
      assert.equal((await get('plain/a.txt', sent)).status, 200, sent);
      const line = application.lastRequest();
      assert.equal(line?.principal, `plugin:token:${id}`);
      assert.equal(line?.subject, 'Acme');
      assert.equal(line?.chargedBytes, 10);
    }
    const asUser = await get('plain/a.txt', basic(secret, ''));
    assert.equal(asUser.status, 401);
    assert.equal(JSON.stringify(application.log).includes(secret), false);
  });

  it('asks who sent none, or a wrong one, and refuses who may not have this', async () => {
    const none = await get('plain/a.txt');
    assert.equal(none.status, 401);
    assert.match(none.headers['www-authenticate'] ?? '', /Basic/);
    assert.equal((await get('plain/a.txt', basic('x', newSecret()))).status, 401);
    const wrong = await get('plain/a.txt', `Bearer ${newSecret()}`);
    assert.equal(wrong.status, 401);
    assert.match(JSON.stringify(wrong.headers), /invalid_token/);
    const { secret } = await create({ paths: ['plain/sub'] });
    const other = await get('plain/a.txt', basic('x', secret));
    assert.equal(other.status, 403);
    assert.match(reason(), /not for this path/);
    assert.equal((await get('plain/sub/b.txt', basic('x', secret))).status, 200);
  });

  it('T61 takes none over plain HTTP, and does not ask for one there', async () => {
    const { secret } = await create();
    const plain = [['HTTPS', '']] as const;
    const refused = await get('plain/a.txt', basic('x', secret), plain);
    assert.equal(refused.status, 403);
    assert.equal(refused.headers['www-authenticate'], undefined);
    assert.equal((await get('http/a.txt', basic('x', secret), plain)).status, 200);
  });

  it('charges what is about to be sent, and no more', async () => {
    const { id, secret } = await create({ downloadsMax: 4 });
    const sent = `Bearer ${secret}`;
    const head = [...secure, ['REQUEST_METHOD', 'HEAD']] as const;
    for (const [target, more, status] of [
      ['plain/a.txt', head, 200],
      ['plain/none.txt', secure, 404],
      ['plain/sub', secure, 301],
      ['plain/a.txt', [...secure, ['HTTP_RANGE', 'bytes=90-']], 416],
      ['plain/a.txt', [...secure, ['HTTP_IF_NONE_MATCH', '*']], 304],
    ] as const) {
      assert.equal((await get(target, sent, more)).status, status, target);
    }
    assert.equal(await downloadsOf(id), 0);
    assert.equal((await get('plain/a.txt', sent)).status, 200);
    const range = [...secure, ['HTTP_RANGE', 'bytes=0-3']] as const;
    assert.equal((await get('plain/a.txt', sent, range)).status, 206);
    assert.equal((await get('plain/sub/', sent)).status, 200);
    assert.equal((await get('plain/a.txt', sent)).status, 200);
    const { counts } = (await operator.byId(id)) ?? {};
    assert.equal(counts?.downloads, 4);
    assert.ok((counts?.bytes ?? 0) > 24);
    for (const more of [secure, range, head]) {
      assert.equal((await get('plain/a.txt', sent, more)).status, 403);
      assert.match(reason(), /its limit of 4 downloads is reached/);
    }
  });

  it('refuses at the settlement what the verdict could not know', async () => {
    const { secret } = await create({ bytesMax: 15 });
    assert.equal((await get('plain/a.txt', `Bearer ${secret}`)).status, 200);
    const answer = await get('plain/a.txt', `Bearer ${secret}`);
    assert.equal(answer.status, 403);
    assert.doesNotMatch(answer.body.toString(), /01234/);
    const line = application.lastRequest();
    assert.match(String(line?.reason), /limit of 15 bytes leaves 5, and 10 are asked for/);
    assert.equal(line?.outcome, 'deny');
    const range = [...secure, ['HTTP_RANGE', 'bytes=0-4']] as const;
    assert.equal((await get('plain/a.txt', `Bearer ${secret}`, range)).status, 206);
  });

  it('charges the branch of `any` that allowed, and leaves the others to who is used up', async () => {
    const { id, secret } = await create({ downloadsMax: 1 });
    const here = [...secure, ['REMOTE_ADDR', '198.51.100.7']] as const;
    assert.equal((await get('any/a.txt', undefined, here)).status, 200);
    assert.equal(await downloadsOf(id), 0);
    assert.equal((await get('any/a.txt', `Bearer ${secret}`, here)).status, 200);
    assert.equal(await downloadsOf(id), 1);
    assert.equal((await get('any/a.txt', `Bearer ${secret}`, here)).status, 200);
    assert.equal(await downloadsOf(id), 1);
    assert.equal((await get('any/a.txt', `Bearer ${secret}`)).status, 403);
  });

  it('T62 takes it in the path where that is allowed, and tells nobody of it', async () => {
    const { id, secret } = await create({ paths: ['path/a.txt', 'path/sub'] });
    const answer = await get(`path/${secret}/a.txt`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['referrer-policy'], 'no-referrer');
    const line = application.lastRequest();
    assert.equal(line?.path, '/pulp/repos/path/a.txt');
    assert.equal(line?.principal, `plugin:token:${id}`);
    assert.equal((await get(`path/${secret}/index/c.txt`)).status, 403);
    const listing = await get(`path/${secret}/sub/`);
    assert.equal(listing.status, 200);
    assert.equal(listing.headers['referrer-policy'], 'no-referrer');
    assert.equal(listing.body.toString().includes(secret), false);
    const redirect = await get(`path/${secret}/sub`);
    assert.equal(redirect.status, 301);
    assert.equal(redirect.headers.location, 'sub/');
    const respelled = await get(`path/${secret}/./a.txt`);
    assert.deepEqual([respelled.status, respelled.headers.location], [301, './a.txt']);
    assert.equal((await get(`plain/${secret}/a.txt`)).status, 401);
    assert.equal((await get(`plain/${secret}/a.txt`, `Bearer ${secret}`)).status, 403);
    assert.equal((await get(`nowhere/${secret}/a.txt`)).status, 404);
    assert.equal((await get(`path/${secret}`)).status, 401);
    assert.equal(JSON.stringify(application.log).includes(secret), false);
  });

  it('goes by the one in the path, where there are two', async () => {
    const [good, revoked] = [await create(), await create()];
    await operator.revoke(revoked.id, { by: 'admin', reason: 'it leaked' });
    await until('it is revoked', async () => {
      return (await get('path/a.txt', `Bearer ${revoked.secret}`)).status === 401;
    });
    assert.equal((await get(`path/${good.secret}/a.txt`, `Bearer ${revoked.secret}`)).status, 200);
    assert.equal((await get(`path/${revoked.secret}/a.txt`, `Bearer ${good.secret}`)).status, 401);
    assert.match(reason(), /was revoked at .*: it leaked/);
  });

  it('is explained with its reason, and charged nothing for it', async () => {
    const { id, secret } = await create({ downloadsMax: 1 });
    const explain = async () =>
      application.explain({ target: '/pulp/repos/plain/a.txt', user: 'x', password: secret });
    const allowed = await explain();
    assert.equal(allowed.outcome, 'allow', allowed.reason);
    assert.equal(await downloadsOf(id), 0);
    assert.equal((await get('plain/a.txt', `Bearer ${secret}`)).status, 200);
    const denied = await explain();
    assert.deepEqual([denied.outcome, denied.status], ['deny', 403]);
    assert.match(denied.reason, /its limit of 1 downloads is reached/);
    const inPath = await application.explain({ target: `/pulp/repos/path/${secret}/a.txt` });
    assert.equal(inPath.status, 403);
    assert.equal(inPath.path, '/pulp/repos/path/a.txt');
    const elsewhere = await application.explain({ target: `/pulp/repos/plain/${secret}/a.txt` });
    assert.equal(JSON.stringify([denied, inPath, elsewhere]).includes(secret), false);
  });

  it('writes what was used without a limit at the end', async () => {
    const { id, secret } = await create();
    assert.equal((await get('plain/a.txt', `Bearer ${secret}`)).status, 200);
    await application[Symbol.asyncDispose]();
    const { counts } = (await operator.byId(id)) ?? {};
    assert.deepEqual([counts?.downloads, counts?.bytes], [1, 10]);
    assert.ok(counts?.lastUsed instanceof Date);
  });
});
