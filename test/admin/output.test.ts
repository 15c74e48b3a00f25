import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cellCharactersMax } from '../../src/admin/present/text.ts';
import { needs } from '../support/needs.ts';
import { runCommand } from './program.ts';
import { type AdminServer, startAdminServer } from './server.ts';

const rule = `+${'-'.repeat(70)}+`;
const hostile = 'a\u001b[2J\u007f\u0085\u200b\u202e\ud800\r\nb';
const shown = 'a\\u001b[2J\\u007f\\u0085\\u200b\\u202e\\ud800\\u000d b';

describe('output of portcullis-admin', { skip: needs('openssl') }, () => {
  let server: AdminServer;
  before(async () => {
    server = await startAdminServer();
  });
  after(() => server?.[Symbol.asyncDispose]());

  async function show(body: unknown, ...line: readonly string[]): Promise<string> {
    server.answer = () => ({ status: 200, body });
    const ran = await runCommand(['-u', 'joe', '-p', 'x', ...line], server.settings);
    assert.deepEqual([ran.code, ran.err], [0, '']);
    return ran.out;
  }
  const users = ['auth', 'user', 'list'];

  it('output of portcullis-admin is a table with a title for people', async () => {
    const body = [
      { login: 'joe', name: 'Joe', roles: ['a', 'b'] },
      { login: 'annabel', name: '', roles: [], disabled: true },
    ];
    assert.equal(
      await show(body, ...users),
      `${rule}
                                 Users
${rule}

LOGIN    NAME  ROLES  STATE
joe      Joe   a, b   enabled
annabel  -     -      disabled

`,
    );
    assert.match(await show([], ...users), /^None\.$/m);
  });

  it('output of portcullis-admin indents rules below their combination, and tells that no log is kept', async () => {
    const rules = [
      { label: 'session', outcome: 'deny', reason: hostile },
      { label: 'password', outcome: 'not evaluated' },
    ];
    const tree = { label: 'any', outcome: 'deny', reason: 'both', children: rules };
    assert.match(
      await show({ tree }, 'access', 'explain', '--url', '/'),
      /^Rules:\n {2}any \(deny\)\n {4}session \(deny\): a\\u001b.+\n {4}password \(not evaluated\)$/m,
    );
    const unkept = { is_kept: false, entries: [], lost: 0, next: null };
    assert.match(
      await show(unkept, 'access', 'log'),
      /Decisions \(nothing is kept now: audit\.inStore is off\)/,
    );
  });

  it('output of portcullis-admin is one document below the other with --details, as of pulp-admin', async () => {
    const body = [
      {
        login: 'joe',
        ca_url: 'x',
        _href: '/hidden/',
        roles: ['a', 'b'],
        nested: { one: 1, none: null, deep: { yes: true } },
        list: [{ a: 1 }, { a: 2 }],
      },
      { login: 'ann' },
    ];
    assert.equal(
      (await show(body, ...users, '--details')).split(`${rule}\n\n`)[1],
      `Login:   joe
CA URL:  x
Roles:   a, b
Nested:
  One:   1
  None:
  Deep:
    Yes:  true
List:
  A:  1

  A:  2

Login:  ann

`,
    );
    const fields = await show(body, ...users, '--fields', 'login, missing');
    assert.equal(
      fields.split(`${rule}\n\n`)[1],
      'Login:    joe\nMissing:\n\nLogin:    ann\nMissing:\n\n',
    );
  });

  it('output of portcullis-admin is what the server sent with --json', async () => {
    const body = [{ login: 'joe', _href: '/v2/', more: [1, null, { a: 'ä' }] }];
    assert.deepEqual(JSON.parse(await show(body, ...users, '--json')), body);
    assert.equal(await show(null, 'auth', 'user', 'delete', '--login', 'x', '--json'), 'null\n');
  });

  it('output of portcullis-admin has no power over a terminal in any form (T87)', async () => {
    const body = [
      {
        login: hostile,
        name: hostile,
        roles: [hostile],
        [hostile]: hostile,
        deep: { [hostile]: [hostile] },
      },
    ];
    const table = await show(body, ...users);
    assert.ok(table.includes(`${shown}  ${shown}  ${shown}  enabled\n`), table);
    for (const form of ['--details', '--json']) {
      const out = await show(body, ...users, form);
      assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}]/u, form);
    }
    assert.deepEqual(JSON.parse(await show(body, ...users, '--json')), body);
    const status = await show({ [hostile]: hostile }, 'status');
    assert.doesNotMatch(status.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  it('output of portcullis-admin has no power over a terminal by what the user gave (T87)', async () => {
    const done = await show(
      null,
      'auth',
      'user',
      'delete',
      `--login=${hostile.replace('\ud800', '')}`,
    );
    assert.equal(done, `User [${shown.replace('\\ud800', '')}] successfully deleted\n`);
  });

  it('output of portcullis-admin has cells of so many characters at most', async () => {
    const name = (length: number): string => '\u{1f600}'.repeat(length);
    const cell = async (length: number): Promise<string> => {
      const out = await show([{ login: 'joe', name: name(length), roles: [] }], ...users);
      return /^joe +(\S+)/m.exec(out)?.[1] ?? '';
    };
    assert.equal(await cell(cellCharactersMax), name(cellCharactersMax));
    assert.equal(await cell(cellCharactersMax + 1), `${name(cellCharactersMax - 1)}…`);
  });

  it('output of portcullis-admin believes no shape of an answer', async () => {
    const bodies = [null, 1, 'x', {}, [null], [1], [[]], [{ login: {}, roles: 1, tags: [1, {}] }]];
    const lists = [users, ['auth', 'role', 'list'], ['auth', 'permission', 'list']];
    const others = [['tasks', 'list'], ['tasks', 'details', '--task-id', 'x'], ['status']];
    for (const body of bodies) {
      for (const line of [...lists, ...others]) {
        const sent = typeof body === 'string' ? '"x"' : body;
        const out = await show(sent, ...line);
        assert.doesNotMatch(out, /undefined|\[object/, `${line.join(' ')} ${JSON.stringify(body)}`);
      }
    }
  });

  it('output of portcullis-admin tells what a task does and to what', async () => {
    const task = {
      task_id: 'f00d',
      state: 'error',
      tags: ['pulp:repository:a:b', 'pulp:action:sync', 'odd'],
      error: { code: 'PLP0034', description: 'It failed.' },
      result: null,
      progress_report: { yum_importer: { metadata: { state: 'FINISHED' } } },
    };
    const out = await show(task, 'tasks', 'details', '--task-id', 'f00d');
    assert.match(out, /^Operations: +sync\nResources: +a:b \(repository\), odd\nState: +error$/m);
    assert.match(out, /^Start Time: +Unstarted\nFinish Time: +Incomplete$/m);
    assert.match(out, /^Error: +PLP0034: It failed\.$/m);
    assert.match(
      out,
      /^Progress Report:\n {2}Yum Importer:\n {4}Metadata:\n {6}State: +FINISHED$/m,
    );
  });
});
