import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { renderNginxConfig } from '../../src/front/nginx-config.ts';
import { uwsgiCertificateCharactersMax } from '../../src/front/nginx-pass.ts';
import { loadRight } from '../config/support.ts';
import { needs } from '../support/needs.ts';
import { ask, startFront } from './nginx-fixture.ts';

const skip = needs('nginx', 'openssl');

async function rendered(text: string): Promise<string> {
  return renderNginxConfig(await loadRight(text));
}

/** The location of the API in `text`. */
function apiLocation(text: string): string {
  return /^ {2}location \/pulp\/api\/ \{\n([\s\S]+?)\n {2}\}/m.exec(text)?.[1] ?? '';
}

/** Answers when the body has arrived, with its length. */
function answerLength(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on('end', () => response.end(String(bytes)));
}

describe('renderNginxConfig with the role api', () => {
  it('renderNginxConfig has nothing of the API where no pool has the role', async () => {
    for (const text of ['', 'roles: [content, tasks]', 'application: { module: ./a.ts }']) {
      assert.doesNotMatch(await rendered(text), /portcullis_api|location \/pulp\/api/);
    }
  });

  it('renderNginxConfig leads the API to the pool that has the role', async () => {
    const both = await rendered('roles: [content, api]');
    assert.match(apiLocation(both), /^ {4}uwsgi_pass portcullis;$/m);
    assert.doesNotMatch(both, /portcullis_api/);
    const own = await rendered(
      'api: { bodyBytes: 2048 }\npools: { api: { workers: 2, roles: [api], listen: { http: { address: unix:/run/p/api.sock, sockets: worker } } } }',
    );
    assert.match(apiLocation(own), /^ {4}client_max_body_size 2048;$/m);
    assert.match(apiLocation(own), /^ {4}proxy_pass http:\/\/portcullis_api;$/m);
    assert.match(own, /^ {4}uwsgi_pass portcullis;$/m);
    const [, block = ''] = /upstream portcullis_api \{\n([^}]+)\}/.exec(own) ?? [];
    assert.match(block, /zone portcullis_api .+unix:\/run\/p\/api-1\.sock.+api-2\.sock/s);
  });

  it('renderNginxConfig leads everything to the API where there is nothing else', async () => {
    const text = await rendered(
      'roles: [tasks]\npools: { api: { roles: [api], listen: { uwsgi: } } }',
    );
    assert.equal(text.match(/uwsgi_pass portcullis;/g)?.length, 4);
    await assert.rejects(rendered('roles: [tasks]'), /no pool answers requests/);
  });

  it('renderNginxConfig refuses an API that nginx cannot reach', async () => {
    const listen = 'listen: { tls: { certificate: c, key: k } }';
    await assert.rejects(
      rendered(`pools: { api: { roles: [api], ${listen} } }`),
      /only pools\.api\.listen\.tls is there/,
    );
  });
});

