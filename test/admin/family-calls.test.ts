/** The calls that commands about repositories make: those of pulp-admin. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { type Ran, runCommand } from './program.ts';
import { type AdminServer, type Asked, startAdminServer, type Told } from './server.ts';

const accepted: Told = {
  status: 202,
  body: { result: null, error: null, spawned_tasks: [{ task_id: 'new' }] },
};

describe('commands about repositories', { skip: needs('openssl') }, () => {
  let server: AdminServer;
  before(async () => {
    server = await startAdminServer();
  });
  after(() => server?.[Symbol.asyncDispose]());

  /** What a command wrote, and the calls that it made, of a server that answers so. */
  async function call(
    answer: (asked: Asked) => Told,
    ...line: readonly string[]
  ): Promise<Ran & { readonly asked: readonly Asked[] }> {
    server.answer = answer;
    const before = server.asked.length;
    const ran = await runCommand(['-u', 'joe', '-p', 'x', ...line], server.settings);
    return { ...ran, asked: server.asked.slice(before) };
  }

  /** Where tasks `waiting` wait, and each ends with `result`. */
  const tasks =
    (waiting: readonly string[], result: unknown) =>
    ({ url, method }: Asked): Told => {
      if (url.endsWith('/tasks/search/')) {
        return { status: 200, body: waiting.map((id) => ({ task_id: id })) };
      }
      if (method === 'POST') return accepted;
      return { status: 200, body: { task_id: 'x', state: 'finished', result } };
    };

  it('commands about repositories create a yum repository by the body of pulp-admin', async () => {
    const feed = ['--feed', 'https://mirror.example.com/acme/el9', '--serve-http', 'true'];
    const create = ['rpm', 'repo', 'create', '--repo-id', 'el9', ...feed];
    const { asked } = await call(() => ({ status: 201, body: {} }), ...create);
    const distribution = { relative_url: 'acme/el9', http: true, https: true };
    assert.deepEqual(
      asked.map(({ method, url, body }) => ({ method, url, body })),
      [
        {
          method: 'POST',
          url: '/pulp/api/v2/repositories/',
          body: {
            id: 'el9',
            display_name: null,
            description: null,
            notes: { '_repo-type': 'rpm-repo' },
            importer_type_id: 'yum_importer',
            importer_config: { feed: 'https://mirror.example.com/acme/el9' },
            distributors: [
              {
                distributor_id: 'yum_distributor',
                distributor_type_id: 'yum_distributor',
                auto_publish: true,
                distributor_config: distribution,
              },
              {
                distributor_id: 'export_distributor',
                distributor_type_id: 'export_distributor',
                auto_publish: false,
                distributor_config: distribution,
              },
            ],
          },
        },
      ],
    );
  });

  it('commands about repositories take the place of what is served from the feed, or else the id', async () => {
    for (const [feed, url] of [
      ['https://a.example.com/x/y/?z', 'x/y/'],
      ['https://a.example.com/', 'r'],
      ['https://a.example.com', 'r'],
      ['not a URL', 'r'],
      ['', 'r'],
    ] as const) {
      const create = ['iso', 'repo', 'create', '--repo-id', 'r', `--feed=${feed}`];
      const { asked } = await call(() => ({ status: 201, body: {} }), ...create);
      const [made] = asked;
      assert.ok(made !== undefined);
      const { distributors } = made.body as { distributors: { distributor_config: object }[] };
      const expected = { relative_url: url, serve_http: false, serve_https: true };
      assert.deepEqual(distributors[0]?.distributor_config, expected, feed);
    }
  });

  it('commands about repositories publish by the distributor of their type', async () => {
    const publish = ['deb', 'repo', 'publish', 'run', '--repo-id', 'a b', '--force-full'];
    const { asked, out } = await call(tasks([], { result: 'success' }), ...publish);
    assert.equal(out, 'Task Succeeded\n');
    assert.deepEqual(
      asked.map(({ method, url }) => `${method} ${url.slice('/pulp/api/v2/'.length)}`),
      ['POST tasks/search/', 'POST repositories/a%20b/actions/publish/', 'GET tasks/new/'],
    );
    assert.deepEqual(asked[0]?.body, {
      criteria: {
        filters: {
          state: { $nin: ['finished', 'error', 'canceled', 'skipped'] },
          tags: { $all: ['pulp:repository:a b', 'pulp:action:publish'] },
        },
        limit: 1,
      },
    });
    const override_config = { force_full: true };
    assert.deepEqual(asked[1]?.body, { id: 'deb_distributor', override_config });
  });

  it('commands about repositories wait for a sync that is under way, and begin none', async () => {
    const counts = { added_count: 3, updated_count: 0, removed_count: 1 };
    for (const word of ['run', 'status']) {
      const sync = ['rpm', 'repo', 'sync', word, '--repo-id', 'el9'];
      const { asked, out } = await call(tasks(['old'], counts), ...sync);
      assert.equal(out, 'Task Succeeded: 3 added, 0 updated, 1 removed\n');
      assert.deepEqual(
        asked.map(({ url }) => url.slice('/pulp/api/v2/'.length)),
        ['tasks/search/', 'tasks/old/'],
      );
    }
  });

  it('commands about repositories end with --bg once the work is accepted', async () => {
    const sync = ['rpm', 'repo', 'sync', 'run', '--repo-id', 'el9', '--bg'];
    const { asked, out, err } = await call(tasks([], null), ...sync);
    assert.match(out, /\[new\]/);
    assert.deepEqual([asked.length, err], [2, '']);
    assert.deepEqual(asked[1]?.body, { override_config: {} });
  });

  it('commands about repositories believe no answer in its shape', async () => {
    for (const body of [null, [], {}, 'x', [null], [{ id: 3, distributors: 'x', notes: 4 }]]) {
      const answer = (): Told => ({ status: 200, body });
      for (const line of [
        ['rpm', 'repo', 'list'],
        ['rpm', 'repo', 'search'],
        ['rpm', 'repo', 'content', 'rpm', '--repo-id', 'x'],
        ['rpm', 'repo', 'publications', '--repo-id', 'x'],
        ['rpm', 'repo', 'client-config', '--repo-id', 'x'],
      ]) {
        const { code, err } = await call(answer, ...line);
        // A text that is no JSON is a page of something else.
        assert.ok(code === 0 || code === 70, err);
        assert.doesNotMatch(err, /defect/);
      }
    }
  });
});
