/** Calls of the API as a user, for tests. */

import assert from 'node:assert/strict';
import supertest from 'supertest';
import { admin, type RunningApi } from './running-api.ts';

export interface Credentials {
  readonly login: string;
  readonly password: string;
}

export interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what JSON gives, which each test looks at.
  readonly body: any;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface CallOptions {
  /** Undefined for nobody. */
  readonly as?: Credentials | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'PATCH' | 'OPTIONS';

/** Calls below `/pulp/api`, as the administrator unless told otherwise. */
export class Client {
  readonly #api: RunningApi;

  constructor(api: RunningApi) {
    this.#api = api;
  }

  async call(method: Method, path: string, options: CallOptions = {}): Promise<Reply> {
    const as = 'as' in options ? options.as : admin;
    const agent = supertest(this.#api.server);
    const verb = method.toLowerCase() as 'get';
    let request = agent[verb](`/pulp/api${path}`).redirects(0);
    if (as !== undefined) request = request.auth(as.login, as.password);
    for (const [name, value] of Object.entries(options.headers ?? {})) request.set(name, value);
    if ('body' in options) {
      request.set('Content-Type', 'application/json');
      request.send(typeof options.body === 'string' ? options.body : JSON.stringify(options.body));
    }
    const { status, body, headers, text } = await request;
    return { status, body, headers, text };
  }

  /** A call that succeeds with `status`; gives its body. */
  async ok(status: number, method: Method, path: string, options?: CallOptions): Promise<unknown> {
    const reply = await this.call(method, path, options);
    assert.equal(reply.status, status, reply.text);
    return reply.body;
  }

  /** A call that is refused in the shape of Pulp; gives its body. */
  async refused(
    status: number,
    code: string,
    method: Method,
    path: string,
    options?: CallOptions,
    // biome-ignore lint/suspicious/noExplicitAny: what JSON gives, which each test looks at.
  ): Promise<any> {
    const reply = await this.call(method, path, options);
    assert.equal(reply.status, status, reply.text);
    assert.match(reply.headers['content-type'] ?? '', /^application\/json; charset=utf-8$/);
    assert.equal(reply.headers['www-authenticate'], undefined);
    assert.equal(reply.headers.location, undefined);
    assert.equal(reply.body.error?.code, code, reply.text);
    assert.equal(reply.body.http_status, status);
    assert.equal(reply.body.http_request_method, method);
    assert.equal(reply.body._href, `/pulp/api${path}`);
    assert.equal(reply.body.error.description, reply.body.error_message);
    assert.deepEqual([reply.body.exception, reply.body.traceback], [null, null]);
    return reply.body;
  }

  /** Makes a user with a password. */
  async user(login: string, password = `password of ${login}`): Promise<Credentials> {
    await this.ok(201, 'POST', '/v2/users/', { body: { login, password } });
    return { login, password };
  }
}
