import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitCodes } from '../../src/admin/exit-codes.ts';
import { Failure } from '../../src/admin/failure.ts';
import { Output } from '../../src/admin/present/output.ts';
import type { CallApi } from '../../src/admin/server/call.ts';
import { followedTasksMax, followTasks } from '../../src/admin/server/follow-tasks.ts';
import type { Fields } from '../../src/admin/untrusted.ts';

/** A server of these tasks, which gives each of them as it is at that look, and the last one ever after. */
function serverOf(tasks: Readonly<Record<string, readonly (Fields | Failure)[]>>) {
  const looks: string[] = [];
  const call: CallApi = async ({ path: [, id = ''] }) => {
    const states = tasks[id] ?? [];
    const look = looks.filter((each) => each === id).length;
    looks.push(id);
    const state = states[Math.min(look, states.length - 1)] ?? missing;
    return state instanceof Failure ? state : { body: { task_id: id, ...state } };
  };
  return { call, looks };
}

const missing = new Failure({ title: 'x', lines: ['x'], exitCode: 65, kind: 'missing' });

function outputTo(write: (text: string) => void): Output {
  return new Output({ out: { write: () => {} }, err: { write } }, { isJson: false });
}

const silent = outputTo(() => {});

function report(...ids: readonly unknown[]): Fields {
  return { spawned_tasks: ids.map((id) => ({ task_id: id })) };
}

async function failureOf(states: readonly Fields[]): Promise<Failure> {
  const { call } = serverOf({ a: states });
  const failure = await followTasks({ call, output: silent }, report('a'));
  assert.ok(failure instanceof Failure);
  return failure;
}

describe('followTasks', () => {
  it('followTasks waits for the tasks of a report, and for those that they spawn', async () => {
    const { call, looks } = serverOf({
      a: [{ state: 'waiting' }, { state: 'running' }, { state: 'finished', ...report('b', 'a') }],
      b: [{ state: 'skipped' }],
      c: [{ state: 'finished' }],
    });
    let told = '';
    const output = outputTo((text) => {
      told += text;
    });
    const followed = await followTasks({ call, output }, [report('a'), report('c')]);
    assert.ok(!(followed instanceof Failure));
    assert.deepEqual(
      followed.tasks.map(({ task_id: id }) => id),
      ['a', 'c', 'b'],
    );
    assert.deepEqual(looks, ['a', 'a', 'a', 'c', 'b']);
    assert.match(told, /^This command may be exited via ctrl\+c without affecting the request\.\n/);
    assert.match(told, /^Task: running$/m);
  });

  it('followTasks does nothing for a report without tasks, and for what is no report', async () => {
    const { call, looks } = serverOf({});
    const hostile = report('../users', 'a/b', '', null, 'x'.repeat(101), {});
    for (const none of [report(), hostile, [], null, 'x', 3, { spawned_tasks: 'x' }]) {
      const followed = await followTasks({ call, output: silent }, none);
      assert.deepEqual(followed, { tasks: [] }, JSON.stringify(none));
    }
    assert.deepEqual(looks, []);
  });

  it('followTasks fails with why a task failed, or that it was cancelled', async () => {
    const failed = await failureOf([
      { state: 'error', error: { code: 'PLP0034', description: 'Cannot publish' } },
    ]);
    assert.deepEqual(
      [failed.title, failed.lines[0], failed.exitCode],
      ['Task Failed', 'PLP0034: Cannot publish', exitCodes.software],
    );
    assert.match(failed.lines[1] ?? '', /tasks details --task-id a/);
    const silently = await failureOf([{ state: 'error', error: null }]);
    assert.equal(silently.lines[0], 'The server does not say why.');
    const cancelled = await failureOf([{ state: 'canceled' }]);
    assert.deepEqual([cancelled.title, cancelled.exitCode], ['Task Cancelled', exitCodes.software]);
  });

  it('followTasks looks at all tasks though one failed, and ends when it cannot look', async () => {
    const { call, looks } = serverOf({ a: [{ state: 'error' }], b: [{ state: 'finished' }] });
    assert.ok((await followTasks({ call, output: silent }, report('a', 'b'))) instanceof Failure);
    assert.deepEqual(looks, ['a', 'b']);
    const gone = await followTasks({ call, output: silent }, report('gone'));
    assert.equal(gone, missing);
  });

  it('followTasks follows no more tasks than there may be', async () => {
    let looks = 0;
    // Each spawns another, as a defect would.
    const call: CallApi = async () => {
      looks += 1;
      return { body: { state: 'finished', ...report(`t${looks}`) } };
    };
    const followed = await followTasks({ call, output: silent }, report('t0'));
    assert.ok(!(followed instanceof Failure));
    assert.deepEqual([followed.tasks.length, looks], [followedTasksMax, followedTasksMax]);
  });
});
