import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { workersMax } from '../../src/config/kinds/workers.ts';
import { mountsMax } from '../../src/config/settings/pool.ts';
import { poolsMax } from '../../src/config/settings/pools.ts';
import { workerCount } from '../../src/config/worker-count.ts';
import { loadRight, problemsOf } from './support.ts';

const uwsgi = (address: string, more = ''): string =>
  `listen: { uwsgi: { address: '${address}'${more} } }`;

describe('pools', () => {
  it('pools begin with the main one, made of the top level', async () => {
    const { pools, listen } = await loadRight('');
    assert.deepEqual(pools, [
      { name: 'main', roles: ['content'], application: undefined, workers: 'auto', listen },
    ]);
  });

  it('pools follow in the order of the file, each with what it serves and where', async () => {
    const { pools, directory } = await loadRight(`
workers: 3
pools:
  wiki: { roles: [content], ${uwsgi('unix:wiki.sock', ", sockets: worker, owner: 1000, group: 'nginx'")} }
  blog:
    workers: 2
    application: { module: ./blog.ts, mounts: { /shop: ../shop/app.js, /a/b: '@acme/b' } }
    listen: { http: { address: '127.0.0.1:8080' } }
`);
    assert.deepEqual(
      pools.map(({ name, roles, workers }) => [name, roles, workers]),
      [
        ['main', ['content'], 3],
        ['wiki', ['content'], 'auto'],
        ['blog', [], 2],
      ],
    );
    const listener = pools[1]?.listen.uwsgi;
    assert.deepEqual(
      [listener?.sockets, listener?.owner, listener?.group, listener?.mode],
      ['worker', 1000, 'nginx', 0o660],
    );
    assert.deepEqual(pools[2]?.application, {
      module: path.join(directory, 'blog.ts'),
      mounts: { '/shop': path.join(path.dirname(directory), 'shop/app.js'), '/a/b': '@acme/b' },
    });
  });

  it('pools has an application instead of roles in the main pool', async () => {
    const { pools } = await loadRight('application: { module: ./app.ts }\nroles: []');
    assert.deepEqual(pools[0]?.roles, []);
    const byFlag = await loadRight('', { flags: { 'application-module': 'koa-app' } });
    assert.deepEqual(byFlag.pools[0]?.application, { module: 'koa-app', mounts: {} });
  });

  it('pools serves either roles or an application, and one of them', async () => {
    const both = 'roles: [content]\napplication: { module: ./a.ts }';
    const [problem, ...others] = await problemsOf(both);
    assert.match(problem ?? '', /^roles: Cannot use roles together with an application: /);
    assert.deepEqual(others, []);
    assert.match((await problemsOf('roles: []'))[0] ?? '', /^roles: Cannot leave it empty: /);
    assert.match(
      (await problemsOf('roles: [wiki]'))[0] ?? '',
      /^roles\[0\]: .+one of content, api, tasks$/,
    );
    const inPool = await problemsOf(`pools: { a: { roles: [], ${uwsgi('unix:/a')} } }`);
    assert.match(inPool[0] ?? '', /^pools\.a\.roles: Cannot leave it empty: /);
  });

  it('pools has any of the roles together, each once', async () => {
    const { pools } = await loadRight('roles: [tasks, content, api]');
    assert.deepEqual(pools[0]?.roles, ['tasks', 'content', 'api']);
    assert.deepEqual(await problemsOf('roles: [api, content, api]'), [
      'roles: Cannot use the role api twice: once is right',
    ]);
  });

  it('pools has no listener where tasks is the only role, and refuses one there', async () => {
    const { pools } = await loadRight('roles: [tasks]\npools: { more: { roles: [tasks] } }');
    const nowhere = { uwsgi: undefined, http: undefined, tls: undefined };
    assert.deepEqual(
      pools.map(({ listen }) => listen),
      [nowhere, nowhere],
    );
    const problem =
      'listen: Cannot listen: tasks alone answer no requests; leave it out, or add the role content or api';
    assert.deepEqual(await problemsOf(`roles: [tasks]\n${uwsgi('unix:/a')}`), [problem]);
    assert.deepEqual(await problemsOf(`pools: { more: { roles: [tasks], ${uwsgi('unix:/a')} } }`), [
      `pools.more.${problem}`,
    ]);
  });

  it('pools has a listener in each', async () => {
    for (const pool of ['{}', '{ listen: {} }', '{ workers: 1 }', '']) {
      assert.deepEqual(await problemsOf(`pools: { a: ${pool} }`), [
        'pools.a.listen: Cannot leave it out: nobody could reach the pool; expected listen.uwsgi or listen.http',
      ]);
    }
  });

  it('pools refuses names that are taken, long, or no label', async () => {
    const name = (text: string): string => `pools: { ${text}: { ${uwsgi('unix:/a')} } }`;
    await loadRight(name('a'.repeat(32)));
    await loadRight(name('a-1'));
    for (const wrong of ['a'.repeat(33), 'A', '1a', 'a_b', 'a.b', '""', '__proto__', 'ü']) {
      const [problem] = await problemsOf(name(wrong));
      assert.match(problem ?? '', /^pools.*: Cannot use the name .+: expected at most 32 /, wrong);
    }
    assert.deepEqual(await problemsOf(name('main')), [
      'pools.main: Cannot use the name main: it is that of the pool which the top level describes; choose another',
    ]);
  });

  it('pools is a mapping of as many as its limit, and no more', async () => {
    const pools = (count: number): string =>
      `workers: 1\npools:\n${Array.from({ length: count }, (_, index) => `  p${index}: { workers: 1, ${uwsgi(`unix:/p${index}`)} }\n`).join('')}`;
    assert.equal((await loadRight(pools(poolsMax - 1))).pools.length, poolsMax);
    assert.match((await problemsOf(pools(poolsMax)))[0] ?? '', /^pools: Cannot use a mapping: /);
    assert.match((await problemsOf('pools: []'))[0] ?? '', /^pools: Cannot use a list: /);
  });

  it('pools refuses a setting that a pool does not have', async () => {
    const [problem] = await problemsOf(`pools: { a: { ${uwsgi('unix:/a')}, log: {} } }`);
    assert.match(problem ?? '', /^pools\.a\.log: Cannot use the key "log"/);
  });
});

