/** `portcullis-admin consumer register --file`: what is kept where, and what is lost of it. */

import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Failure } from '../../src/admin/failure.ts';
import { KeyFile } from '../../src/admin/key-file.ts';
import { needs } from '../support/needs.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { type Ran, runCommand } from './program.ts';
import { type AdminServer, startAdminServer } from './server.ts';

describe('portcullis-admin consumer register --file', { skip: needs('openssl') }, () => {
  let server: AdminServer;
  let pem: string;
  let directory: TemporaryDirectory;
  before(async () => {
    server = await startAdminServer();
    const { certificate, key } = await server.pki.client(server.ca);
    pem = key + certificate;
  });
  after(() => server?.[Symbol.asyncDispose]());
  afterEach(() => directory?.[Symbol.dispose]());
  beforeEach(() => {
    directory = temporaryDirectory();
    server.answer = () => ({ status: 201, body: { consumer: { id: 'a' }, certificate: pem } });
  });

  const register = (...more: readonly string[]): Promise<Ran> =>
    runCommand(
      ['-u', 'joe', '-p', 'x', 'consumer', 'register', '--consumer-id', 'a', ...more],
      server.settings,
    );

  it('consumer register writes a file that its owner alone can read, and no key elsewhere', async () => {
    const file = directory.file('a.pem');
    const ran = await register('--file', file);
    assert.deepEqual([ran.code, ran.err], [0, '']);
    assert.match(
      ran.out,
      /^Consumer \[a\] successfully registered\. It is good until .+ are in \//,
    );
    assert.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], [pem, 0o600]);
    const json = await register('--json', '--file', directory.file('b.pem'));
    assert.deepEqual(JSON.parse(json.out), { consumer: { id: 'a' } });
    assert.deepEqual(readdirSync(directory.path).sort(), ['a.pem', 'b.pem']);
  });

  it('consumer register calls nobody when its file cannot be written', async () => {
    const file = directory.file('a.pem');
    writeFileSync(file, 'before');
    symlinkSync(directory.file('nowhere'), directory.file('link'));
    mkdirSync(directory.file('folder'));
    const asked = server.asked.length;
    for (const [message, ...more] of [
      [/^File\nCannot write --file \/.+: it is there already; --force replaces it\.\n$/, file],
      [/it is there already/, directory.file('link')],
      [/it is not a regular file/, directory.file('link'), '--force'],
      [/it is not a regular file/, directory.file('folder'), '--force'],
      [/ENOENT|no such file/i, directory.file('none/a.pem')],
      [/ENOENT|no such file/i, directory.file('none/a.pem'), '--force'],
    ] as const) {
      const ran = await register('--file', ...more);
      assert.deepEqual([ran.code, ran.out], [66, ''], ran.err);
      assert.match(ran.err, message);
    }
    assert.equal((await register('--force')).code, 64);
    assert.equal(server.asked.length, asked);
    assert.equal(readFileSync(file, 'utf8'), 'before');
  });

  it('consumer register --force replaces a file, whoever could read that', async () => {
    const file = directory.file('a.pem');
    writeFileSync(file, 'before');
    chmodSync(file, 0o644);
    assert.equal((await register('--file', file, '--force')).code, 0);
    assert.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], [pem, 0o600]);
    assert.deepEqual(readdirSync(directory.path), ['a.pem']);
  });

  it('consumer register leaves nothing behind, and what was there, when the server refuses', async () => {
    const file = directory.file('a.pem');
    for (const answer of [
      { status: 409, body: { resource_id: 'a' } },
      { status: 201, body: { consumer: {}, certificate: 'none' } },
      { status: 201, body: [] },
    ]) {
      server.answer = () => answer;
      assert.notEqual((await register('--file', file)).code, 0);
      assert.equal(existsSync(file), false);
      writeFileSync(file, 'before');
      assert.notEqual((await register('--file', file, '--force')).code, 0);
      assert.deepEqual(
        [readFileSync(file, 'utf8'), readdirSync(directory.path)],
        ['before', ['a.pem']],
      );
      directory[Symbol.dispose]();
      mkdirSync(directory.path);
    }
  });

  it('consumer register tells how to get another key when its own is lost', async () => {
    const file = directory.file('a.pem');
    server.answer = () => {
      // Somebody makes a directory of the file meanwhile.
      mkdirSync(file);
      return { status: 201, body: { consumer: { id: 'a' }, certificate: pem } };
    };
    const ran = await register('--file', file, '--force');
    assert.deepEqual([ran.code, ran.out], [66, '']);
    assert.match(
      ran.err,
      /\nThe consumer \[a\] is registered, but its key is lost\. .+ renew --end-others/,
    );
    assert.deepEqual(readdirSync(directory.path), ['a.pem']);
  });

  it('KeyFile is reserved by one alone', async () => {
    const file = directory.file('a.pem');
    const first = await KeyFile.reserve(file, false);
    assert.ok(!(first instanceof Failure));
    assert.ok((await KeyFile.reserve(file, false)) instanceof Failure);
    assert.equal(await first.keep('x'), undefined);
    await first[Symbol.asyncDispose]();
    assert.equal(readFileSync(file, 'utf8'), 'x');
  });
});
