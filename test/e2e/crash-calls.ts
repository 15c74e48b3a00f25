/** What operators of repositories do by the API while its workers are killed. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashReply } from './crash-client.ts';
import type { CrashSite } from './crash-site.ts';
import { patienceMs } from './pool.ts';

const finalStates = ['finished', 'error', 'canceled', 'skipped'];
/** A task may begin anew many times. */
const taskMsMax = 4 * patienceMs;

/** A call that is accepted, and the end of its tasks. */
export async function tasksOf(
  site: Pick<CrashSite, 'ok'>,
  method: string,
  target: string,
  body?: object,
): Promise<readonly CrashReply['body'][]> {
  const { spawned_tasks: spawned } = await site.ok(method, target, body);
  return Promise.all(
    spawned.map(({ task_id: id }: { readonly task_id: string }) => ended(site, id)),
  );
}

/** The task, when it is over. */
export async function ended(
  { ok }: Pick<CrashSite, 'ok'>,
  id: string,
): Promise<CrashReply['body']> {
  const deadline = performance.now() + taskMsMax;
  for (;;) {
    const task = await ok('GET', `/v2/tasks/${id}/`);
    if (finalStates.includes(task.state)) return task;
    assert.ok(performance.now() < deadline, `it never ends: ${JSON.stringify(task)}`);
    await sleep(100);
  }
}

/** What changed in the store is served within a second by who has the time. */
export async function untilServed(check: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof assert.AssertionError) || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

export function expectFinished(tasks: readonly CrashReply['body'][]): void {
  for (const task of tasks) assert.equal(task.state, 'finished', JSON.stringify(task));
}

/** Sends bytes in chunks, and looks that what was acknowledged is there. @returns the id */
export async function sendUpload(site: CrashSite, bytes: Buffer, chunk: number): Promise<string> {
  const { upload_id: id } = await site.ok('POST', '/v2/content/uploads/', {});
  for (let offset = 0; offset < bytes.length; offset += chunk) {
    const part = bytes.subarray(offset, offset + chunk);
    await site.ok('PUT', `/v2/content/uploads/${id}/${offset}/`, part);
    const { size } = await site.ok('GET', `/v2/content/uploads/${id}/`);
    assert.equal(size, offset + part.length);
  }
  return id;
}

/**
 * Imports an upload. A call whose answer was lost may have made a task, which the next one finds done.
 */
export async function importFile(
  site: CrashSite,
  repository: string,
  unit: { readonly type: string; readonly key: object },
  bytes: Buffer,
): Promise<void> {
  const upload = await sendUpload(site, bytes, Math.ceil(bytes.length / 3));
  const path = `/v2/repositories/${repository}/actions/import_upload/`;
  const [task] = await tasksOf(site, 'POST', path, {
    ...{ upload_id: upload, unit_type_id: unit.type, unit_key: unit.key, unit_metadata: {} },
  });
  const isDoneBefore = task.state === 'error' && task.error.code === 'PLP0009';
  assert.ok(isDoneBefore || task.state === 'finished', JSON.stringify(task));
  await site.ok('DELETE', `/v2/content/uploads/${upload}/`);
}
