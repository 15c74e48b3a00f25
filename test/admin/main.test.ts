import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { adminProgram, portcullisAdmin, type Ran } from './program.ts';
import { type AdminServer, startAdminServer } from './server.ts';

const secret = 's3cret-of-joe';

describe('portcullis-admin as a program', { skip: needs('openssl') }, () => {
  let server: AdminServer;
  let home: TemporaryDirectory;
  before(async () => {
    server = await startAdminServer();
    home = temporaryDirectory();
    const { port, ca } = server;
    writeFileSync(
      home.file('admin.conf'),
      `[server]\nhost: localhost\nport: ${port}\nca_path: ${ca.certificatePath}\n`,
    );
  });
  after(async () => {
    home?.[Symbol.dispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const called = (...args: readonly string[]): readonly string[] => [
    ...['--config', home.file('admin.conf')],
    ...args,
  ];
  const run = (args: readonly string[], input = ''): Promise<Ran> =>
    portcullisAdmin(args, { home: home.path, input });

  it('portcullis-admin shows its commands, as a list and as a tree, and its version', async () => {
    const nothing = await run([]);
    assert.deepEqual([nothing.code, nothing.out], [64, '']);
    const help = await run(['--help']);
    assert.deepEqual([help.code, help.out, help.err], [0, nothing.err, '']);
    assert.match(help.out, /^ {2}auth role user add\n {6}gives a role to a user$/m);
    const section = await run(['auth', 'user']);
    assert.deepEqual([section.code, section.out], [64, '']);
    assert.match(section.err, /^NAME\n {2}portcullis-admin auth user - commands of auth user\n/);
    assert.equal((await run(['auth', 'user', '-h'])).out, section.err);
    assert.equal((await run(['help'])).out, nothing.err);
    assert.equal((await run(['help', 'auth', 'user'])).out, section.err);
    const map = await run(['--map']);
    assert.match(map.out, /^auth\n {2}user\n {4}create: creates a user\n/m);
    assert.match((await run(['--version'])).out, /^portcullis-admin \d+\.\d+\.\d+\n$/);
  });

  it('portcullis-admin shows the manual of a command whatever else is missing', async () => {
    const { code, out } = await run(['auth', 'user', 'delete', '--help']);
    assert.equal(code, 0);
    const byWord = await run(['help', 'auth', 'user', 'delete']);
    assert.deepEqual([byWord.code, byWord.out], [0, out]);
    const unknown = await run(['help', 'auth', 'usr']);
    assert.deepEqual([unknown.code, unknown.out], [64, '']);
    assert.match(unknown.err, /^Cannot run "auth usr": did you mean user; /);
    assert.match(
      out,
      /^SYNOPSIS\n {2}portcullis-admin auth user delete --login NAME \[OPTION…\]$/m,
    );
  });

  it('portcullis-admin answers a mistake with one line', async () => {
    const { code, out, err } = await run(['auth', 'user', 'delete']);
    assert.deepEqual([code, out], [64, '']);
    assert.match(err, /^Cannot run auth user delete: --login NAME is missing; see .+\n$/);
  });

  it('portcullis-admin -v tells of each call, and of no secret', async () => {
    server.answer = () => ({ status: 200, body: [] });
    const { code, err } = await run(
      called('-v', '-u', 'joe', '-p', secret, 'auth', 'user', 'list'),
    );
    assert.equal(code, 0);
    assert.match(err, /^GET \/pulp\/api\/v2\/users\/ 200 \d+ ms\n$/);
  });

  it('portcullis-admin ends with 74 when its output cannot be written', async () => {
    server.answer = () => ({ status: 200, body: [] });
    const full = openSync('/dev/full', 'w');
    const args = [adminProgram, ...called('-u', 'joe', '-p', 'x', 'auth', 'user', 'list')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    let err = '';
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 74);
    assert.match(err, /^Cannot write the output: .+\n$/);
  });

  it('portcullis-admin takes the password of -p out of the list of processes', async () => {
    server.answer = () => 'silence';
    const asked = server.asked.length;
    const args = [adminProgram, ...called('-u', 'joe', '-p', secret, 'auth', 'user', 'list')];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    await until('the server is asked', () => server.asked.length > asked, 60_000);
    assert.doesNotMatch(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8'), /s3cret/);
    child.kill('SIGTERM');
    await once(child, 'close');
  });

  it('portcullis-admin refuses an empty password, and a login with a colon, before it asks a server', async () => {
    const asked = server.asked.length;
    for (const args of [
      ['-u', 'joe'],
      ['-u', 'joe', '-p', ''],
      ['-u', 'a:b', '-p', 'x'],
      ['-u', ''],
    ]) {
      const { code, err } = await run(called(...args, 'auth', 'user', 'list'));
      assert.equal(code, 64);
      assert.match(err, /^Cannot (?:use an empty password|call as "(?:a:b)?"): /);
    }
    const without = await run(called('login'));
    assert.deepEqual(
      [without.code, without.err],
      [64, 'Cannot log in: --username NAME is missing; see portcullis-admin login --help\n'],
    );
    assert.equal(server.asked.length, asked);
  });

  it('portcullis-admin reads a new password from the standard input', async () => {
    server.answer = () => ({ status: 200, body: {} });
    const asAdmin = ['-u', 'joe', '-p', 'x', 'auth', 'user'];
    await run(called(...asAdmin, 'create', '--login', 'ann'), `${secret}\nnext line\n`);
    assert.deepEqual(server.asked.at(-1)?.body, { login: 'ann', password: secret, name: null });
    await run(called(...asAdmin, 'update', '--login', 'ann', '-p'), secret);
    assert.deepEqual(server.asked.at(-1)?.body, { delta: { password: secret } });
  });

  const skip = needs('script');

  /** Types at a real terminal, each text when the prompt before it is there. */
  async function type(
    args: readonly string[],
    ...answers: readonly (readonly [prompt: string, typed: string])[]
  ): Promise<{ readonly code: number; readonly shown: string }> {
    const command = [process.execPath, adminProgram, ...called(...args)].join(' ');
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      stdio: 'pipe',
      env: { ...process.env, HOME: home.path },
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    for (const [prompt, typed] of answers) {
      await until(`the terminal shows ${prompt}`, () => shown.includes(prompt), 60_000);
      child.stdin.write(typed);
    }
    const [code] = (await once(child, 'close')) as [number];
    return { code, shown };
  }

  it('portcullis-admin asks for a password at a terminal and shows nothing of it', {
    skip,
  }, async () => {
    server.answer = () => ({ status: 200, body: [] });
    const list = ['-u', 'joe', 'auth', 'user', 'list'];
    const { code, shown } = await type(list, ['Enter password: ', `${secret}\r`]);
    assert.equal(code, 0, shown);
    assert.doesNotMatch(shown, /s3cret/);
    const { authorization = '' } = server.asked.at(-1) ?? {};
    assert.equal(Buffer.from(authorization.slice(6), 'base64').toString(), `joe:${secret}`);
  });

  it('portcullis-admin ends with 67 when the question for a password is left', {
    skip,
  }, async () => {
    const asked = server.asked.length;
    const { code, shown } = await type(['-u', 'joe', 'login'], ['Enter password: ', '\u0003']);
    assert.equal(code, 67);
    assert.match(shown, /^Aborted\r?$/m);
    assert.equal(server.asked.length, asked);
  });

  it('portcullis-admin asks twice for a new password, and refuses two that differ', {
    skip,
  }, async () => {
    const asked = server.asked.length;
    const create = ['-u', 'joe', '-p', 'x', 'auth', 'user', 'create', '--login', 'ann'];
    const questions = (second: string) =>
      [
        ['Enter password for user [ann]: ', `${secret}\r`],
        ['Re-enter password for user [ann]: ', `${second}\r`],
      ] as const;
    const differ = await type(create, ...questions('other'));
    assert.equal(differ.code, 64);
    assert.match(differ.shown, /^Cannot take the password: the two differ, try again\r?$/m);
    assert.equal(server.asked.length, asked);
    server.answer = () => ({ status: 201, body: {} });
    const same = await type(create, ...questions(secret));
    assert.equal(same.code, 0, same.shown);
    assert.doesNotMatch(same.shown, /s3cret/);
    assert.deepEqual(server.asked.at(-1)?.body, { login: 'ann', password: secret, name: null });
  });
});
