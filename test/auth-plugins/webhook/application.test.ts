/** A service behind a rule `webhook`, as clients meet it. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  basic,
  startApplication,
  type TestApplication,
  writeTree,
} from '../../support/application.ts';
import { until } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { encodePacket, getVariables, type VariablePairs } from '../../support/uwsgi-client.ts';
import { type Service, startService } from './service.ts';

const directory = temporaryDirectory();
let service: Service;
let application: TestApplication;

before(async () => {
  service = await startService();
  const root = directory.file('root');
  writeTree(root, { file: 'the secret', other: 'another' });
  const webhook = {
    webhook: { url: service.url, breaker: { failures: 1000 }, timeLimitSeconds: 60 },
  };
  application = await startApplication({
    access: { rememberSeconds: 60, timeLimitSeconds: 60, retryAfterSeconds: 7 },
    distributions: Object.entries({
      asked: webhook,
      not: { not: webhook },
      either: { any: [webhook, { address: { allow: ['203.0.113.0/24'] } }] },
    }).map(([relativeUrl, access]) => ({ relativeUrl, root, access })),
  });
});
after(async () => {
  await application[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const get = (target: string, ...more: VariablePairs) =>
  application.get(`/pulp/repos/${target}`, [['HTTPS', 'on'], ...more]);

describe('webhook behind a front', () => {
  it('lets in, refuses, and asks for credentials as the service says, with the id of the log', async () => {
    service.say({ allow: true });
    assert.equal((await get('asked/file')).status, 200);
    const { requestId } = await service.told();
    assert.equal(application.lastRequest()?.requestId, requestId);
    service.say({ allow: false, reason: 'not paid' });
    assert.equal((await get('asked/file')).status, 403);
    assert.match(String(application.lastRequest()?.reason), /refuses: "not paid"$/);
    service.say({ allow: false, challenge: 'bearer' });
    const challenged = await get('asked/file');
    assert.equal(challenged.status, 401);
    assert.equal(challenged.headers['www-authenticate'], 'Bearer realm="Portcullis"');
  });

  it('T66 T67 remembers what the service says, for its path and its client alone', async () => {
    service.say({ allow: true, rememberSeconds: 3600 });
    const from = (address: string) => [['REMOTE_ADDR', address]] as const;
    assert.equal((await get('asked/file', ...from('198.51.100.1'))).status, 200);
    const asked = service.requests.length;
    service.say({ allow: false });
    assert.equal((await get('asked/file', ...from('198.51.100.1'))).status, 200);
    assert.equal(service.requests.length, asked);
    assert.equal((await get('asked/other', ...from('198.51.100.1'))).status, 403);
    assert.equal((await get('asked/file', ...from('198.51.100.2'))).status, 403);
  });

  it('T60 is 503 with Retry-After while the service fails, also under not', async () => {
    service.answer((_, response) => response.writeHead(500).end());
    for (const name of ['asked', 'not', 'either']) {
      const answer = await get(`${name}/file`);
      assert.equal(answer.status, 503, name);
      assert.equal(answer.headers['retry-after'], '7');
      assert.doesNotMatch(answer.body.toString(), /service|webhook|the secret/);
      assert.match(String(application.lastRequest()?.reason), /it answered with the status 500$/);
    }
  });

  it('T62 writes no secret of the client to the log', async () => {
    service.say({ allow: false });
    await get('asked/file?key=s1gnature', ['HTTP_AUTHORIZATION', basic('ann', 'pass-word')]);
    await get('asked/file', ['HTTP_AUTHORIZATION', 'Bearer bea.rer']);
    const log = JSON.stringify(application.log);
    for (const secret of ['pass-word', 'bea.rer', 's1gnature']) {
      assert.equal(log.includes(secret), false, secret);
    }
  });

  it('gives its question up when the client goes away, which is no fault of anybody', async () => {
    const { promise: asking, resolve: isAsked } = Promise.withResolvers<void>();
    const { promise: closed, resolve: isClosed } = Promise.withResolvers<void>();
    service.answer((_, response) => {
      response.on('close', isClosed);
      isAsked();
    });
    const linesBefore = application.log.length;
    const socket = connect(application.socket);
    socket.end(encodePacket(getVariables('/pulp/repos/asked/file', [['HTTPS', 'on']])));
    await asking;
    socket.destroy();
    await closed;
    await until('the request is logged', () => application.log.length > linesBefore);
    const line = application.lastRequest();
    assert.deepEqual([line?.code, line?.status, line?.level], ['CLIENT_GONE', 499, 'info']);
  });
});
