import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  type GroupDistributor,
  type NewGroup,
  RepositoryGroups,
} from '../../src/repositories/groups.ts';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import { parseFilter } from '../../src/stores/parse-filter.ts';
import { describeOnStores } from './fixture.ts';

const given = (id: string, more: Partial<NewGroup> = {}): NewGroup => ({
  ...{ id, display_name: null, description: null, notes: {}, repo_ids: [], distributors: [] },
  ...more,
});

const distributor = (id: string): GroupDistributor => ({
  ...{ id, distributor_type_id: 'yum_distributor', config: {}, scratchpad: {}, last_publish: null },
});

describeOnStores('groups of repositories', (stores) => {
  it('keeps groups with their members, each once', async () => {
    const groups = new RepositoryGroups(stores().store);
    await groups.create(given('g', { notes: { a: 1, b: 2 }, repo_ids: ['y', 'x', 'y'] }));
    assert.equal(await groups.create(given('g')), 'duplicate');
    assert.deepEqual((await groups.byId('g'))?.repo_ids, ['x', 'y']);
    await groups.associate('g', ['z', 'x']);
    const left = await groups.unassociate('g', ['y', 'never']);
    assert.deepEqual(left.outcome === 'updated' && left.group.repo_ids, ['x', 'z']);
    const described = await groups.describe('g', { description: 'd', notes: { a: null, c: 3 } });
    assert.ok(described.outcome === 'updated');
    assert.deepEqual([described.group.description, described.group.notes], ['d', { b: 2, c: 3 }]);
    assert.equal((await groups.find({ filter: parseFilter({ repo_ids: 'z' }) })).length, 1);
    assert.equal(await groups.remove('g'), true);
    assert.equal(await groups.remove('g'), false);
    assert.deepEqual(await groups.associate('g', ['x']), { outcome: 'missing' });
    assert.deepEqual(await groups.find(), []);
  });

  it('adds, changes and removes distributors', async () => {
    const groups = new RepositoryGroups(stores().store);
    await groups.create(given('g'));
    assert.equal((await groups.addDistributor('g', distributor('d'))).outcome, 'updated');
    assert.equal((await groups.addDistributor('g', distributor('d'))).outcome, 'duplicate');
    const changed = await groups.updateDistributor('g', 'd', (one) => ({
      ...one,
      config: { a: 1 },
    }));
    assert.ok(changed.outcome === 'updated');
    assert.deepEqual(changed.group.distributors[0]?.config, { a: 1 });
    assert.equal((await groups.updateDistributor('g', 'e', (one) => one)).outcome, 'missing');
    assert.equal((await groups.removeDistributor('g', 'e')).outcome, 'missing');
    assert.equal((await groups.removeDistributor('g', 'd')).outcome, 'updated');
    assert.deepEqual((await groups.byId('g'))?.distributors, []);
  });

  it('a repository that is deleted is in no group any more', async () => {
    const groups = new RepositoryGroups(stores().store);
    for (const id of ['g', 'h']) await groups.create(given(id, { repo_ids: ['x', 'y'] }));
    await groups.create(given('i', { repo_ids: ['y'] }));
    await groups.forgetRepository('x');
    const members = (await groups.find()).map(({ repo_ids: ids }) => ids);
    assert.deepEqual(members, [['y'], ['y'], ['y']]);
  });

  it('has repositories and distributors up to the limits, and not one more', async () => {
    const groups = new RepositoryGroups(stores().store);
    const { groupRepositoriesMax, distributorsMax } = repositoryLimits;
    const ids = Array.from({ length: groupRepositoriesMax }, (_, index) => `r${index}`);
    assert.equal(await groups.create(given('f', { repo_ids: [...ids, 'more'] })), 'full');
    await groups.create(given('g', { repo_ids: ids }));
    assert.deepEqual(await groups.associate('g', ['more']), { outcome: 'full' });
    assert.equal((await groups.associate('g', ['r0'])).outcome, 'updated');
    const distributors = Array.from({ length: distributorsMax }, (_, index) =>
      distributor(`d${index}`),
    );
    await groups.create(given('h', { distributors }));
    assert.deepEqual(await groups.addDistributor('h', distributor('more')), { outcome: 'full' });
  });
});
