/**
 * A real server of MongoDB's protocol: that of MONGODB_URL, or mongod, or FerretDB, in this order.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { ferretdbProgram, isFerretdbBuilt } from './ferretdb.ts';
import { freePort, isInstalled, stop, until } from './processes.ts';
import { temporaryDirectory } from './temporary.ts';

export interface MongodbServer extends AsyncDisposable {
  /** The URL of a database that nobody else has. */
  newDatabase(): string;
  /** Kills the server by SIGKILL, where it is ours. */
  kill(): Promise<void>;
  /** Starts it again, with what it had. */
  start(): Promise<void>;
}

type ServerKind = 'url' | 'mongod' | 'ferretdb';

const noServer = 'no MONGODB_URL, no mongod, and no Go to build FerretDB';

const serverNames: Readonly<Record<ServerKind, string>> = {
  url: 'that of MONGODB_URL',
  mongod: 'mongod',
  ferretdb: 'FerretDB',
};

/** For a test's `skip` option: false when a server can be had. */
export function needsMongodb(): string | false {
  return kindOfServer() === undefined && noServer;
}

/**
 * Which server stood for MongoDB, for the last lines of a run.
 *
 * @param isRequired whether a run without one is a failure, as in CI
 */
export function mongodbLine(
  isRequired: boolean,
  kind: ServerKind | null = kindOfServer() ?? null,
): string {
  if (kind !== null) return `Server for the MongoDB store: ${serverNames[kind]}`;
  return `${isRequired ? 'Failed: ' : ''}No server for the MongoDB store: ${noServer}`;
}

/** As {@link needsMongodb}, for tests that stop the server. */
export function needsOwnMongodb(): string | false {
  return kindOfServer() === 'url' ? 'the server of MONGODB_URL is not stopped' : needsMongodb();
}

/** For tests of what only FerretDB needs. */
export function needsFerretdb(): string | false {
  return kindOfServer() !== 'ferretdb' && 'another server than FerretDB is there';
}

/** @param data a directory for a server of our own, which the caller removes */
export async function startMongodb(data?: string): Promise<MongodbServer> {
  const given = process.env.MONGODB_URL;
  if (given !== undefined) return foreignServer(given);
  const server = new OwnServer(await freePort(), data);
  await server.start();
  return server;
}

/** The URL with a database that nobody else has. */
function withNewDatabase(url: string): string {
  const own = new URL(url);
  own.pathname = `/test-${randomBytes(6).toString('hex')}`;
  return own.href;
}

function kindOfServer(): ServerKind | undefined {
  if (process.env.MONGODB_URL !== undefined) return 'url';
  if (isInstalled('mongod')) return 'mongod';
  return isFerretdbBuilt() ? 'ferretdb' : undefined;
}

function foreignServer(url: string): MongodbServer {
  const refuse = (): Promise<void> => Promise.reject(new Error('the server is not ours'));
  return {
    newDatabase: () => withNewDatabase(url),
    kill: refuse,
    start: refuse,
    [Symbol.asyncDispose]: async () => {},
  };
}

class OwnServer implements MongodbServer {
  readonly #port: number;
  readonly #directory = temporaryDirectory();
  readonly #data: string;
  #child: ChildProcess | undefined;

  constructor(port: number, data = this.#directory.file('data')) {
    this.#port = port;
    this.#data = data;
    mkdirSync(data, { recursive: true });
  }

  newDatabase(): string {
    return withNewDatabase(`mongodb://127.0.0.1:${this.#port}`);
  }

  async start(): Promise<void> {
    const [command, ...args] = this.#command();
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    this.#child = child;
    await until('the database server listens', () => isListening(this.#port), 30_000);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== undefined) await stop(this.#child);
    this.#directory[Symbol.dispose]();
  }

  #command(): readonly [string, ...string[]] {
    const data = this.#data;
    const port = String(this.#port);
    return kindOfServer() === 'mongod'
      ? ['mongod', '--dbpath', data, '--port', port, '--bind_ip', '127.0.0.1', '--quiet']
      : [ferretdbProgram(), '-listen', `127.0.0.1:${port}`, '-directory', `${data}/`];
  }
}

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
