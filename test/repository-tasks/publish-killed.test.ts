import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPublishKind } from '../../src/repository-tasks/publish.ts';
import type { RunningTask } from '../../src/tasks/kind.ts';
import { silent } from '../tasks/fixture.ts';
import { openPublishing, type Publishing } from './publishing.ts';

describe('a publish that is cut off', () => {
  it('never leaves the pointer at a half publication, wherever it stopped, and is done again', async () => {
    await using publishing = await openPublishing();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await publishing.add('iso', name, { name });
    for (let round = 0; round < 25; round += 1) {
      await publishing.add('iso', `round ${round}`, { name: `r${round}` });
      await cutOff(publishing, round % 13);
      await expectWhole(publishing);
      const again = await publishing.publish();
      assert.equal(again.state, 'finished', JSON.stringify(again.error));
      await expectWhole(publishing);
    }
    const documents = await publishing.publications.ofRepository('acme');
    assert.deepEqual(
      documents.filter(({ state }) => state !== 'complete'),
      [],
    );
    const { directory } = publishing.parts.storage.publications;
    const known = new Set(documents.map(({ _id }) => _id));
    const unknown = readdirSync(directory).filter((name) => !known.has(name));
    assert.deepEqual(unknown, [], 'nothing is left behind');
  });

  it('moves no pointer when its task is somebody else’s by then', async () => {
    await using publishing = await openPublishing();
    await publishing.add('iso', 'a', { name: 'a' });
    const kind = createPublishKind(publishing.parts);
    const task = taskOf(new AbortController());
    const lost: RunningTask = { ...task, confirm: () => Promise.reject(new Error('lost')) };
    await assert.rejects(kind.run(lost), { code: 'PLP0034' });
    assert.equal((await publishing.distribution()).publication, null);
  });
});

/** Runs a publish, and has everything of it fail from the store's call `calls` on, as when it is killed. */
async function cutOff(publishing: Publishing, calls: number): Promise<void> {
  const controller = new AbortController();
  const killed = new Error('killed');
  let left = calls;
  const dying = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (from, name) => {
        const value: unknown = Reflect.get(from, name, from);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          left -= 1;
          if (left < 0 && !controller.signal.aborted) controller.abort(killed);
          controller.signal.throwIfAborted();
          return value.apply(from, given) as unknown;
        };
      },
    });
  const parts = { ...publishing.parts, store: dying(publishing.parts.store) };
  const run = createPublishKind(parts).run(taskOf(controller));
  await Promise.race([run, sleep(60_000, undefined, { ref: false })]).catch(() => {});
}

function taskOf({ signal }: AbortController): RunningTask {
  return {
    taskId: '00000000-0000-4000-8000-000000000000',
    name: 'repository.publish',
    arguments: { repository: 'acme', distributor: 'served' },
    tags: [],
    attempt: 1,
    signal,
    log: silent,
    progress: () => {},
    spawn: () => Promise.reject(new Error('nothing is spawned')),
    confirm: async () => signal.throwIfAborted(),
  };
}

/** What is served is complete and all there. */
async function expectWhole({ parts, ...publishing }: Publishing): Promise<void> {
  const { publication } = await publishing.distribution();
  if (publication === null) return;
  assert.equal((await publishing.publications.byId(publication))?.state, 'complete');
  const directory = parts.storage.publications.directoryOf(publication);
  assert.ok(existsSync(path.join(directory, 'PULP_MANIFEST')));
}
