/** Uploads, as section 4.3 of the facts about Pulp 2 has them, and what is ours. */

import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { PortcullisError } from '../../src/errors.ts';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import { openedStorage } from '../storage/opened.ts';
import { until } from '../support/processes.ts';
import { Client, type Credentials } from './client.ts';
import type { GivenApi } from './contract.ts';
import { admin, type RunningApi } from './running-api.ts';
import { beginUpload, sendChunk, sizeOf, uploadsPath } from './upload-client.ts';

const unknownId = '0'.repeat(32);

export function testUploads(given: () => GivenApi): void {
  it('api takes a file in chunks, lists it, says how much is there, and gives it up', async () => {
    const { client, api } = given();
    const id = await beginUpload(client);
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(await sizeOf(client, id), 0);
    assert.equal((await sendChunk(api, id, 0, 'abcde')).status, 200);
    const last = await sendChunk(api, id, 5, 'fg');
    assert.deepEqual([last.status, last.text], [200, 'null']);
    assert.equal(await sizeOf(client, id), 7);
    const listed = (await client.ok(200, 'GET', uploadsPath)) as { upload_ids: string[] };
    assert.ok(listed.upload_ids.includes(id));
    assert.equal(await client.ok(200, 'DELETE', `${uploadsPath}${id}/`), null);
    assert.equal(await client.ok(200, 'DELETE', `${uploadsPath}${id}/`), null);
    const gone = await client.refused(404, 'PLP0009', 'GET', `${uploadsPath}${id}/`);
    assert.deepEqual(gone.resources, { upload_request: id });
    assert.equal((await sendChunk(api, id, 7, 'h')).status, 404);
    assert.equal(await api.parts.storage.uploads.sizeOf(id), undefined);
  });

  it('T80 api takes a chunk again, and none that leaves a gap or says something else', async () => {
    const { client, api } = given();
    const id = await beginUpload(client);
    await sendChunk(api, id, 0, 'abcdef');
    for (const [offset, chunk] of [
      [0, 'abcdef'],
      [2, 'cd'],
      [6, ''],
      [3, 'defgh'],
    ] as const) {
      assert.equal((await sendChunk(api, id, offset, chunk)).status, 200, `${offset} ${chunk}`);
    }
    assert.equal(await sizeOf(client, id), 8);
    for (const [offset, chunk, reason] of [
      [9, 'x', 'gap'],
      [0, 'abcdeX', 'differs'],
      [7, 'Xi', 'differs'],
    ] as const) {
      const { status, body } = await sendChunk(api, id, offset, chunk);
      assert.deepEqual([status, body.error.code], [409, 'UPLOAD_CONFLICT']);
      assert.deepEqual(body.error.data, { reason, size: 8 });
      assert.match(body.error_message, /It has 8 bytes\.$/);
    }
    assert.equal(await sizeOf(client, id), 8);
    for (const offset of ['-1', '1.5', '01', '0x1', ' 1', '9'.repeat(16), 'first']) {
      const path = `${uploadsPath}${id}/${encodeURIComponent(offset)}/`;
      const { property_names: names } = await client.refused(400, 'PLP0015', 'PUT', path);
      assert.deepEqual(names, ['offset']);
    }
    const sealed = await api.parts.storage.uploads.seal(id, new AbortController().signal);
    assert.equal(sealed?.size, 8);
    const { status, body } = await sendChunk(api, id, 8, 'x');
    assert.deepEqual([status, body.error.data.reason], [409, 'closed']);
  });

  it('api takes an upload up to its limit, and not one byte more, whatever the limit of other bodies is', async () => {
    const opened = await openedStorage({ uploadBytesMax: 10_000 });
    try {
      const limits = { bytesMax: 100, depthMax: 5 };
      await using api = await given().start({ replace: { storage: opened.storage, limits } });
      const client = new Client(api);
      const id = await beginUpload(client);
      assert.equal((await sendChunk(api, id, 0, 'x'.repeat(9999))).status, 200);
      const over = await sendChunk(api, id, 9999, 'xx');
      assert.deepEqual([over.status, over.body.error.code], [413, 'BODY_TOO_LARGE']);
      assert.equal((await sendChunk(api, id, 9999, 'x')).status, 200);
      assert.equal((await sendChunk(api, id, 10_000, 'x')).status, 413);
      assert.equal(await sizeOf(client, id), 10_000);
    } finally {
      opened[Symbol.dispose]();
    }
  });

  it(`api takes ${repositoryLimits.uploadsOfUserMax} uploads of one user, and no more (T83)`, async () => {
    const { client, api } = given();
    const as = await client.user('hoarder');
    const body = { login: as.login, resource: uploadsPath, operations: ['CREATE'] };
    await client.ok(200, 'POST', '/v2/permissions/actions/grant_to_user/', { body });
    const id = await beginUpload(client, as);
    const { _version: _, ...first } =
      (await api.parts.store.get('uploads', id)) ?? assert.fail('there is none');
    const others = Array.from({ length: repositoryLimits.uploadsOfUserMax - 2 }, (_, index) => ({
      ...first,
      _id: String(index).padStart(32, 'f'),
    }));
    await api.parts.store.insertMany('uploads', others);
    const last = await beginUpload(client, as);
    const refused = await client.refused(409, 'UPLOAD_CONFLICT', 'POST', uploadsPath, { as });
    assert.match(JSON.stringify(refused), /uploads under way already/);
    await client.ok(200, 'DELETE', `${uploadsPath}${last}/`, { as });
    await beginUpload(client, as);
    await beginUpload(client);
    for (const { _id } of others) await api.parts.store.remove('uploads', _id);
  });

  it('api lets its creator use an upload, and others who may change uploads, and nobody else', async () => {
    const { client, api } = given();
    const [creator, other] = [await client.user('uploader'), await client.user('stranger')];
    const grant = async (login: string, resource: string, operations: readonly string[]) =>
      client.ok(200, 'POST', '/v2/permissions/actions/grant_to_user/', {
        body: { login, resource, operations },
      });
    await client.refused(401, 'PLP0026', 'POST', uploadsPath, { as: creator });
    await grant(creator.login, uploadsPath, ['CREATE']);
    const id = await beginUpload(client, creator);
    const path = `${uploadsPath}${id}/`;
    assert.equal((await sendChunk(api, id, 0, 'mine', creator)).status, 200);
    assert.equal(await sizeOf(client, id, creator), 4);
    await client.refused(401, 'PLP0026', 'GET', uploadsPath, { as: creator });
    await client.refused(401, 'PLP0026', 'GET', path, { as: other });
    await client.refused(401, 'PLP0026', 'DELETE', path, { as: other });
    assert.equal((await sendChunk(api, id, 4, 'theirs', other)).status, 401);
    await grant(other.login, uploadsPath, ['UPDATE']);
    assert.equal((await sendChunk(api, id, 4, ' and yours', other)).status, 200);
    assert.equal(await client.ok(200, 'DELETE', path, { as: creator }), null);
    // Clients delete what they have imported, and by then it is gone.
    assert.equal(await client.ok(200, 'DELETE', path, { as: creator }), null);
    await client.refused(404, 'PLP0009', 'DELETE', `${uploadsPath}no-id/`);
    await client.refused(404, 'PLP0009', 'GET', `${uploadsPath}${unknownId}/`);
  });

  it('api loses nothing but the chunk of a client that goes away in the middle of it', async () => {
    const { client, api } = given();
    const id = await beginUpload(client);
    await sendChunk(api, id, 0, 'whole');
    await sendHalf(api, id, 5);
    await until('the next chunk is taken', async () => {
      const { status } = await sendChunk(api, id, 5, ' again');
      return status === 200;
    });
    assert.equal(await sizeOf(client, id), 11);
  });

  it('api takes chunks of many uploads at once, and of one upload one at a time', async () => {
    const { client, api } = given();
    const ids = await Promise.all(Array.from({ length: 8 }, () => beginUpload(client)));
    const answers = await Promise.all(ids.map((id) => sendChunk(api, id, 0, `chunk of ${id}`)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const [id = ''] = ids;
    const size = await sizeOf(client, id);
    const rivals = ['a', 'b', 'c', 'd'].map((letter) =>
      sendChunk(api, id, size, letter.repeat(50_000)),
    );
    const statuses = (await Promise.all(rivals)).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [200, 409, 409, 409]);
    assert.equal(await sizeOf(client, id), size + 50_000);
  });

  it('api answers 507 when the storage is full, and 503 when it cannot be used', async () => {
    for (const [code, status] of [
      ['STORAGE_FULL', 507],
      ['STORAGE_UNAVAILABLE', 503],
    ] as const) {
      const { uploads } = given().api.parts.storage;
      const broken = {
        create: (id: string) => uploads.create(id),
        write: () => Promise.reject(new PortcullisError(code, 'a disk of a test')),
      };
      const storage = { uploads: broken as unknown as typeof uploads };
      await using api = await given().start({ replace: { storage } });
      const id = await beginUpload(new Client(api));
      const { status: answered, body } = await sendChunk(api, id, 0, 'x');
      assert.deepEqual([answered, body.error.code], [status, code]);
    }
  });
}

/** A client that promises more bytes than it sends. */
async function sendHalf(api: RunningApi, id: string, offset: number): Promise<void> {
  const { port } = api.server.address() as AddressInfo;
  const sending = httpRequest({
    ...{ port, host: '127.0.0.1', method: 'PUT' },
    path: `/pulp/api${uploadsPath}${id}/${offset}/`,
    headers: { Authorization: basic(admin), 'Content-Length': 1000 },
  });
  sending.on('error', () => {});
  sending.write('half of it');
  await new Promise<void>((resolve) => sending.write(' and more', () => resolve()));
  const closed = new Promise((resolve) => sending.once('close', resolve));
  sending.destroy();
  await closed;
}

function basic({ login, password }: Credentials): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
}
