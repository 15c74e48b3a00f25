import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sizeText, stepsOf } from '../../src/admin/server/task-steps.ts';

const task = { tags: ['pulp:repository:x', 'pulp:action:publish'], state: 'running' };

describe('stepsOf', () => {
  it('stepsOf shows the steps of a publish that began, done ones whole', () => {
    const step = { step_type: 'rpms', description: 'Publishing RPMs', items_total: 4 };
    const steps = [
      { ...step, state: 'IN_PROGRESS', num_processed: 1 },
      { ...step, state: 'FINISHED', num_processed: 4, description: '' },
      { ...step, state: 'FINISHED', num_processed: 0, items_total: 0 },
      { ...step, state: 'NOT_STARTED', num_processed: 0 },
      { ...step, state: 'SKIPPED', num_processed: 0 },
    ];
    assert.deepEqual(stepsOf({ ...task, progress_report: { yum_distributor: steps } }), [
      { name: 'Publishing RPMs', done: 1, total: 4, text: '1 of 4' },
      { name: 'rpms', done: 4, total: 4, text: '4 of 4' },
      { name: 'Publishing RPMs', done: 1, total: 1, text: 'finished' },
    ]);
  });

  it('stepsOf shows the parts of a sync, with their bytes', () => {
    const yum_importer = {
      metadata: { state: 'FINISHED' },
      content: {
        ...{ state: 'IN_PROGRESS', items_total: 10, items_left: 4 },
        ...{ size_total: 2048, size_left: 1024 },
      },
      errata: { state: 'NOT_STARTED' },
    };
    assert.deepEqual(stepsOf({ ...task, progress_report: { yum_importer } }), [
      { name: 'metadata', done: 1, total: 1, text: 'finished' },
      { name: 'content', done: 6, total: 10, text: '6 of 10, 1.0 KiB of 2.0 KiB' },
    ]);
  });

  it('stepsOf names a task that tells nothing by what it does', () => {
    const nothing = [{ name: 'publish', done: 0, total: 0, text: 'running' }];
    for (const report of [undefined, null, {}, [], 'x', { a: null }, { a: [] }, { a: { b: 1 } }]) {
      assert.deepEqual(stepsOf({ ...task, progress_report: report }), nothing);
    }
    assert.deepEqual(stepsOf({}), [{ name: 'Task', done: 0, total: 0, text: '' }]);
  });

  it('stepsOf takes no number that is none', () => {
    const odd = { step_type: 'x', state: 'IN_PROGRESS', items_total: 'many', num_processed: null };
    assert.deepEqual(stepsOf({ ...task, progress_report: { a: [odd, null, 3] } })[0], {
      ...{ name: 'x', done: 0, total: 1, text: 'in progress' },
    });
  });
});

describe('sizeText', () => {
  it('sizeText tells bytes by the greatest unit that fits', () => {
    const shown = {
      '0 bytes': 0,
      '1023 bytes': 1023,
      '1.0 KiB': 1024,
      '1.5 KiB': 1536,
      '2.0 GiB': 2 * 1024 ** 3,
      '1024.0 TiB': 1024 ** 5,
    };
    for (const [text, bytes] of Object.entries(shown)) assert.equal(sizeText(bytes), text);
  });
});