describe('workers', () => {
  it('workers takes 1 and its limit, and nothing beyond', async () => {
    assert.equal((await loadRight('workers: 1')).pools[0]?.workers, 1);
    assert.equal((await loadRight(`workers: ${workersMax}`)).pools[0]?.workers, workersMax);
    for (const wrong of ['0', '-1', '1.5', `${workersMax + 1}`, 'all', '"4"', '[]', '']) {
      const [problem] = await problemsOf(`workers: ${wrong}`);
      assert.match(problem ?? '', /^workers: .+expected a whole number from 1 to 1024, or auto$/);
    }
  });

  it('workers is read from text as from the file', async () => {
    const of = async (text: string) =>
      (await loadRight('', { environment: { PORTCULLIS_WORKERS: text } })).pools[0]?.workers;
    assert.equal(await of('4'), 4);
    assert.equal(await of('auto'), 'auto');
    const [problem] = await problemsOf('', { flags: { workers: '0' } });
    assert.match(problem ?? '', /^workers: Cannot use 0: expected a whole number from 1 to 1024/);
  });

  it('workerCount is a worker for each core where the number is auto', () => {
    assert.equal(workerCount('auto'), availableParallelism());
    assert.equal(workerCount(7), 7);
  });
});

describe('application.mounts', () => {
  const mounts = (text: string): string => `application: { module: ./a.ts, mounts: ${text} }`;

  it('application.mounts takes whole segments, each without a closing slash', async () => {
    await loadRight(mounts('{ /a: ./a.ts, /a/b.c: ./b.ts }'));
    for (const wrong of ['a', '/', '/a/', '/a//b', '/a/../b', '//a', '/a%2f', '""', '/a b']) {
      assert.notEqual(
        (await problemsOf(mounts(`{ "${wrong.replaceAll('"', '')}": ./a.ts }`))).length,
        0,
      );
    }
    const [problem] = await problemsOf(mounts('{ /a: relative.ts/x }'));
    assert.match(problem ?? '', /^application\.mounts\["\/a"\]: .+the name of an npm package/);
  });

  it('application.mounts are as many as their limit, and none beyond', async () => {
    const many = (count: number): string =>
      mounts(
        JSON.stringify(
          Object.fromEntries(Array.from({ length: count }, (_, n) => [`/m${n}`, './m.ts'])),
        ),
      );
    await loadRight(many(mountsMax));
    assert.match((await problemsOf(many(mountsMax + 1)))[0] ?? '', /^application\.mounts: /);
  });
});
