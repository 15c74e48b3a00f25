/** Tokens of customers as clients use them, through real nginx and real workers, on any store. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openStore } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { type TokenTerms, tokenCollections } from '../../src/tokens/token.ts';
import { Tokens } from '../../src/tokens/tokens.ts';
import { writeTree } from '../support/application.ts';
import { startNginx } from '../support/nginx.ts';
import { createPki } from '../support/pki.ts';
import { type Portcullis, startPortcullis } from '../support/portcullis.ts';
import { freePort, until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { getVariables, type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';
import { terms } from '../tokens/token-fixture.ts';
import { renderNginx } from './fronts.ts';
import { patienceMs } from './pool.ts';
import type { StoredAccessContract } from './stored-access.ts';

/** Behind nginx; on the other host there is one more. */
const workers = 4;
const clients = 100;

/** How long the instances go by their memory while the store is away, in seconds. */
const outageSeconds = 12;

const content = '0123456789';

export function testTokens(contract: StoredAccessContract): void {
  describe(`tokens of customers by the store ${contract.name}`, { skip: contract.skip }, () => {
    const stack = new AsyncDisposableStack();
    let site: Site;
    before(async () => {
      site = await startSite(stack, contract);
    });
    after(() => stack.disposeAsync());

    it('T64 a limit of 3 downloads lets in exactly 3 of 100 clients at once, on 5 workers of 2 hosts', async () => {
      const { id, secret } = await site.create({ downloadsMax: 3 });
      const statuses = await Promise.all(
        Array.from({ length: clients }, async (_, index) =>
          index % workers === 0
            ? (await site.elsewhere('file.txt', secret)).status
            : (await site.get('file.txt', secret)).status,
        ),
      );
      assert.deepEqual(countsOf(statuses), { 200: 3, 403: clients - 3 });
      assert.equal((await site.operator.byId(id))?.counts.downloads, 3);
      const reason = `the token ${id} of "Acme": its limit of 3 downloads is reached`;
      const isLogged = () => site.logged(({ reason: said }) => said === reason);
      await until('a refusal is logged', isLogged, patienceMs);
    });

    it('T64 a limit of bytes is exact for ranges and whole files, though nginx sends them', async () => {
      const { id, secret } = await site.create({ bytesMax: 25 });
      const ranges = await Promise.all(
        Array.from({ length: 8 }, () => site.get('file.txt', secret, { range: 'bytes=0-3' })),
      );
      assert.deepEqual(countsOf(ranges.map(({ status }) => status)), { 206: 6, 403: 2 });
      assert.ok(ranges.every(({ status, body }) => status === 403 || body === '0123'));
      assert.equal((await site.get('file.txt', secret, { range: 'bytes=9-' })).body, '9');
      assert.equal((await site.get('file.txt', secret)).status, 403);
      assert.equal((await site.operator.byId(id))?.counts.bytes, 25);
    });

    it('T62 a token in the path lets in, and is in no log and no answer', async () => {
      const { id, secret } = await site.create({ downloadsMax: 100 });
      const target = `${secret}/file.txt`;
      const answer = await site.get(target);
      assert.deepEqual([answer.status, answer.body], [200, content]);
      assert.equal(answer.headers['referrer-policy'], 'no-referrer');
      const head = await site.get(target, undefined, {}, 'HEAD');
      assert.deepEqual([head.status, head.headers['content-length']], [200, '10']);
      const tag = String(answer.headers.etag);
      assert.equal((await site.get(target, undefined, { 'if-none-match': tag })).status, 304);
      assert.equal((await site.operator.byId(id))?.counts.downloads, 1);
      for (const [some, status] of [
        [`${secret}/`, 200],
        [`${secret}/sub`, 301],
        [`${secret}/./file.txt`, 301],
        [`${secret}/none`, 404],
        [`${secret}//file.txt`, 404],
        [`${secret.slice(0, -1)}0/file.txt`, 401],
        [`sub/${secret}/file.txt`, 401],
      ] as const) {
        const other = await site.get(some);
        assert.equal(other.status, status, some);
        assert.equal(JSON.stringify(other).includes(secret), false, some);
      }
      const isLogged = () => site.logged(({ path: at }) => String(at).endsWith('/none'));
      await until('all is logged', isLogged, patienceMs);
      assert.deepEqual(site.filesWith(secret.slice(4)), []);
    });

    it('what is used without a limit is counted when the worker drains', async () => {
      const { id, secret } = await site.create();
      for (let time = 0; time < 4; time += 1) {
        assert.equal((await site.elsewhere('file.txt', secret)).status, 200);
      }
      await site.stopElsewhere();
      const { counts } = (await site.operator.byId(id)) ?? {};
      assert.deepEqual([counts?.downloads, counts?.bytes], [4, 4 * content.length]);
    });

    it('without the store, who has a limit fails closed at once, and others when the memory ends', async () => {
      const { secret: limited } = await site.create({ downloadsMax: 100 });
      const { secret: free } = await site.create();
      const statusOf = async (secret: string) => (await site.get('file.txt', secret)).status;
      const isKnownToAll = async () => {
        const statuses = await Promise.all(
          Array.from({ length: 8 * workers }, () => statusOf(free)),
        );
        return statuses.every((status) => status === 200);
      };
      assert.equal(await statusOf(limited), 200);
      await until('all workers know it', isKnownToAll, patienceMs);
      await site.leave();
      const isClosed = async () => (await statusOf(limited)) === 503;
      await until('who has a limit is refused', isClosed, patienceMs);
      assert.ok((await statusesOf(() => statusOf(free))).includes(200), 'memory goes on');
      await until('the memory ends', async () => (await statusOf(free)) === 503, patienceMs);
      await site.comeBack();
      for (const secret of [limited, free]) {
        await until('it is heard again', async () => (await statusOf(secret)) === 200, patienceMs);
      }
    });
  });
}

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Site {
  readonly operator: Tokens;
  create(some?: Partial<TokenTerms>): Promise<{ readonly id: string; readonly secret: string }>;
  /** Of the distribution, through nginx. */
  get(
    target: string,
    secret?: string,
    headers?: Readonly<Record<string, string>>,
    method?: 'GET' | 'HEAD',
  ): Promise<Got>;
  /** The same of the other host, without a front. */
  elsewhere(target: string, secret: string): Promise<RawAnswer>;
  stopElsewhere(): Promise<void>;
  logged(is: (line: Readonly<Record<string, unknown>>) => boolean): boolean;
  /** Which of all the logs hold this text. */
  filesWith(text: string): readonly string[];
  leave(): Promise<void>;
  comeBack(): Promise<void>;
}

