import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refuse } from '../../src/content/refusal.ts';
import { writeTree } from '../support/application.ts';
import { type ContentListener, fetchRaw, startContentListener } from '../support/content.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const content = '0123456789';
const file = '/pulp/repos/acme/file.txt';

for (const handOff of ['stream', 'x-accel-redirect'] as const) {
  describe(`what is settled before a delivery, by ${handOff}`, () => {
    const directory = temporaryDirectory();
    const settled: number[] = [];
    let listener: ContentListener;
    let refusing: ContentListener;
    before(async () => {
      writeTree(directory.path, { 'file.txt': content, 'empty.txt': '', 'sub/a.txt': 'a' });
      const distributions = [{ relativeUrl: 'acme', root: directory.path, listing: true }];
      listener = await startContentListener({
        ...{ distributions, handOff },
        settle: async (bytes) => {
          settled.push(bytes);
          return undefined;
        },
      });
      refusing = await startContentListener({
        ...{ distributions, handOff },
        settle: async () => refuse('ACCESS_DENIED', 'it is used up'),
      });
    });
    after(async () => {
      await listener[Symbol.asyncDispose]();
      await refusing[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    });

    const settledBy = async (target: string, method: string, headers: Record<string, string>) => {
      settled.length = 0;
      const { status, body } = await fetchRaw(listener.port, target, { method, headers });
      return { status, body, settled: [...settled] };
    };

    const tag = async (): Promise<string> =>
      (await fetchRaw(listener.port, file, { method: 'HEAD' })).headers.etag ?? '';

    for (const [what, target, headers, bytes] of [
      ['a whole file', file, {}, 10],
      ['a range', file, { Range: 'bytes=2-4' }, 3],
      ['several ranges, without what stands between', file, { Range: 'bytes=0-1,5-7' }, 5],
      ['a file without a byte', '/pulp/repos/acme/empty.txt', {}, 0],
    ] as const) {
      it(`is ${bytes} bytes for ${what}, once`, async () => {
        assert.deepEqual((await settledBy(target, 'GET', headers)).settled, [bytes]);
      });
    }

    it('is the page for a listing', async () => {
      const { body, settled: bytes } = await settledBy('/pulp/repos/acme/', 'GET', {});
      assert.deepEqual(bytes, [body.length]);
    });

    it('is nothing where no body of a GET is sent', async () => {
      const cases: readonly (readonly [string, string, Record<string, string>, number])[] = [
        [file, 'HEAD', {}, 200],
        [file, 'HEAD', { Range: 'bytes=0-1' }, 200],
        [file, 'GET', { 'If-None-Match': await tag() }, 304],
        [file, 'GET', { 'If-Match': '"other"' }, 412],
        [file, 'GET', { Range: 'bytes=90-' }, 416],
        ['/pulp/repos/acme/none.txt', 'GET', {}, 404],
        ['/pulp/repos/acme/sub', 'GET', {}, 301],
        ['/pulp/repos/acme/', 'HEAD', {}, 200],
      ];
      for (const [target, method, headers, status] of cases) {
        const answer = await settledBy(target, method, headers);
        assert.equal(answer.status, status, `${method} ${target}`);
        assert.deepEqual(answer.settled, [], `${method} ${target}`);
      }
    });

    it('sends nothing where it is refused, and hands nothing over', async () => {
      for (const [target, headers] of [
        [file, {}],
        [file, { Range: 'bytes=0-1' }],
        ['/pulp/repos/acme/', {}],
      ] as const) {
        const answer = await fetchRaw(refusing.port, target, { headers });
        assert.equal(answer.status, 403);
        assert.equal(answer.body.length, 0);
        assert.equal(answer.headers['x-accel-redirect'], undefined);
      }
      assert.equal((await fetchRaw(refusing.port, file, { method: 'HEAD' })).status, 200);
    });
  });
}
