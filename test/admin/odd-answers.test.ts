/** Commands of repositories and consumers with a server that answers what no server of ours does. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { searchedIds } from '../../src/admin/commands/group-members.ts';
import { needs } from '../support/needs.ts';
import { type Ran, runCommand } from './program.ts';
import { type AdminServer, startAdminServer } from './server.ts';

const id = ['--repo-id', 'a'];
const consumer = ['--consumer-id', 'a'];
const group = ['--group-id', 'a'];
const distributor = ['--distributor-id', 'a'];

const lines: readonly (readonly string[])[] = [
  ['repo', 'list'],
  ['repo', 'list', ...id, '--details'],
  ['repo', 'download', ...id],
  ['repo', 'history', 'sync', ...id],
  ['repo', 'history', 'publish', ...id, ...distributor],
  ['repo', 'tasks', 'list', ...id],
  ['repo', 'group', 'list'],
  ['repo', 'group', 'create', ...group],
  ['repo', 'group', 'members', 'list', ...group],
  ['repo', 'group', 'members', 'add', ...group, '--all'],
  ['repo', 'group', 'distributor', 'list', ...group],
  ['repo', 'group', 'publish', ...group, ...distributor],
  ['orphan', 'list'],
  ['orphan', 'list', '--details'],
  ['orphan', 'remove', '--all'],
  ['orphan', 'remove', '--all', '--bg'],
  ['server', 'types', '--details'],
  ['consumer', 'list', '--bindings'],
  ['consumer', 'register', ...consumer],
  ['consumer', 'history', ...consumer],
  ['consumer', 'bind', ...consumer, ...id, ...distributor],
  ['consumer', 'group', 'bind', ...group, ...id, ...distributor],
  ['consumer', 'group', 'unbind', ...group, ...id, ...distributor],
  ['bindings', 'search'],
  ['event', 'listener', 'list'],
  ['event', 'listener', 'log', 'create', '--event-type', '*'],
  ['rpm', 'repo', 'sync', 'schedules', 'list', ...id],
  ['rpm', 'repo', 'publish', 'schedules', 'next', ...id],
  ['rpm', 'repo', 'sync', 'schedules', 'create', ...id, '-s', 'x'],
];

const hostile = 'a\u001b[2J\u202e\nb';

const bodies: readonly unknown[] = [
  null,
  7,
  'text',
  [],
  {},
  [null, 7, 'x', [], [[]]],
  { [hostile]: { count: hostile }, spawned_tasks: [null, { task_id: '../x' }], result: [] },
  [{ [hostile]: hostile, id: {}, _id: [], notes: 7, bindings: {}, certificates: [{ until: [] }] }],
  [{ details: { [hostile]: hostile }, next_run: hostile, content_unit_counts: { [hostile]: {} } }],
  { repo_ids: [{}, null, 7], certificate: hostile, result: { bound: {}, full: [hostile] } },
];

describe('portcullis-admin with odd answers', { skip: needs('openssl') }, () => {
  let server: AdminServer;
  before(async () => {
    server = await startAdminServer();
  });
  after(() => server?.[Symbol.asyncDispose]());

  const run = (line: readonly string[]): Promise<Ran> =>
    runCommand(['-u', 'joe', '-p', 'x', ...line], server.settings);

  for (const line of lines) {
    it(`portcullis-admin ${line.join(' ')} takes no answer for more than it is (T87)`, async () => {
      for (const body of bodies) {
        server.answer = () => ({ status: 200, body: typeof body === 'string' ? '"text"' : body });
        const { code, out, err } = await run(line);
        assert.ok(code === 0 || code === 65 || code === 70, `${code} ${err}`);
        assert.doesNotMatch(err, /TypeError|defect|at file:/, JSON.stringify(body));
        assert.ok(!['\u001b', '\u202e'].some((one) => (out + err).includes(one)), out + err);
      }
    });
  }

  for (const [members, searches] of [
    [0, 0],
    [searchedIds, 1],
    [searchedIds + 1, 2],
  ] as const) {
    it(`portcullis-admin repo group members list searches ${members} ids in ${searches} calls`, async () => {
      const ids = Array.from({ length: members }, (_, at) => `r${at}`);
      const seen: string[] = [];
      server.answer = ({ method, body }) => {
        if (method === 'GET') return { status: 200, body: { repo_ids: ids } };
        const { criteria } = body as { criteria: { filters: { id: { $in: string[] } } } };
        const asked = criteria.filters.id.$in;
        seen.push(...asked);
        return { status: 200, body: asked.map((each) => ({ id: each })) };
      };
      const before = server.asked.length;
      const { out } = await run(['--json', 'repo', 'group', 'members', 'list', ...group]);
      assert.equal(server.asked.length - before, 1 + searches);
      assert.deepEqual(seen, ids);
      assert.equal(JSON.parse(out).length, members);
    });
  }
});
