/** The real portcullis-admin, of a user who is logged in at a site through nginx. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { adminProgram, portcullisAdmin, type Ran } from '../admin/program.ts';
import { administrator } from '../support/administered.ts';
import { callAs } from '../support/api-caller.ts';
import type { RegisteredConsumer } from './repository-clients.ts';
import type { Place, RepositorySite } from './repository-site.ts';

export interface Administration {
  /** A command to its end. */
  admin(...words: readonly string[]): Promise<Ran>;
  /** A command that succeeds. @returns its output */
  ok(...words: readonly string[]): Promise<string>;
  /** A command that is watched. */
  begin(...words: readonly string[]): ChildProcess;
}

/** What one call of an upload sends, in bytes: each is on the disk before the next. */
const chunkBytes = 4 * 1024 ** 2;

/** Logs in, with a home in the directory of the site. */
export async function administerSite(site: RepositorySite): Promise<Administration> {
  const home = site.file('home');
  mkdirSync(`${home}/.pulp`, { recursive: true, mode: 0o700 });
  const server = `[server]\nhost: localhost\nport: ${site.port}\nca_path: ${site.serverCa}\n`;
  writeFileSync(`${home}/.pulp/admin.conf`, `${server}upload_chunk_size: ${chunkBytes}\n`);
  const input = `${administrator.password}\n`;
  const admin = (...words: readonly string[]) => portcullisAdmin(words, { home, input });
  const ok = async (...words: readonly string[]): Promise<string> => {
    const { code, out, err } = await admin(...words);
    assert.equal(code, 0, `${words.join(' ')}: ${err}${out}`);
    return out;
  };
  await ok('-u', administrator.login, 'login');
  const env = { PATH: process.env.PATH, HOME: home };
  const begin = (...words: readonly string[]): ChildProcess =>
    spawn(process.execPath, [adminProgram, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { admin, ok, begin };
}

/** As an operator registers a host, with its certificate in a file. */
export async function registerByCommand(
  { port, serverCa, file }: RepositorySite,
  { ok }: Administration,
  id: string,
): Promise<RegisteredConsumer> {
  const pem = file(`${id}.pem`);
  await ok('consumer', 'register', '--consumer-id', id, '--file', pem);
  const text = readFileSync(pem, 'utf8');
  const api = callAs({ port, serverCa, identity: { key: text, certificate: text } });
  return { id, file: pem, api, [Symbol.dispose]: () => api[Symbol.dispose]() };
}

/** What `client-config` writes for a client with a certificate and its key in one file. */
export async function configureByCommand(
  { serverCa }: RepositorySite,
  { ok }: Administration,
  { family, repository }: { readonly family: string } & Pick<Place, 'repository'>,
  certificate: string,
): Promise<string> {
  const shown = ['--credential', 'certificate', '--certificate', certificate, '--ca', serverCa];
  return ok(family, 'repo', 'client-config', '--repo-id', repository, ...shown);
}
