import assert from 'node:assert/strict';
import { it } from 'node:test';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import { type NewRepository, Repositories } from '../../src/repositories/repositories.ts';
import type { NewDistributor } from '../../src/repositories/repository-parts.ts';
import { parseFilter } from '../../src/stores/parse-filter.ts';
import { Clock, describeOnStores, type GivenStores } from './fixture.ts';

const given = (id: string, more: Partial<NewRepository> = {}): NewRepository => ({
  ...{ id, display_name: id, description: null, notes: {} },
  ...more,
});

const distributor = (id: string): NewDistributor => ({
  ...{
    id,
    distributor_type_id: 'yum_distributor',
    config: { relative_url: id },
    auto_publish: true,
  },
});

function repositoriesOf({ store }: GivenStores, clock = new Clock()): Repositories {
  return new Repositories(store, clock.now);
}

describeOnStores('repositories', (stores) => {
  testDocuments(stores);
  testImporters(stores);
  testDistributors(stores);
});

function testDocuments(stores: () => GivenStores): void {
  it('creates one of an id, finds, describes and removes it', async () => {
    const repositories = repositoriesOf(stores());
    const created = await repositories.create(given('r', { notes: { '_repo-type': 'rpm-repo' } }));
    assert.deepEqual(
      [created?.content_unit_counts, created?.content_revision, created?.importer],
      [{}, 0, null],
    );
    assert.equal(await repositories.create(given('r')), undefined);
    await repositories.create(given('s'));
    const rpm = parseFilter({ 'notes._repo-type': 'rpm-repo' });
    const found = await repositories.find({ filter: rpm });
    assert.deepEqual(
      found.map(({ _id }) => _id),
      ['r'],
    );
    const result = await repositories.describe('r', { description: 'd', notes: { a: 1 } });
    assert.ok(result.outcome === 'updated');
    const { display_name, description, notes } = result.repository;
    assert.deepEqual([display_name, description], ['r', 'd']);
    assert.deepEqual(notes, { '_repo-type': 'rpm-repo', a: 1 });
    await repositories.describe('r', { notes: { '_repo-type': null, b: null } });
    assert.deepEqual((await repositories.byId('r'))?.notes, { a: 1 });
    await repositories.remove('r');
    await repositories.remove('r');
    assert.equal(await repositories.byId('r'), undefined);
    assert.deepEqual(await repositories.describe('r', {}), { outcome: 'missing' });
  });

  it('of two of the same id at once, one is created', async () => {
    const repositories = repositoriesOf(stores());
    const created = await Promise.all([1, 2, 3].map(() => repositories.create(given('r'))));
    assert.equal(created.filter((repository) => repository !== undefined).length, 1);
  });

  it('loses none of the changes that several make at once', async () => {
    const { store, open } = stores();
    await using other = await open();
    const processes = [store, other].map((one) => new Repositories(one, new Clock().now));
    await processes[0]?.create(given('r'));
    await Promise.all(
      processes.flatMap((process) =>
        Array.from({ length: 5 }, () =>
          process.update('r', (repository) => ({
            ...repository,
            content_revision: repository.content_revision + 1,
          })),
        ),
      ),
    );
    assert.equal((await processes[1]?.byId('r'))?.content_revision, 10);
  });

  for (const [what, notes] of [
    ['a dot', { 'a.b': 1 }],
    ['a dollar', { a: { $set: 1 } }],
    ['T57 __proto__', JSON.parse('{"__proto__": {"admin": true}}')],
  ] as const) {
    it(`refuses notes with ${what} in a name, and says where`, async () => {
      const repositories = repositoriesOf(stores());
      const refused = { code: 'DOCUMENT_INVALID', message: /cannot be a field's/ };
      await assert.rejects(repositories.create(given('r', { notes })), refused);
      await repositories.create(given('r', { notes: { kept: 1 } }));
      await assert.rejects(repositories.describe('r', { notes }), refused);
      assert.deepEqual((await repositories.byId('r'))?.notes, { kept: 1 });
    });
  }
}

function testImporters(stores: () => GivenStores): void {
  it('sets, changes and removes the importer', async () => {
    const clock = new Clock();
    const repositories = repositoriesOf(stores(), clock);
    await repositories.create(
      given('r', { importer: { importer_type_id: 'yum', config: { a: 1 } } }),
    );
    assert.equal((await repositories.byId('r'))?.importer?.last_updated, null);
    await repositories.setImporter('r', { importer_type_id: 'iso', config: { b: 1 } });
    const { importer } = (await repositories.byId('r')) ?? {};
    assert.deepEqual([importer?.config, importer?.last_updated], [{ b: 1 }, clock.now()]);
    const change = repositories.updateImporter('r', 'iso', (one) => ({ ...one, config: { c: 1 } }));
    assert.equal((await change).outcome, 'updated');
    const other = repositories.updateImporter('r', 'yum', (one) => one);
    assert.equal((await other).outcome, 'left');
    assert.equal((await repositories.removeImporter('r', 'yum')).outcome, 'left');
    assert.equal((await repositories.removeImporter('r', 'iso')).outcome, 'updated');
    assert.equal((await repositories.byId('r'))?.importer, null);
    assert.equal((await repositories.removeImporter('none', 'iso')).outcome, 'missing');
  });
}

function testDistributors(stores: () => GivenStores): void {
  it('adds one of an id, changes and removes it', async () => {
    const repositories = repositoriesOf(stores());
    await repositories.create(given('r', { distributors: [distributor('a')] }));
    const added = await repositories.addDistributor('r', distributor('b'));
    assert.equal(added.outcome === 'updated' && added.distributor.published, null);
    assert.equal((await repositories.addDistributor('r', distributor('a'))).outcome, 'duplicate');
    assert.equal((await repositories.addDistributor('none', distributor('a'))).outcome, 'missing');
    const changed = await repositories.updateDistributor('r', 'a', (one) => ({
      ...one,
      published: { content_revision: 1, config_digest: 'x' },
    }));
    assert.equal(
      changed.outcome === 'updated' && changed.distributor.published?.content_revision,
      1,
    );
    const ids = (await repositories.byId('r'))?.distributors.map(({ id }) => id);
    assert.deepEqual(ids, ['a', 'b']);
    assert.equal((await repositories.updateDistributor('r', 'c', (one) => one)).outcome, 'missing');
    assert.equal((await repositories.removeDistributor('r', 'c')).outcome, 'left');
    assert.equal((await repositories.removeDistributor('r', 'a')).outcome, 'updated');
    assert.equal((await repositories.byId('r'))?.distributors.length, 1);
  });

  it('of two of the same id at once, one is added', async () => {
    const repositories = repositoriesOf(stores());
    await repositories.create(given('r'));
    const added = await Promise.all(
      [1, 2].map(() => repositories.addDistributor('r', distributor('a'))),
    );
    assert.deepEqual(added.map(({ outcome }) => outcome).sort(), ['duplicate', 'updated']);
  });

  it('has distributors up to the limit, and not one more', async () => {
    const repositories = repositoriesOf(stores());
    const { distributorsMax } = repositoryLimits;
    const distributors = Array.from({ length: distributorsMax - 1 }, (_, index) =>
      distributor(`d${index}`),
    );
    await repositories.create(given('r', { distributors }));
    assert.equal((await repositories.addDistributor('r', distributor('last'))).outcome, 'updated');
    assert.equal((await repositories.addDistributor('r', distributor('more'))).outcome, 'full');
  });
}
