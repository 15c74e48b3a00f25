/** Trees that the store has served as they lie. */

import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { run, until } from '../support/processes.ts';
import { createPublishingSite, type PublishingSite } from '../support/published.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import type { RawAnswer } from '../support/uwsgi-client.ts';

describe('a directory that the store has served', () => {
  const stack = new AsyncDisposableStack();
  let trees: TemporaryDirectory;
  let site: PublishingSite;
  let application: TestApplication;

  before(async () => {
    trees = stack.use(temporaryDirectory());
    for (const name of ['own', 'other', 'swapped']) {
      writeTree(trees.file(`root/${name}`), { 'a.txt': name, 'dir/b.txt': 'b' });
    }
    writeTree(trees.file('root2'), { 'a.txt': 'elsewhere' });
    site = stack.use(await createPublishingSite());
    application = stack.use(
      await startApplication({
        ...site.settings,
        repositories: { access: 'public', directoryRoots: [trees.file('root')] },
      }),
    );
  });
  after(() => stack.disposeAsync());

  const get = (path: string, more: Readonly<Record<string, string>> = {}): Promise<RawAnswer> =>
    application.get(`/pulp/repos/${path}`, Object.entries({ HTTPS: 'on', ...more }));

  const becomes = (path: string, status: number): Promise<void> =>
    until(`${path} answers ${status}`, async () => (await get(path)).status === status);

  const serve = (url: string, directory: string, more: object = {}): Promise<string> =>
    site.publish(url, {}, { directory, repository: url, ...more });

  const reasonOf = async (url: string): Promise<string | undefined> => {
    const target = `https://h/pulp/repos/${url}/a.txt`;
    return (await application.explain({ target })).reason;
  };

  test('is served as it is at any moment, with nothing published again', async () => {
    await serve('own', trees.file('root/own'));
    await becomes('own/a.txt', 200);
    writeFileSync(trees.file('root/own/a.txt'), 'changed');
    writeFileSync(trees.file('root/own/new.txt'), 'new');
    assert.equal((await get('own/a.txt')).body.toString(), 'changed');
    assert.equal((await get('own/new.txt')).body.toString(), 'new');
    rmSync(trees.file('root/own/new.txt'));
    assert.equal((await get('own/new.txt')).status, 404);
    assert.equal((await get('own/dir/b.txt')).status, 200);
    assert.equal((await get('own/dir/')).status, 404);
  });

  test('is served by its protocols alone, to those who may read it, and logged', async () => {
    await serve('tls', trees.file('root/own'), { http: false });
    await becomes('tls/a.txt', 200);
    const plain = { HTTPS: '', REQUEST_SCHEME: 'http' };
    assert.equal((await get('tls/a.txt', plain)).status, 404);
    await serve('closed', trees.file('root/own'), { access: { any: [] } });
    await becomes('closed/a.txt', 503);
    await serve('denied', trees.file('root/own'), { access: { not: 'public' } });
    await becomes('denied/a.txt', 403);
    assert.equal((await get('tls/a.txt')).status, 200);
    const isIt = ({ path, status }: Readonly<Record<string, unknown>>): boolean =>
      path === '/pulp/repos/tls/a.txt' && status === 200;
    await until('it is logged', () => application.log.some(isIt));
    const line = application.log.find(isIt);
    assert.deepEqual([line?.distribution, line?.publication], ['tls', undefined]);
  });

  test('T27 leads nowhere else by links, pipes, hidden names or dots', async () => {
    const own = trees.file('root/own');
    await serve('links', own);
    await becomes('links/a.txt', 200);
    symlinkSync('/etc', `${own}/etc`);
    symlinkSync(trees.file('root/other/a.txt'), `${own}/neighbour`);
    symlinkSync('dir/b.txt', `${own}/inside`);
    writeFileSync(`${own}/.hidden`, 'hidden');
    await run('mkfifo', [`${own}/pipe`]);
    for (const path of ['etc/passwd', 'neighbour', '.hidden', 'pipe', '%2e%2e/other/a.txt']) {
      assert.equal((await get(`links/${path}`)).status, 404, path);
    }
    assert.equal((await get('links/inside')).body.toString(), 'b');
  });

  test('T27 is not what a link that took its place leads to', async () => {
    const swapped = trees.file('root/swapped');
    await serve('swapped', swapped);
    await becomes('swapped/a.txt', 200);
    renameSync(swapped, `${swapped}-away`);
    for (const target of ['/etc', trees.file('root/other'), `${swapped}-away`]) {
      symlinkSync(target, swapped);
      await becomes('swapped/a.txt', 503);
      assert.equal((await get('swapped/passwd')).status, 503, target);
      assert.match((await reasonOf('swapped')) ?? '', /a symbolic link is in its path/);
      rmSync(swapped);
    }
    await becomes('swapped/a.txt', 503);
    mkdirSync(swapped);
    await becomes('swapped/a.txt', 404);
  });

  test('T24 T28 is nobody’s where no root has it, whatever the store says', async () => {
    const root = trees.file('root');
    for (const [url, directory] of [
      ['outside', trees.file('root2')],
      ['dots', `${root}/../root2`],
      ['relative', 'root/own'],
      ['all', '/'],
    ] as const) {
      await serve(url, directory);
      await becomes(`${url}/a.txt`, 503);
      assert.match((await reasonOf(url)) ?? '', /is below none of repositories\.directoryRoots/);
    }
    await serve('root', root);
    await becomes('root/own/a.txt', 200);
  });
});
