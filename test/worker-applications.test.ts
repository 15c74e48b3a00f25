import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { httpGet } from './support/http-client.ts';
import { needs } from './support/needs.ts';
import { type Nginx, startNginx } from './support/nginx.ts';
import { freePort, run } from './support/processes.ts';
import { repositoryRoot } from './support/source-tree.ts';
import type { TemporaryDirectory } from './support/temporary.ts';
import { startPool, type TestPool, type TestWorker } from './support/worker.ts';

const guide = readFileSync(path.join(repositoryRoot, 'docs/applications.md'), 'utf8');
const documentedSocket = '/run/portcullis/app.sock';

/** A code block of the guide. */
function fileOf(name: string): string {
  const blocks = guide.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms);
  const block = [...blocks].find(([, file]) => file === name);
  assert.ok(block?.[2] !== undefined, `no ${name} in the guide`);
  return block[2];
}

function writeApplication(directory: TemporaryDirectory): object {
  for (const name of ['app.mjs', 'blog.mjs']) writeFileSync(directory.file(name), fileOf(name));
  mkdirSync(directory.file('node_modules'));
  symlinkSync(path.join(repositoryRoot, 'node_modules/koa'), directory.file('node_modules/koa'));
  const socket = directory.file('app.sock');
  return parse(fileOf('portcullis.yaml').replace(documentedSocket, socket));
}

/** Rows of the guide's table of targets; an empty cell is an absent property. */
function targetRows(): readonly (readonly string[])[] {
  const rows = guide.matchAll(/^\| `(\/[^`]*)` \| `(\w+\.mjs)` \|(.*)\|$/gm);
  return [...rows].map(([, asked = '', served = '', rest = '']) => [
    ...[asked, served],
    ...rest.split('|').map((cell) => cell.trim().replaceAll('`', '')),
  ]);
}

describe('docs/applications.md', { skip: needs('nginx') }, () => {
  let pool: TestPool;
  let worker: TestWorker;
  let nginx: Nginx;
  let port: number;

  before(async () => {
    pool = await startPool(writeApplication, (directory) => ({
      uwsgi: { type: 'unix', path: directory.file('app.sock') },
    }));
    worker = await pool.start();
    port = await freePort();
    const location = fileOf('nginx.conf')
      .replace(documentedSocket, pool.directory.file('app.sock'))
      .replace('include uwsgi_params', 'include /etc/nginx/uwsgi_params');
    const under = (prefix: string): string =>
      location
        .replace('location /', `location ${prefix}/`)
        .replace('uwsgi_pass', `uwsgi_param SCRIPT_NAME ${prefix}; uwsgi_pass`);
    nginx = await startNginx(`server {
      listen 127.0.0.1:${port};
      ${location}
      ${under('/shop')}
    }`);
  });
  after(async () => {
    await nginx?.[Symbol.asyncDispose]();
    await pool?.[Symbol.asyncDispose]();
  });

  const ask = async (target: string) => {
    const { status, body } = await httpGet({ port }, target);
    return { status, body: body.toString() };
  };

  for (const [asked = '', served, url, baseUrl = '', originalUrl = ''] of targetRows()) {
    test(`${asked} is served by ${served} as the guide says`, async () => {
      const { body } = await ask(asked);
      const pathname = url?.split('?')[0];
      const expected =
        served === 'app.mjs'
          ? `Hello, you asked for ${url}\n`
          : `page ${pathname}, home ${baseUrl}/, asked for ${originalUrl}\n`;
      assert.equal(body, expected);
    });
  }

  test('the table of the guide has been read', () => assert.equal(targetRows().length, 4));

  test('SCRIPT_NAME of the front mounts the application', async () => {
    assert.equal((await ask('/shop/cart?x=1')).body, 'Hello, you asked for /cart?x=1\n');
  });

  test('T20 a path that can be read in two ways is 404 where there are mounts', async () => {
    for (const target of ['/blog/../admin', '/blog/%2e%2e/admin', '//blog', '/shop/../blog/']) {
      assert.equal((await ask(target)).status, 404, target);
    }
  });

  test('the application runs by itself as well', async () => {
    const check = await run(process.execPath, ['--check', pool.directory.file('app.mjs')]);
    assert.equal(check.code, 0, check.stderr);
    const module = await import(pool.directory.file('app.mjs'));
    assert.equal(typeof module.listener, 'function');
  });

  test('close() is called when the worker ends', async () => {
    worker.send({ type: 'drain' });
    assert.deepEqual(await worker.ended, [0, null]);
  });
});
