/** Paths with policies of their own, and policies with names, as clients meet them. */

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const directory = temporaryDirectory();
const root = directory.file('root');
let application: TestApplication;

before(async () => {
  writeTree(root, {
    'open.txt': 'open',
    'private/secret.txt': 'secret',
    'private/free/free.txt': 'free',
    'privately.txt': 'open',
  });
  symlinkSync('private', `${root}/alias`);
  symlinkSync('private/secret.txt', `${root}/leak.txt`);
  symlinkSync('open.txt', `${root}/fine.txt`);
  application = await startApplication({
    policies: {
      nobody: { not: 'public' },
      local: { any: [{ policy: 'nobody' }, { address: { allow: ['127.0.0.0/8'] } }] },
    },
    distributions: [
      {
        relativeUrl: 'mixed',
        root,
        listing: true,
        access: 'public',
        paths: [
          { path: 'private', access: { policy: 'nobody' } },
          { path: 'private/free', access: 'public' },
        ],
      },
      { relativeUrl: 'part', root, paths: [{ path: 'private', access: 'public' }] },
      { relativeUrl: 'local', root, access: { policy: 'local' } },
    ],
  });
});

after(async () => {
  await application[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const statusOf = async (path: string) => (await application.get(`/pulp/repos/${path}`)).status;

describe('path policies', () => {
  for (const [path, status] of [
    ['mixed/open.txt', 200],
    ['mixed/fine.txt', 200],
    ['mixed/privately.txt', 200],
    ['mixed/private', 403],
    ['mixed/private/', 403],
    ['mixed/private/secret.txt', 403],
    ['mixed/private/nothing.txt', 403],
    ['mixed/private/free/free.txt', 200],
    ['mixed/%70rivate/secret.txt', 403],
    ['mixed/./private/secret.txt', 301],
    ['mixed/private/free/../secret.txt', 404],
    ['part/open.txt', 403],
    ['part/private/secret.txt', 200],
  ] as const) {
    test(`T24 the longest path decides alone: ${path} gives ${status}`, async () => {
      assert.equal(await statusOf(path), status);
    });
  }

  test('T39a a link into a path with another policy leads nowhere', async () => {
    for (const path of ['mixed/leak.txt', 'mixed/alias/secret.txt', 'mixed/alias/free/free.txt']) {
      assert.equal(await statusOf(path), 404, path);
    }
    const explanation = await application.explain({ target: '/pulp/repos/mixed/leak.txt' });
    assert.equal(explanation.status, 404);
    assert.match(explanation.reason, /a link to where the policy of \/private decides/);
  });

  test('explain shows the policy with its name and the tree behind it', async () => {
    const target = '/pulp/repos/local/open.txt';
    const { tree, status } = await application.explain({ target, address: '127.0.0.9' });
    assert.equal(status, 200);
    assert.equal(tree?.label, 'policy local');
    assert.deepEqual(
      tree?.children[0]?.children.map(({ label, at, outcome }) => [label, at, outcome]),
      [
        ['policy nobody', 'policies.local.any[0].policy', 'deny'],
        ['address', 'policies.local.any[1].address', 'allow'],
      ],
    );
  });
});
