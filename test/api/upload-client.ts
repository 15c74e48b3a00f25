/** Uploads by the API, as pulp-admin sends them. */

import supertest from 'supertest';
import type { Client, Credentials, Reply } from './client.ts';
import { admin, type RunningApi } from './running-api.ts';

export const uploadsPath = '/v2/content/uploads/';

export async function beginUpload(client: Client, as: Credentials = admin): Promise<string> {
  const begun = (await client.ok(201, 'POST', uploadsPath, { as })) as { upload_id: string };
  return begun.upload_id;
}

/** Bytes that are labelled as JSON, and are none. */
export async function sendChunk(
  { server }: RunningApi,
  id: string,
  offset: number,
  bytes: string | Buffer,
  { login, password }: Credentials = admin,
): Promise<Reply> {
  const reply = await supertest(server)
    .put(`/pulp/api${uploadsPath}${id}/${offset}/`)
    .auth(login, password)
    .set('Content-Type', 'application/json')
    .serialize((sent) => sent as never)
    .send(bytes as never);
  const { status, body, headers, text } = reply;
  return { status, body, headers, text };
}

export async function sizeOf(client: Client, id: string, as: Credentials = admin): Promise<number> {
  const shown = (await client.ok(200, 'GET', `${uploadsPath}${id}/`, { as })) as { size: number };
  return shown.size;
}

/** A whole file, in chunks. */
export async function upload(
  api: RunningApi,
  client: Client,
  bytes: Buffer,
  chunkBytes = 200_000,
): Promise<string> {
  const id = await beginUpload(client);
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    const reply = await sendChunk(api, id, offset, bytes.subarray(offset, offset + chunkBytes));
    if (reply.status !== 200) throw new Error(reply.text);
  }
  return id;
}