describe('nginx in front of the API', { skip }, () => {
  const settings = 'api: { bodyBytes: 5000 }\nlimits: { bodyBytes: 1000 }';

  for (const protocol of ['uwsgi', 'http'] as const) {
    it(`nginx in front of the API parts it from content by the path, and bodies by their limits, over ${protocol}`, async () => {
      const respond = answerLength;
      await using front = await startFront({
        ...{ protocol: 'uwsgi', api: { protocol }, settings, respond },
      });
      const send = (path: string, bytes: number) =>
        ask(front.port, { method: 'POST', path, body: 'x'.repeat(bytes) });
      for (const path of ['/pulp/api/v2/users/', '/pulp//api//v2/', '/pulp/%61pi/v2/']) {
        const { status, body } = await send(path, 5000);
        assert.deepEqual([status, body], [200, '5000'], path);
        const { socket, url } = front.reached.at(-1) ?? {};
        assert.deepEqual([socket, url], ['api.sock', path]);
      }
      assert.equal((await send('/pulp/repos/', 1000)).status, 200);
      assert.equal(front.reached.at(-1)?.socket, 'content.sock');
      const count = front.reached.length;
      const tooLarge = await send('/pulp/api/v2/users/', 5001);
      assert.equal(tooLarge.status, 413);
      assert.equal(JSON.parse(tooLarge.body).http_status, 413);
      const tooLargeElsewhere = await send('/pulp/repos/', 1001);
      assert.equal(tooLargeElsewhere.status, 413);
      assert.match(tooLargeElsewhere.body, /^413 .+Request id: /s);
      assert.equal(front.reached.length, count);
    });
  }

  for (const protocol of ['uwsgi', 'http'] as const) {
    it(`nginx in front of the API passes files on as they come, up to their own limit, over ${protocol}`, async () => {
      const uploads = `${settings}\nstorage: { uploadBytesMax: 30000 }`;
      await using front = await startFront({
        ...{ protocol: 'uwsgi', api: { protocol }, settings: uploads, respond: answerLength },
      });
      const path = '/pulp/api/v2/content/uploads/x/0/';
      const whole = await ask(front.port, { method: 'PUT', path, body: 'x'.repeat(30_000) });
      assert.deepEqual([whole.status, whole.body], [200, '30000']);
      const tooLarge = await ask(front.port, { method: 'PUT', path, body: 'x'.repeat(30_001) });
      assert.deepEqual([tooLarge.status, JSON.parse(tooLarge.body).http_status], [413, 413]);
      assert.equal(front.reached.length, 1);
    });
  }

  it('nginx in front of the API answers each refusal of its own in the shape of Pulp, without a challenge', async () => {
    const respond = (_: IncomingMessage, response: ServerResponse) => response.destroy();
    await using front = await startFront({
      ...{ protocol: 'uwsgi', api: { protocol: 'uwsgi' }, settings, respond },
    });
    const { pki, authority, port } = front;
    const notAfter = new Date(Date.now() - 86_400_000);
    const expired = await pki.client(authority, { notAfter });
    const filler = `ASN1:UTF8String:${'x'.repeat(uwsgiCertificateCharactersMax)}`;
    const large = await pki.client(authority, { extensions: { '1.3.6.1.4.1.55555.1': filler } });
    const path = '/pulp/api/v2/users/';
    for (const [status, code, asked] of [
      [401, 'PLP0027', { client: expired }],
      [421, 'BAD_REQUEST', { host: 'other.example' }],
      [413, 'BODY_TOO_LARGE', { method: 'POST', body: 'x'.repeat(5001) }],
      [431, 'PACKET_TOO_LARGE', { client: large }],
      [503, 'PLP0024', {}],
    ] as const) {
      const answered = await ask(port, { path, ...asked });
      assert.equal(answered.status, status);
      assert.match(answered.headers, /^content-type: application\/json\r?$/im);
      assert.doesNotMatch(answered.headers, /^www-authenticate:/im);
      const { error, ...others } = JSON.parse(answered.body);
      assert.equal(others.http_status, status);
      assert.equal(others._href, path);
      const description = others.error_message;
      assert.deepEqual(error, { code, description, data: {}, sub_errors: [] });
    }
  });

  it('T06 nginx in front of the API passes the certificate on, and no user of the client', async () => {
    await using front = await startFront({ protocol: 'uwsgi', api: { protocol: 'uwsgi' } });
    const client = await front.pki.client(front.authority);
    const headers = [
      `Authorization: Basic ${Buffer.from('admin:x').toString('base64')}`,
      'Remote-User: admin',
    ];
    const path = '/pulp/api/v2/users/';
    assert.equal((await ask(front.port, { client, path, headers })).status, 200);
    const [request] = front.reached;
    assert.equal(request?.socket, 'api.sock');
    assert.equal(request?.parameter('SSL_CLIENT_CERT'), client.certificate);
    assert.equal(request?.parameter('REMOTE_USER'), undefined);
  });
});
