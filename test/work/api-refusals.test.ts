/** What the servers of a pool refuse by themselves, as clients of the API read it. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { failureSchema } from '../../src/api/openapi.ts';
import { RequestWatch } from '../../src/listeners/request-watch.ts';
import { createLogger } from '../../src/log.ts';
import { defaultUwsgiLimits } from '../../src/uwsgi/limits.ts';
import { type ControlPlaneDirectory, controlPlaneDirectory } from '../support/administered.ts';
import { httpGet, sendHttp } from '../support/http-client.ts';
import { freePort } from '../support/processes.ts';
import {
  encodeHeader,
  getVariables,
  type RawAnswer,
  sendRaw,
  uwsgiRequest,
} from '../support/uwsgi-client.ts';
import { file, type RunningWork, runWork, written } from './running-work.ts';

const users = '/pulp/api/v2/users/';

/** As pulp-admin reads it. */
function checkApiError(answer: RawAnswer, status: number, href: string, method: string): void {
  const text = answer.body.toString();
  assert.equal(answer.status, status, text);
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(answer.headers['content-length'], String(answer.body.length));
  const body = JSON.parse(text);
  assert.deepEqual(failureSchema.safeParse(body).error, undefined);
  assert.deepEqual(
    [body.http_status, body._href, body.http_request_method],
    [status, href, method],
  );
}

function checkText(answer: RawAnswer, status: number): void {
  assert.equal(answer.status, status);
  assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
}

describe('refusals of the servers of a pool with the role api', () => {
  let directory: ControlPlaneDirectory;
  let work: RunningWork;
  let uwsgi: { readonly path: string };
  let http: { readonly port: number };
  const bodyBytes = 2048;
  before(async () => {
    directory = controlPlaneDirectory();
    uwsgi = { path: directory.file('uwsgi.sock') };
    http = { port: await freePort() };
    const listen = {
      uwsgi: { address: `unix:${uwsgi.path}` },
      http: { address: `127.0.0.1:${http.port}`, trustedPeers: [] },
    };
    const api = { ...directory.settings.api, bodyBytes };
    const limits = { headerBytes: 8192, packetSeconds: 1, bodyBytes };
    work = await runWork(
      directory,
      written(directory, { listen, roles: ['content', 'api'], api, limits }),
    );
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const send = (target: string, more: readonly (readonly [string, string])[] = []) =>
    uwsgiRequest(uwsgi, getVariables(target, more));

  it('refusals of a body that is too long are JSON for the API over uwsgi and HTTP, and text elsewhere', async () => {
    const long = [
      ['CONTENT_LENGTH', '4096'],
      ['REQUEST_METHOD', 'POST'],
    ] as const;
    checkApiError(await send(`${users}?secret=1`, long), 413, users, 'POST');
    checkText(await send(file, long), 413);
    const post = (target: string) =>
      sendHttp(http, `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 4096\r\n\r\n`);
    checkApiError(await post(users), 413, users, 'POST');
    checkText(await post(file), 413);
  });

  it('refusals of a target that is too long are JSON with its beginning', async () => {
    const target = `${users}${'a'.repeat(defaultUwsgiLimits.uriBytes)}/`;
    checkApiError(await send(target), 414, target.slice(0, 512), 'GET');
    checkText(await send(`${file}${'a'.repeat(defaultUwsgiLimits.uriBytes)}`), 414);
  });

  it('refusals of malformed requests are JSON for the API', async () => {
    const twice = [
      ['HTTP_A_B', '1'],
      ['HTTP_A-B', '2'],
    ] as const;
    checkApiError(await send(users, twice), 400, users, 'GET');
    const bad = await sendHttp(http, `GET ${users} HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n`);
    checkApiError(bad, 400, users, 'GET');
  });

  it('refusals of headers that are too long are JSON for the API', async () => {
    const headers = [['X-Long', 'a'.repeat(10_000)]] as const;
    checkApiError(await httpGet(http, users, headers), 431, users, 'GET');
    checkText(await httpGet(http, file, headers), 431);
  });

  it('refusals of what cannot be read are JSON where the API is served', async () => {
    const broken = Buffer.concat([encodeHeader(10), Buffer.alloc(10, 0xff)]);
    checkApiError(await sendRaw(uwsgi, broken), 400, '/pulp/api/', '');
    checkApiError(await sendHttp(http, 'nonsense\r\n\r\n'), 400, '/pulp/api/', '');
    checkApiError(await sendHttp(http, `GET ${users} HTTP/1.1\r\n`), 408, '/pulp/api/', '');
  });
});

describe('refusals of what a listener does not answer', () => {
  for (const [status, seconds, listener] of [
    [504, 0.1, () => undefined],
    [500, 60, () => Promise.reject(new Error('a defect'))],
  ] as const) {
    it(`refusals with ${status} are JSON for the API, and text elsewhere`, async () => {
      const log = createLogger({ level: 'error', write: () => {} });
      using watch = new RequestWatch({
        requestSeconds: seconds,
        log,
        counterOf: () => ({ ended: () => {} }),
      });
      const server = createServer(watch.watch(listener));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      checkApiError(await httpGet({ port }, users), status, users, 'GET');
      checkText(await httpGet({ port }, file), status);
      server.close();
    });
  }
});
