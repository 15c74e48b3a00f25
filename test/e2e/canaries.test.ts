/** Secrets that clients and operators give to a real instance, looked for in all that it says. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { portcullis } from '../cli/program.ts';
import {
  administer,
  administrator,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { basic, writeTree } from '../support/application.ts';
import { httpGet } from '../support/http-client.ts';
import { getVariables, type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';
import { startInstance } from './pool.ts';

const workers = 2;

/** Found nowhere by chance, and in no spelling that a search would miss. */
function canary(): string {
  return `canary${randomBytes(12).toString('hex')}`;
}

describe('secrets', () => {
  it('T92 are in no log, answer, status, metric or command line, whatever was wrong with them', async () => {
    await using stack = new AsyncDisposableStack();
    const directory = stack.use(controlPlaneDirectory());
    const secrets = {
      password: canary(),
      guess: canary(),
      bearer: canary(),
      signature: canary(),
      cookie: canary(),
      body: canary(),
      value: canary(),
      filePassword: canary(),
      changed: canary(),
    };
    const hash = await hashPassword(secrets.filePassword);
    writeFileSync(directory.file('htpasswd'), `file:${hash}\n`);
    writeTree(directory.file('root'), { file: 'content' });
    const socket = directory.file('uwsgi.sock');
    const metrics = directory.file('metrics.sock');
    const policies = {
      stored: { password: { users: ['carl'] } },
      file: { password: { file: directory.file('htpasswd') } },
      session: { session: { users: ['carl'] } },
    };
    const configuration = {
      ...directory.settings,
      workers,
      roles: ['content', 'api', 'tasks'],
      listen: { uwsgi: { address: `unix:${socket}` } },
      log: { level: 'debug', file: directory.file('portcullis.log') },
      monitor: {
        stats: { address: `unix:${directory.file('stats.sock')}` },
        metrics: { address: `unix:${metrics}` },
      },
      audit: { inStore: true },
      access: { timeLimitSeconds: 30 },
      distributions: Object.entries(policies).map(([relativeUrl, access]) => ({
        ...{ relativeUrl, access },
        root: directory.file('root'),
      })),
    };
    await administer(await configurationIn(directory, configuration));
    const instance = stack.use(startInstance(directory, configuration));
    await instance.whole(workers);

    const said: string[] = [];
    const ask = async (
      target: string,
      more: readonly (readonly [name: string, value: string])[],
      body = '',
    ): Promise<RawAnswer> => {
      const variables = getVariables(target, [
        ['HTTPS', 'on'],
        ['REQUEST_SCHEME', 'https'],
        ['CONTENT_LENGTH', body === '' ? '' : String(Buffer.byteLength(body))],
        ...more,
      ]);
      const answer = await uwsgiRequest({ path: socket }, variables, { body });
      said.push(JSON.stringify(answer.headers), answer.body.toString());
      return answer;
    };
    const content = async (target: string, name: string, value: string) =>
      (await ask(`/pulp/repos/${target}`, [[name, value]])).status;
    const call = (method: string, target: string, body: unknown = '') =>
      ask(
        `/pulp/api/v2/${target}`,
        [
          ['REQUEST_METHOD', method],
          ['HTTP_AUTHORIZATION', basic(administrator.login, administrator.password)],
        ],
        typeof body === 'string' ? body : JSON.stringify(body),
      );

    const made = await call('POST', 'users/', { login: 'carl', password: secrets.password });
    assert.equal(made.status, 201, made.body.toString());
    const authorization = (password: string, user = 'carl') =>
      ['HTTP_AUTHORIZATION', basic(user, password)] as const;
    assert.equal(await content('stored/file', ...authorization(secrets.password)), 200);
    assert.equal(await content('stored/file', ...authorization(secrets.guess)), 401);
    assert.equal(await content('file/file', ...authorization(secrets.filePassword, 'file')), 200);
    assert.equal(await content('file/file', ...authorization(secrets.guess, 'nobody')), 401);
    await content('stored/file', 'HTTP_AUTHORIZATION', `Bearer ${secrets.bearer}`);
    await content('stored/file', 'HTTP_AUTHORIZATION', `Bearer ${secrets.bearer} ${secrets.guess}`);
    await content('stored/file', 'HTTP_COOKIE', `session=${secrets.cookie}`);
    await content(`stored/file?signature=${secrets.signature}`, 'HTTP_ACCEPT', '*/*');
    for (const [method, target, body] of [
      ['POST', 'users/', `{"login": "dora", "password": "${secrets.body}"`],
      ['POST', 'users/', { login: 'dora', password: [secrets.value] }],
      ['POST', 'users/', { login: 'dora', password: { $ne: secrets.value } }],
      ['PUT', 'users/carl/', { delta: { password: { [secrets.value]: 1 } } }],
    ] as const) {
      assert.equal((await call(method, target, body)).status, 400);
    }
    const login = await ask('/pulp/api/v2/actions/login/', [
      ['REQUEST_METHOD', 'POST'],
      authorization(secrets.password),
    ]);
    const session = JSON.parse(said.pop() ?? '') as Record<'key' | 'certificate', string>;
    assert.equal(login.status, 200);
    assert.equal(await content('session/file', 'SSL_CLIENT_CERT', session.certificate), 200);
    await content('session/file', 'SSL_CLIENT_CERT', session.key);
    const changed = await call('PUT', 'users/carl/', { delta: { password: secrets.changed } });
    assert.equal(changed.status, 200, changed.body.toString());
    const read = ['users/', 'users/carl/', 'roles/', 'permissions/', 'tasks/', 'status/'];
    for (const target of [...read, 'access/log/', 'access/usage/']) {
      assert.equal((await call('GET', target)).status, 200, target);
    }
    const played = { url: `/pulp/repos/stored/file?signature=${secrets.signature}` };
    for (const more of [{ user: 'carl', password: secrets.guess }, { token: secrets.bearer }]) {
      assert.equal((await call('POST', 'access/explain/', { ...played, ...more })).status, 200);
    }
    await call('POST', 'users/search/', { criteria: { filters: { password: secrets.value } } });

    const config = ['--config', directory.file('portcullis.yaml')];
    const explain = ['explain', '/pulp/repos/stored/file', '--user', 'carl', '--json', ...config];
    for (const [line, input] of [
      [['status', '--json', ...config], ''],
      [['check', ...config], ''],
      [explain, `${secrets.guess}\n`],
      [['create-admin', 'other', ...config], `${secrets.changed}\n`],
    ] as const) {
      const { code, out, err } = await portcullis(line, { input });
      assert.ok(code !== 70, err);
      said.push(out, err);
    }
    const page = await httpGet({ path: metrics }, '/metrics');
    assert.equal(page.status, 200);
    const { workers: all } = await instance.status();
    const processes = [instance.child.pid, ...all.map(({ pid }) => pid)];
    said.push(
      page.body.toString(),
      JSON.stringify(await instance.status()),
      JSON.stringify(instance.log()),
      instance.output(),
      ...processes.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')),
    );

    const everything = said.join('\n');
    const [, keyLine = 'no key'] = session.key.split('\n');
    const forbidden = {
      ...secrets,
      hash,
      keyLine,
      serverKey: readFileSync(directory.settings.api.sessionKey, 'utf8').split('\n')[1] ?? '',
      administrator: administrator.password,
      basic: basic('carl', secrets.password).slice('Basic '.length),
    };
    for (const [name, secret] of Object.entries(forbidden)) {
      assert.ok(secret.length > 8, name);
      assert.ok(!everything.includes(secret), `${name}: ${around(everything, secret)}`);
    }
    assert.ok(everything.includes('carl'), 'there was something to find');
  });
});

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 200), at + 100);
}