async function startSite(
  stack: AsyncDisposableStack,
  contract: StoredAccessContract,
): Promise<Site> {
  const host = stack.use(await contract.host());
  const { settings } = host;
  const store: Store = stack.use(
    await openStore({ settings, access: 'write', collections: tokenCollections }),
  );
  const operator = new Tokens(store, () => new Date());
  const create = async (some: Partial<TokenTerms> = {}) => {
    const made = await operator.create(terms(some), 'admin');
    assert.ok(made.outcome === 'created');
    return { id: made.token._id, secret: made.secret };
  };
  // Content makes no store: it has to be there.
  await create();
  const pki = stack.use(createPki());
  const ca = await pki.authority({ subject: '/CN=Server CA' });
  const { certificatePath: certificate, keyPath: key } = await pki.server(ca);
  const directory = stack.use(temporaryDirectory());
  const logs = stack.use(temporaryDirectory());
  const root = directory.file('root');
  writeTree(root, { 'file.txt': content, 'sub/file.txt': content });
  const port = await freePort();
  const shared = {
    store: settings.type === 'sqlite' ? { file: settings.file } : { mongodbUrl: settings.url },
    access: { storeOutageSeconds: outageSeconds, timeLimitSeconds: 30 },
    distributions: [
      { relativeUrl: 'acme/el9', root, listing: true, access: { token: { inPath: true } } },
    ],
  };
  const portcullis = stack.use(
    await startPortcullis({
      ...{ ...shared, workers },
      listen: {
        uwsgi: { address: `unix:${directory.file('front.sock')}`, handOff: 'x-accel-redirect' },
      },
      nginx: {
        listen: [`127.0.0.1:${port}`],
        ...{ certificate, key, refusalLog: logs.file('refusals.log') },
      },
    }),
  );
  const nginx = stack.use(await startNginx(await renderNginx(portcullis)));
  const socket = directory.file('other.sock');
  const other = stack.use(
    await startPortcullis({
      ...shared,
      listen: { uwsgi: { address: `unix:${socket}`, handOff: 'stream' } },
    }),
  );
  const agent = new Agent({ ca: readFileSync(ca.certificatePath), maxSockets: clients });
  stack.defer(() => agent.destroy());
  return {
    ...{ operator, create },
    get: (target, secret, headers = {}, method = 'GET') =>
      ask({ agent, port, method, target, headers: { ...headers, ...bearing(secret) } }),
    elsewhere: (target, secret) =>
      uwsgiRequest(
        { path: socket },
        getVariables(`/pulp/repos/acme/el9/${target}`, [
          ['HTTPS', 'on'],
          ['HTTP_AUTHORIZATION', bearing(secret).authorization ?? ''],
        ]),
        { timeoutMs: patienceMs },
      ),
    stopElsewhere: async () => other[Symbol.asyncDispose](),
    logged: (is) => portcullis.log().some(is),
    filesWith: (text) => filesWith(text, { logs, portcullis, nginx: nginx.errorLog() }),
    leave: () => host.leave(),
    comeBack: () => host.comeBack(),
  };
}

function bearing(secret: string | undefined): { readonly authorization?: string } {
  return secret === undefined ? {} : { authorization: `Bearer ${secret}` };
}

interface Asked {
  readonly agent: Agent;
  readonly port: number;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function ask({ agent, port, method, target, headers }: Asked): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const asked = request(
    {
      ...{ agent, port, method, headers, host: 'localhost' },
      path: `/pulp/repos/acme/el9/${target}`,
    },
    (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    },
  );
  asked.on('error', reject);
  asked.end();
  return promise;
}

interface Logs {
  readonly logs: TemporaryDirectory;
  readonly portcullis: Portcullis;
  /** The error log of nginx. */
  readonly nginx: string;
}

function filesWith(text: string, { logs, portcullis, nginx }: Logs): readonly string[] {
  const files = readdirSync(logs.path).filter((name) =>
    readFileSync(path.join(logs.path, name), 'utf8').includes(text),
  );
  const ours = JSON.stringify([portcullis.log(), portcullis.otherOutput()]);
  return [
    ...files,
    ...(ours.includes(text) ? ['the log of Portcullis'] : []),
    ...(nginx.includes(text) ? ['the error log of nginx'] : []),
  ];
}

function countsOf(statuses: readonly number[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function statusesOf(ask: () => Promise<number>): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: 4 * workers }, ask));
}
