import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Transform } from '../../src/stores/change.ts';
import type { Document } from '../../src/stores/document.ts';
import type { Job, TaskRecord } from '../../src/tasks/record.ts';
import type { TaskState } from '../../src/tasks/task.ts';
import {
  cancelWanted,
  claimed,
  ended,
  givenBack,
  lost,
  progressed,
  released,
  spawned,
  started,
} from '../../src/tasks/transitions.ts';

const at = '2026-11-21T12:00:00Z';
const claimant = {
  ...{ worker: 'tasks@host', session: 'session', claim: 'claim' },
  ...{ whenLost: 'retry' as const, attemptsMax: 3 },
};

/** As a worker has it that has begun with it for the first time. */
function record(state: TaskState, job: Partial<Job> = {}): TaskRecord {
  return {
    ...{ _id: '0'.repeat(24), task_id: 'id', task_type: 'a', state, tags: [], group_id: null },
    ...{ worker_name: 'tasks@host', progress_report: { step: 1 }, result: null, error: null },
    ...{ spawned_tasks: [], start_time: '2026-11-21T11:00:00Z', finish_time: null },
    job: {
      ...{ order: 7, resources: ['r'], arguments: {}, session: 'session', claim: 'claim' },
      ...{ attempts: 1, attempts_max: 3, when_lost: 'retry' as const, ...job },
    },
  };
}

/** What the change makes of it; undefined when it is left as it is. */
function apply(transform: Transform, before: TaskRecord): TaskRecord | undefined {
  return transform(before as unknown as Document) as unknown as TaskRecord | undefined;
}

const states: readonly TaskState[] = [
  ...(['waiting', 'accepted', 'running', 'finished'] as const),
  ...(['error', 'canceled', 'skipped'] as const),
];

describe('the states of a task', () => {
  const changes: readonly (readonly [
    name: string,
    change: Transform,
    from: readonly TaskState[],
  ])[] = [
    ['claimed', claimed(claimant), ['waiting']],
    ['started', started('claim', at), ['accepted']],
    ['progressed', progressed('claim', {}), ['running']],
    ['spawned', spawned('claim', 'other', 10), ['running']],
    ['ended', ended('claim', { state: 'finished' }, at), ['running']],
    ['givenBack', givenBack('claim', at), ['accepted', 'running']],
    ['cancelWanted', cancelWanted(at), ['waiting', 'accepted', 'running']],
    ['released', released('claim'), ['finished', 'error', 'canceled', 'skipped']],
  ];
  for (const [name, change, from] of changes) {
    it(`${name} changes a task that is ${from.join(' or ')}, and no other`, () => {
      const changed = states.filter((state) => apply(change, record(state)) !== undefined);
      assert.deepEqual(changed, from);
    });
  }

  it('no change of a worker is made to a task that another has claimed since', () => {
    for (const [name, change] of changes.filter(([each]) => !/claimed|cancel/.test(each))) {
      for (const state of states) {
        assert.equal(apply(change, record(state, { claim: 'other' })), undefined, name);
      }
    }
  });

  it('no change takes a task out of a state that is final', () => {
    const all = [...changes, ['lost', lost('session', at), []] as const];
    for (const state of ['finished', 'error', 'canceled', 'skipped'] as const) {
      for (const [name, change] of all) {
        const after = apply(change, record(state));
        if (after === undefined) continue;
        const { job, ...shown } = record(state);
        const { job: _, ...shownAfter } = after;
        assert.deepEqual(shownAfter, shown, name);
      }
    }
  });
});

describe('lost', () => {
  const afterLoss = (state: TaskState, job: Partial<Job> = {}) =>
    apply(lost('session', at), record(state, job));

  it('lost has a task that may be done again wait in its old place, without what was reported', () => {
    const after = afterLoss('running');
    assert.deepEqual(
      [after?.state, after?.start_time, after?.progress_report, after?.job.order],
      ['waiting', null, {}, 7],
    );
    assert.deepEqual([after?.job.session, after?.job.attempts], [undefined, 1]);
  });

  it('lost gives up a task after as many attempts as it may have, and not before', () => {
    assert.equal(afterLoss('running', { attempts: 2 })?.state, 'waiting');
    const after = afterLoss('running', { attempts: 3 });
    assert.deepEqual(
      [after?.state, after?.error?.code, after?.finish_time],
      ['error', 'PLP0049', at],
    );
    assert.match(after?.error?.description ?? '', /at the attempt 3/);
    assert.deepEqual(after?.job, { claim: 'claim', attempts: 3 });
  });

  it('lost ends a task that must not be done twice, unless nobody has begun', () => {
    assert.equal(afterLoss('running', { when_lost: 'fail' })?.state, 'error');
    assert.equal(afterLoss('accepted', { when_lost: 'fail', attempts: 0 })?.state, 'waiting');
  });

  it('lost ends a task that was to be cancelled as canceled', () => {
    assert.equal(afterLoss('running', { is_canceled: true })?.state, 'canceled');
  });

  it('lost frees the resources of a task that was shown as canceled while its worker was at it', () => {
    assert.deepEqual(afterLoss('canceled')?.job, { claim: 'claim', attempts: 1 });
  });

  it('lost leaves a task that another worker has by now', () => {
    assert.equal(afterLoss('running', { session: 'other' }), undefined);
    assert.equal(afterLoss('waiting', { session: 'other' }), undefined);
  });
});

describe('givenBack', () => {
  it('givenBack does not count the attempt that it ends', () => {
    const after = apply(givenBack('claim', at), record('running', { attempts: 2 }));
    assert.deepEqual([after?.state, after?.job.attempts], ['waiting', 1]);
    const early = apply(givenBack('claim', at), record('accepted', { attempts: 2 }));
    assert.equal(early?.job.attempts, 2);
  });
});

describe('spawned', () => {
  it('spawned lists as many tasks as may be listed, and each once', () => {
    const parent = { ...record('running'), spawned_tasks: ['a'] };
    assert.deepEqual(apply(spawned('claim', 'b', 2), parent)?.spawned_tasks, ['a', 'b']);
    assert.equal(apply(spawned('claim', 'b', 1), parent), undefined);
    assert.equal(apply(spawned('claim', 'a', 2), parent), undefined);
  });
});
