import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { Client } from './client.ts';
import { admin, runApi } from './running-api.ts';
import { beginUpload, sizeOf, uploadsPath } from './upload-client.ts';

const mebibyte = 1024 * 1024;
const uploadMebibytes = 300;

/** Of the test and the server together; a body that is held would take the whole upload. */
const growthMebibytesMax = 150;

describe('uploads', () => {
  it(`api takes a chunk of ${uploadMebibytes} MiB without holding it in memory`, async () => {
    await using host = await sqliteHost();
    await using api = await runApi(host.settings());
    const client = new Client(api);
    const id = await beginUpload(client);
    const { port } = api.server.address() as AddressInfo;
    const sending = request({
      ...{ port, host: '127.0.0.1', method: 'PUT' },
      path: `/pulp/api${uploadsPath}${id}/0/`,
      headers: { 'Content-Length': uploadMebibytes * mebibyte, 'X-Remote-User': admin.login },
    });
    const answered = once(sending, 'response');
    const before = process.memoryUsage.rss();
    let most = before;
    const piece = Buffer.alloc(mebibyte, 'x');
    for (let sent = 0; sent < uploadMebibytes; sent += 1) {
      if (!sending.write(piece)) await once(sending, 'drain');
      most = Math.max(most, process.memoryUsage.rss());
    }
    sending.end();
    const [response] = await answered;
    assert.equal(response.statusCode, 200);
    response.resume();
    assert.equal(await sizeOf(client, id), uploadMebibytes * mebibyte);
    const growth = (most - before) / mebibyte;
    assert.ok(growth < growthMebibytesMax, `${growth} MiB`);
  });
});
