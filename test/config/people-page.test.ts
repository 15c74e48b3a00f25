import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { taskTiming } from '../../src/tasks/timing.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { loadRight } from './support.ts';

const page = readFileSync(path.join(repositoryRoot, 'docs/people.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n([\s\S]+?)```/g)].map(([, text]) => text ?? '');

describe('docs/people.md', () => {
  it('docs/people.md shows configurations that are right', async () => {
    const [small = '', large = '', access = ''] = blocks;
    assert.equal(blocks.length, 3);
    assert.deepEqual((await loadRight(small)).pools[0]?.roles, ['content', 'api', 'tasks']);
    const { pools } = await loadRight(large);
    assert.deepEqual(
      pools.map(({ roles }) => roles),
      [['content'], ['api'], ['tasks']],
    );
    const indented = access.replaceAll(/^(?=.)/gm, '    ');
    const { distributions } = await loadRight(
      `distributions:\n  - relativeUrl: a\n    root: /srv/a\n${indented}`,
    );
    assert.equal(distributions[0]?.access?.type, 'any');
  });

  it('docs/people.md says what the defaults and the bounds are', async () => {
    const { store, api, access } = await loadRight('');
    assert.ok(page.includes(`the SQLite file \`${store.file}\``));
    for (const file of [api.sessionCertificate, api.sessionKey]) {
      assert.equal(path.dirname(file), path.dirname(store.file));
    }
    assert.ok(page.includes(`good for ${api.sessionSeconds / 86_400} days`));
    assert.ok(page.includes(`\`access.storeOutageSeconds\`, ${access.storeOutageSeconds} seconds`));
    assert.ok(page.includes(`was remembered | ${changeReachesWithinMilliseconds / 1000} second |`));
    const [drain, cancel] = [taskTiming.drainMilliseconds, taskTiming.cancelMilliseconds];
    assert.ok(page.includes(`${drain / 1000} seconds to end, ${cancel / 1000} more to be told`));
  });
});
