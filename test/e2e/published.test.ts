/** What the store publishes, through a real nginx and several workers, while the pointer moves. */

import assert from 'node:assert/strict';
import { chmodSync, symlinkSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { writeTree } from '../support/application.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { createPki } from '../support/pki.ts';
import { type Portcullis, portcullisProgram, startPortcullis } from '../support/portcullis.ts';
import { freePort, runOk, until } from '../support/processes.ts';
import { createPublishingSite, type PublishingSite, sha256 } from '../support/published.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const publications = 8;
const swaps = 1000;
const size = 100_000;

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const trust = {
  trustedPeers: ['unix'],
  headers: { clientAddress: 'X-Real-IP', scheme: 'X-Forwarded-Proto' },
};

for (const protocol of ['uwsgi', 'http'] as const) {
  describe(`published through nginx by ${protocol}`, { skip: needs('nginx') }, () => {
    const stack = new AsyncDisposableStack();
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
    const trees = stack.use(temporaryDirectory());
    let site: PublishingSite;
    let portcullis: Portcullis;
    /** In front of one worker, and of two that hear of changes one after the other. */
    const ports = { one: 0, two: 0 };

    before(async () => {
      const pki = stack.use(createPki());
      const server = await pki.server(await pki.authority());
      site = stack.use(await createPublishingSite());
      const start = async (workers: number): Promise<[Portcullis, port: number]> => {
        const directory = stack.use(temporaryDirectory());
        const port = await freePort();
        const address = `unix:${directory.file('portcullis.sock')}`;
        const handOff = 'x-accel-redirect';
        const running = stack.use(
          await startPortcullis({
            ...site.settings,
            workers,
            repositories: { access: 'public', directoryRoots: [trees.path, trees.file('inner')] },
            listen: { [protocol]: { address, handOff, ...(protocol === 'http' && trust) } },
            nginx: {
              listen: [`127.0.0.1:${port}`],
              certificate: server.certificatePath,
              key: server.keyPath,
              refusalLog: directory.file('refusals.log'),
            },
          }),
        );
        const command = [portcullisProgram, 'nginx-config', '--config', running.file];
        stack.use(await startNginx((await runOk(process.execPath, command)).toString()));
        return [running, port];
      };
      [portcullis, ports.one] = await start(1);
      [, ports.two] = await start(2);
    });
    after(async () => {
      agent.destroy();
      await stack.disposeAsync();
    });

    async function ask(
      port: number,
      path: string,
      headers: Record<string, string> = {},
      method = 'GET',
    ): Promise<Answered> {
      const { promise, resolve, reject } = Promise.withResolvers<Answered>();
      const options = { host: '127.0.0.1', port, path: `/pulp/repos/${path}`, agent };
      request({ ...options, method, headers }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const { statusCode = 0, headers: received } = response;
        resolve({ status: statusCode, headers: received, body: Buffer.concat(chunks) });
      })
        .on('error', reject)
        .end();
      return promise;
    }

    const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      ask(ports.one, path, headers, method);

    const becomes = (path: string, body: string) =>
      until(`${path} is served`, async () => (await get(path)).body.toString() === body);

    it('is handed over by nginx, which was not told of it', async () => {
      await site.publish('first', { 'dir/a b%.txt': 'one', 'a.xml.gz': 'gz' });
      await becomes('first/dir/a%20b%25.txt', 'one');
      const packed = await get('first/a.xml.gz');
      assert.equal(packed.headers['content-type'], 'application/gzip');
      assert.equal(packed.headers['content-encoding'], undefined);
      await until('it is logged as handed over', () =>
        portcullis.log().some(({ path, delivery }) => {
          return path === '/pulp/repos/first/a.xml.gz' && delivery === 'handed-off';
        }),
      );
      for (const path of ['!/publications/', '!/publications/x/a.xml.gz']) {
        const target = `../../portcullis-internal/${path}`;
        assert.notEqual((await get(target)).status, 200);
      }
    });

    it('is handed over where it lies, and nothing beside it', async () => {
      // nginx has to be able to read what it sends, whoever its workers are.
      chmodSync(trees.path, 0o755);
      for (const name of ['inner/tree !', 'other']) {
        writeTree(trees.file(name), { 'dir/a b%.txt': name });
      }
      const directory = trees.file('inner/tree !');
      await site.publish('lies', {}, { directory, repository: 'lies' });
      await becomes('lies/dir/a%20b%25.txt', 'inner/tree !');
      await until('it is logged as handed over', () =>
        portcullis.log().some(({ path, delivery }) => {
          return path === '/pulp/repos/lies/dir/a b%.txt' && delivery === 'handed-off';
        }),
      );
      writeTree(directory, { 'later.txt': 'no publish told of it' });
      assert.equal((await get('lies/later.txt')).body.toString(), 'no publish told of it');
      const etag = String((await get('lies/later.txt')).headers.etag);
      assert.equal((await get('lies/later.txt', { 'if-none-match': etag })).status, 304);
      const { headers } = await get('lies/later.txt', {}, 'HEAD');
      assert.equal(headers.etag, etag);
      symlinkSync(trees.file('other/dir'), `${directory}/link`);
      const internal = `!/directories${trees.path}/other/dir/a b%.txt`;
      for (const path of [
        'link/a%20b%25.txt',
        `../../portcullis-internal/${encodeURI(internal)}`,
      ]) {
        assert.notEqual((await get(`lies/${path}`)).status, 200, path);
      }
    });

    it('has a tag that goes with the bytes, and dates that go with the tag', async () => {
      const repository = { repository: 'tags' };
      await site.publish('tags', { file: 'one' }, repository);
      await becomes('tags/file', 'one');
      const first = await get('tags/file');
      const head = await get('tags/file', {}, 'HEAD');
      assert.deepEqual(
        [head.headers.etag, head.headers['last-modified'], head.headers['content-length']],
        [first.headers.etag, first.headers['last-modified'], '3'],
      );
      const etag = String(first.headers.etag);
      const modified = String(first.headers['last-modified']);
      assert.equal((await get('tags/file', { 'if-none-match': etag })).status, 304);
      assert.equal((await get('tags/file', { 'if-modified-since': modified })).status, 304);
      // Of the same size, and most likely of the same second.
      await site.publish('tags', { file: 'two' }, repository);
      await becomes('tags/file', 'two');
      const second = await get('tags/file');
      assert.notEqual(second.headers.etag, etag);
      const stale = [
        { 'if-none-match': etag },
        { 'if-modified-since': modified },
        { range: 'bytes=1-', 'if-range': etag },
        { range: 'bytes=1-', 'if-range': modified },
      ];
      for (const headers of stale) {
        const answer = await get('tags/file', headers);
        assert.deepEqual(
          [answer.status, answer.body.toString()],
          [200, 'two'],
          JSON.stringify(headers),
        );
      }
      assert.equal((await get('tags/file', { 'if-match': etag })).status, 412);
      const part = await get('tags/file', {
        range: 'bytes=1-',
        'if-range': String(second.headers.etag),
      });
      assert.deepEqual([part.status, part.body.toString()], [206, 'wo']);
      const plain = await get('tags/file', { range: 'bytes=0-1' });
      assert.deepEqual([plain.status, plain.headers.etag], [206, second.headers.etag]);
    });

    it('T39a sends whole files of one publication each while the pointer moves 1000 times', async () => {
      const bodies = Array.from({ length: publications }, (_, index) => String(index).repeat(size));
      const digests = new Set(bodies.map(sha256));
      const ids: string[] = [];
      for (const body of bodies) {
        const name = `${sha256(body)}.bin`;
        ids.push(await site.build({ meta: name, [`data/${name}`]: body, 'same.iso': body }));
      }
      const body = bodies[0] ?? '';
      await site.publish('moving', { meta: 'none', 'same.iso': body }, { repository: 'moving' });
      const getMoving = (path: string, headers: Record<string, string> = {}) =>
        ask(ports.two, `moving/${path}`, headers);
      await until('both workers serve it', async () => {
        const all = await Promise.all(Array.from({ length: 20 }, () => getMoving('meta')));
        return all.every(({ status }) => status === 200);
      });
      // All of them may have gone to one worker.
      await sleep(2 * changeReachesWithinMilliseconds);
      let isMoving = true;
      const client = async (): Promise<number> => {
        let transactions = 0;
        while (isMoving) {
          const meta = await getMoving('meta');
          assert.equal(meta.status, 200);
          const name = meta.body.toString();
          if (name !== 'none') {
            const data = await getMoving(`data/${name}`);
            assert.deepEqual([data.status, `${sha256(data.body)}.bin`], [200, name]);
          }
          const same = await getMoving('same.iso');
          assert.ok(digests.has(sha256(same.body)), 'bytes of no publication');
          await getInTwo(digests);
          transactions += 1;
        }
        return transactions;
      };
      const getInTwo = async (known: ReadonlySet<string>): Promise<void> => {
        const half = size / 2;
        const first = await getMoving('same.iso', { range: `bytes=0-${half - 1}` });
        const headers = { range: `bytes=${half}-`, 'if-range': String(first.headers.etag) };
        const second = await getMoving('same.iso', headers);
        const whole =
          second.status === 206 ? Buffer.concat([first.body, second.body]) : second.body;
        assert.ok(known.has(sha256(whole)), 'parts of two publications');
      };
      const clients = Array.from({ length: 3 }, client);
      for (let round = 0; round < swaps; round += 1) {
        const id = ids[round % publications] ?? '';
        const { outcome } = await site.distributions.pointTo('repos:moving', id, 3600);
        assert.equal(outcome, 'pointed');
      }
      isMoving = false;
      const transactions = await Promise.all(clients);
      assert.ok(
        transactions.every((count) => count > 0),
        transactions.join(),
      );
    });
  });
}
