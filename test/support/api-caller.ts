/** Calls of the API over TLS, as pulp-admin makes them: with a session certificate, waiting for tasks. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { until } from './processes.ts';

export interface ApiReply {
  readonly status: number;
  /** As JSON says it: a test knows what it asked for. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the shape by using it
  readonly body: any;
}

export interface ApiCaller extends Disposable {
  /** @param body an object is sent as JSON, bytes as they are */
  call(method: string, path: string, body?: object): Promise<ApiReply>;
  /** A call that is answered with success. */
  ok(method: string, path: string, body?: object): Promise<ApiReply['body']>;
  /** A call whose tasks, if any, end well. @returns the tasks */
  done(method: string, path: string, body?: object): Promise<readonly ApiReply['body'][]>;
}

interface CallerOptions {
  readonly port: number;
  /** The path of the CA of the server. */
  readonly serverCa: string;
  /** PEM: a key and its certificate. */
  readonly identity: { readonly key: string; readonly certificate: string };
}

/** How long a task may take on a machine that does other work, in milliseconds. */
const taskMsMax = 300_000;
const finalStates = ['finished', 'error', 'canceled', 'skipped'];

/** Calls as a consumer or a user, by its certificate. */
export function callAs({ port, serverCa, identity }: CallerOptions): ApiCaller {
  const { key, certificate: cert } = identity;
  const ca = readFileSync(serverCa);
  const agent = new Agent({ keepAlive: true, key, cert, ca });
  const call = (method: string, path: string, body?: object): Promise<ApiReply> =>
    send({ agent, port, method, path, body });
  const ok: ApiCaller['ok'] = async (method, path, body) => {
    const reply = await call(method, path, body);
    const text = `${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`;
    assert.ok(reply.status >= 200 && reply.status < 300, text);
    return reply.body;
  };
  return {
    call,
    ok,
    done: async (method, path, body) => {
      const { spawned_tasks: spawned } = await ok(method, path, body);
      const tasks: ApiReply['body'][] = [];
      for (const { task_id: id } of spawned) tasks.push(await ended(id, ok));
      return tasks;
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** Logs in, and calls by the certificate of the session from then on. */
export async function logIn(
  { login, password }: { readonly login: string; readonly password: string },
  { port, serverCa }: Omit<CallerOptions, 'identity'>,
): Promise<ApiCaller> {
  const agent = new Agent({ ca: readFileSync(serverCa) });
  try {
    const path = '/v2/actions/login/';
    const auth = `${login}:${password}`;
    const { status, body } = await send({ agent, port, method: 'POST', path, body: {}, auth });
    assert.equal(status, 200, JSON.stringify(body));
    return callAs({ port, serverCa, identity: body });
  } finally {
    agent.destroy();
  }
}

async function ended(id: string, ok: ApiCaller['ok']): Promise<ApiReply['body']> {
  let task: ApiReply['body'];
  const isOver = async (): Promise<boolean> => {
    task = await ok('GET', `/v2/tasks/${id}/`);
    return finalStates.includes(task.state);
  };
  await until(`task ${id} is over`, isOver, taskMsMax);
  assert.equal(task.state, 'finished', JSON.stringify(task));
  return task;
}

async function send({
  path,
  body,
  ...options
}: {
  readonly agent: Agent;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
  readonly auth?: string;
}): Promise<ApiReply> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiReply>();
  const bytes = bytesOf(body);
  const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
  const sent = request(
    { ...options, host: 'localhost', path: `/pulp/api${path}`, headers },
    async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: response.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) });
    },
  );
  sent.on('error', reject);
  sent.end(bytes);
  return promise;
}

function bytesOf(body: object | undefined): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}
