import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { type Portcullis, portcullisProgram, startPortcullis } from '../support/portcullis.ts';
import { freePort, until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { directoryWith, hasStackTrace, portcullis, type Ran } from './program.ts';

async function endOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** Starts what cannot start, and gives what it said. */
async function failToServe(yaml: string, code: number): Promise<string> {
  using directory = directoryWith(yaml);
  const ran: Ran = await portcullis(['serve', '--config', directory.configuration]);
  assert.deepEqual([ran.code, hasStackTrace(ran.err)], [code, false], ran.err);
  assert.doesNotMatch(ran.out, /"message":"ready"/);
  return ran.err;
}

describe('portcullis serve', () => {
  for (const [signal, exitCode] of [
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ] as const) {
    it(`portcullis serve says where it listens, and ends with ${exitCode} on ${signal}`, async () => {
      using directory = temporaryDirectory();
      const socket = directory.file('new/directory/content.sock');
      await using server = await startPortcullis({
        listen: { uwsgi: { address: `unix:${socket}`, mode: '0600' } },
      });
      const [ready] = server.log().filter((line) => line.message === 'ready');
      assert.ok(String(ready?.addresses).includes(`unix:${socket}`));
      assert.equal(ready?.pid, server.child.pid);
      assert.equal(statSync(socket).mode & 0o777, 0o600);
      server.child.kill(signal);
      assert.equal(await endOf(server.child), exitCode);
      const messages = server.log().map(({ message }) => message);
      assert.ok(messages.includes('stopping'));
      assert.equal(messages.at(-1), 'stopped');
      assert.equal(existsSync(socket), false);
      assert.deepEqual(server.otherOutput(), []);
    });
  }

  it('portcullis serve writes its log to the file of the configuration', async () => {
    using directory = directoryWith(
      'log: { file: p.log }\nlisten: { uwsgi: { address: "unix:s" } }',
    );
    const line = [portcullisProgram, 'serve', '--config', directory.configuration];
    const child = spawn(process.execPath, line, { stdio: 'ignore' });
    const file = directory.file('p.log');
    const read = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    await until('the log says ready', () => read().includes('"message":"ready"'));
    child.kill('SIGTERM');
    assert.equal(await endOf(child), 0);
    assert.match(read(), /"message":"stopped"/);
  });

  it('portcullis serve goes on when standard output is a file on a full disk', async () => {
    using directory = directoryWith('listen: { uwsgi: { address: "unix:s" } }');
    const line = [portcullisProgram, 'serve', '--config', directory.configuration];
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, line, { stdio: ['ignore', full, 'ignore'] });
    closeSync(full);
    await until('it listens', () => existsSync(directory.file('s')));
    const socket = { path: directory.file('s') };
    assert.equal((await uwsgiRequest(socket, getVariables('/'))).status, 404);
    child.kill('SIGTERM');
    assert.equal(await endOf(child), 0);
  });

  it('portcullis serve tells in one sentence why it cannot listen', async () => {
    using directory = temporaryDirectory();
    const socket = directory.file('taken.sock');
    const other = createServer().listen(socket);
    await once(other, 'listening');
    mkdirSync(directory.file('d'));
    writeFileSync(directory.file('f'), '');
    const port = await freePort();
    const otherTcp = createServer().listen(port, '127.0.0.1');
    await once(otherTcp, 'listening');
    const tell = (address: string): Promise<string> =>
      failToServe(`listen: { uwsgi: { address: '${address}' } }`, 69);
    try {
      assert.match(await tell(`unix:${socket}`), /^Cannot listen .*taken\.sock.*\n$/);
      assert.match(await tell(`unix:${directory.file('d')}`), /^Cannot listen .*\n$/);
      assert.match(await tell(`unix:${directory.file('f/s')}`), /^Cannot .*\n$/);
      assert.match(await tell(`127.0.0.1:${port}`), /^Cannot listen .*\n$/);
      assert.match(await tell('192.0.2.1:9001').catch(String), /allowedPeers|AssertionError/);
    } finally {
      other.close();
      otherTcp.close();
    }
  });

  it('portcullis serve tells every mistake and starts nothing', async () => {
    const err = await failToServe('log: { level: loud }\nzebra: 1', 78);
    assert.equal(err.trimEnd().split('\n').length, 2);
    assert.match(
      await failToServe('distributions: [{ relativeUrl: a, root: ., access: nosuch }]', 78),
      /portcullis\.yaml:1:44: distributions\[0\]\.access\.nosuch/,
    );
  });

  for (const [what, text] of Object.entries({
    'when it is loaded': 'process.exit(0);',
    'when it reads its options': rule('parseOptions: () => process.exit(0), create: () => ({})'),
    'when it is made': rule('parseOptions: () => ({}), create: () => process.exit(0)'),
  })) {
    it(`T60 portcullis serve and check do not succeed with a plugin that exits ${what}`, async () => {
      using directory = directoryWith(
        'plugins: [./p.mjs]\nlisten: { uwsgi: { address: "unix:s" } }\nsupervision: { backOffSeconds: 0.01, bootAttemptsMax: 2 }\ndistributions: [{ relativeUrl: a, root: ., access: exiting }]',
      );
      writeFileSync(directory.file('p.mjs'), text);
      const inCheck = /^Cannot go on: something ended the process before the command was done/;
      const inWorker = /Cannot start, because no worker can:\nIt ended before it was ready/;
      for (const [command, told] of Object.entries({ serve: inWorker, check: inCheck })) {
        const { code, out, err } = await portcullis([command, '--config', directory.configuration]);
        assert.equal(code, 70);
        assert.match(err, told);
        assert.doesNotMatch(out, /"ready"|No problem/);
      }
    });
  }

  it('T60 portcullis serve replaces a worker when a plugin throws where nobody can catch it', async () => {
    using directory = directoryWith('');
    const create =
      "create: () => { setTimeout(() => { throw new Error('late'); }, 500); return { authorize: () => ({ outcome: 'abstain' }) }; }";
    writeFileSync(directory.file('p.mjs'), rule(`parseOptions: () => ({}), ${create}`));
    await using server = await startPortcullis({
      plugins: [directory.file('p.mjs')],
      listen: { uwsgi: { address: `unix:${directory.file('s')}` } },
      distributions: [{ relativeUrl: 'a', root: directory.path, access: 'exiting' }],
    });
    await until('the worker was replaced', () => replacements(server) > 0);
    const [told] = server
      .log()
      .filter(({ message }) => message === 'worker stopping after a defect');
    assert.equal(told?.reason, 'late');
    const [death] = server.log().filter(({ message }) => message === 'worker died');
    assert.deepEqual([death?.cause, death?.how], ['died', 'exit code 70']);
  });

  it('T60 portcullis serve gives no byte to a request at which a plugin exits, and serves on', async () => {
    using directory = directoryWith('');
    writeFileSync(
      directory.file('p.mjs'),
      rule('parseOptions: () => ({}), create: () => ({ authorize: () => process.exit(0) })'),
    );
    writeFileSync(directory.file('secret.txt'), 'the secret');
    const socket = directory.file('s');
    await using server = await startPortcullis({
      plugins: [directory.file('p.mjs')],
      listen: { uwsgi: { address: `unix:${socket}` } },
      distributions: [{ relativeUrl: 'a', root: directory.path, access: 'exiting' }],
    });
    const answer = await uwsgiRequest({ path: socket }, getVariables('/pulp/repos/a/secret.txt'));
    assert.equal(answer.bytes.length, 0);
    await until('the worker was replaced', () => replacements(server) > 0);
    const other = await uwsgiRequest({ path: socket }, getVariables('/pulp/repos/b'));
    assert.equal(other.status, 404);
  });

  it('portcullis serve and check end although a plugin leaves a timer behind', async () => {
    const create =
      "create: () => { setInterval(() => {}, 1000); return { authorize: () => ({ outcome: 'abstain' }) }; }";
    using directory = directoryWith(
      'plugins: [./p.mjs]\ndistributions: [{ relativeUrl: a, root: ., access: exiting }]',
    );
    writeFileSync(directory.file('p.mjs'), rule(`parseOptions: () => ({}), ${create}`));
    const { code } = await portcullis(['check', '--config', directory.configuration]);
    assert.equal(code, 0);
  });

  it('portcullis serve ends on SIGTERM although nobody reads its log', async () => {
    using directory = directoryWith('');
    const socket = directory.file('s');
    const listen = { uwsgi: { address: `unix:${socket}` } };
    writeFileSync(directory.configuration, JSON.stringify({ listen }));
    const args = [portcullisProgram, 'serve', '--config', directory.configuration];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    await until('it listens', () => existsSync(socket));
    // Much more than a pipe holds.
    for (let i = 0; i < 50; i += 1) {
      const variables = getVariables(`/${'x'.repeat(4000)}`);
      assert.equal((await uwsgiRequest({ path: socket }, variables)).status, 404);
    }
    child.kill('SIGTERM');
    assert.equal(await endOf(child), 0);
  });
});

function replacements(server: Portcullis): number {
  return server
    .log()
    .filter(({ message, cause }) => message === 'worker starting' && cause === 'died').length;
}

function rule(members: string): string {
  return `export const plugin = { apiVersion: 1, name: 'exiting', summary: 'exits', ${members} };`;
}
