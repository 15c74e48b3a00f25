/** A cache for all clients in front of Portcullis, which has to keep nothing that a policy gave. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { basic, startApplication, writeTree } from '../support/application.ts';
import { httpGet } from '../support/http-client.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { freePort } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** nginx as people put it before what is slow, with its defaults, and a page that it may keep. */
function cacheConfiguration(directory: string, port: number, socket: string): string {
  return `
  proxy_cache_path ${directory}/cache keys_zone=all:1m;
  server {
    listen 127.0.0.1:${port};
    add_header X-Cache $upstream_cache_status always;
    proxy_cache all;
    proxy_set_header X-Forwarded-Proto https;
    location / { proxy_pass http://unix:${socket}:; }
    location /plain/ { proxy_pass http://unix:${directory}/plain.sock:; }
  }
  server {
    listen unix:${directory}/plain.sock;
    location /plain/ { root ${directory}; expires 1h; }
  }
`;
}

describe('a shared cache', { skip: needs('nginx') }, () => {
  const stack = new AsyncDisposableStack();
  let port: number;
  before(async () => {
    const directory = stack.use(temporaryDirectory());
    writeTree(directory.path, { 'root/file': 'content', 'plain/page': 'page' });
    mkdirSync(directory.file('cache'), { mode: 0o777 });
    writeFileSync(directory.file('htpasswd'), `alice:${await hashPassword('right horse')}\n`);
    const socket = directory.file('http.sock');
    const root = directory.file('root');
    stack.use(
      await startApplication({
        listen: {
          http: { address: `unix:${socket}`, headers: { scheme: 'X-Forwarded-Proto' } },
        },
        distributions: [
          {
            ...{ relativeUrl: 'protected', root, listing: true },
            access: { password: { file: directory.file('htpasswd') } },
          },
          { relativeUrl: 'public', root, listing: true, access: 'public' },
        ],
      }),
    );
    port = await freePort();
    stack.use(await startNginx(cacheConfiguration(directory.path, port, socket)));
  });
  after(() => stack.disposeAsync());

  const get = async (target: string, credentials?: string) => {
    const headers =
      credentials === undefined ? [] : [['Authorization', basic('alice', credentials)] as const];
    const answer = await httpGet({ host: '127.0.0.1', port }, target, headers);
    return { ...answer, cache: answer.headers['x-cache'] };
  };

  it('keeps a page that may be kept', async () => {
    assert.equal((await get('/plain/page')).cache, 'MISS');
    assert.equal((await get('/plain/page')).cache, 'HIT');
  });

  for (const file of ['file', '']) {
    it(`T65 gives nobody what somebody else was let in to: ${file || 'a listing'}`, async () => {
      const target = `/pulp/repos/protected/${file}`;
      for (let times = 0; times < 2; times += 1) {
        const allowed = await get(target, 'right horse');
        assert.deepEqual([allowed.status, allowed.cache], [200, 'MISS']);
        const anonymous = await get(target);
        assert.deepEqual([anonymous.status, anonymous.cache], [401, 'MISS']);
        const wrong = await get(target, 'wrong horse');
        assert.deepEqual([wrong.status, wrong.cache], [401, 'MISS']);
      }
    });

    it(`T65 keeps no denial and nothing public either: ${file || 'a listing'}`, async () => {
      for (let times = 0; times < 2; times += 1) {
        assert.deepEqual((await get(`/pulp/repos/public/${file}`)).cache, 'MISS');
        assert.deepEqual((await get('/pulp/repos/nowhere/')).cache, 'MISS');
      }
    });
  }
});
