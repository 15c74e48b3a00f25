import assert from 'node:assert/strict';
import { it } from 'node:test';
import { unitsCollection } from '../../src/repositories/documents.ts';
import { type NewUnit, newUnit } from '../../src/repositories/new-unit.ts';
import { unitsPage } from '../../src/repositories/unit-pages.ts';
import { Units } from '../../src/repositories/units.ts';
import { storeLimits } from '../../src/stores/limits.ts';
import { addUnit, Clock, describeOnStores, type GivenStores, gather, newRpm } from './fixture.ts';

const absent = '0'.repeat(24);

describeOnStores('units', (given) => {
  testImport(given);
  testMemberships(given);
  testOrphans(given);
  testBadInput(given);
});

function unitsOf({ store }: GivenStores, clock = new Clock()): Units {
  return new Units(store, clock.now);
}

function testImport(given: () => GivenStores): void {
  it('a unit is pending at first, and settled with its repository', async () => {
    const units = unitsOf(given());
    const { isNew, unit } = await units.insertPending(newRpm('a'));
    assert.deepEqual([isNew, unit.is_pending, unit.is_orphan], [true, true, true]);
    assert.equal(
      (await units.byKey('rpm', unit.fields, ['name', 'version', 'checksum']))?._id,
      unit._id,
    );
    assert.deepEqual(await units.settle(unit._id, 'r'), { isAdded: true });
    assert.deepEqual(await units.settle(unit._id, 'r'), { isAdded: false });
    const settled = await units.byId(unit._id);
    assert.deepEqual(
      [settled?.is_pending, settled?.is_orphan, settled?.repositories],
      [false, false, ['r']],
    );
    assert.deepEqual(settled?.memberships, [
      { repository: 'r', created: unit.created, updated: unit.created },
    ]);
    assert.equal(await units.settle(absent, 'r'), undefined);
  });

  it('a unit without a file is never pending', async () => {
    const { unit } = await unitsOf(given()).insertPending(newRpm('a', { artifact: null }));
    assert.equal(unit.is_pending, false);
  });

  it('of two units with the same key one is added, also at once', async () => {
    const units = unitsOf(given());
    const inserted = await Promise.all([1, 2, 3].map(() => units.insertPending(newRpm('a'))));
    assert.equal(inserted.filter(({ isNew }) => isNew).length, 1);
    assert.equal(new Set(inserted.map(({ unit }) => unit._id)).size, 1);
    const other = await units.insertPending(newRpm('a', { type: 'srpm' }));
    assert.equal(other.isNew, true);
  });

  it('finds those that were pending for too long, and no others', async () => {
    const clock = new Clock();
    const units = unitsOf(given(), clock);
    const { unit } = await units.insertPending(newRpm('a'));
    await addUnit(units, newRpm('b'));
    clock.advance(60);
    await units.insertPending(newRpm('c'));
    const stale = await units.stalePending(new Date(unit.created.getTime() + 1));
    assert.deepEqual(
      stale.map(({ _id }) => _id),
      [unit._id],
    );
  });

  it('knows whether an artifact is referred to, from the first step on', async () => {
    const units = unitsOf(given());
    const sha256 = 'a'.repeat(64);
    assert.equal(await units.isArtifactReferred(sha256), false);
    const { unit } = await units.insertPending(newRpm('a'));
    assert.equal(await units.isArtifactReferred(sha256), true);
    assert.equal(await units.isArtifactReferred('b'.repeat(64)), false);
    assert.equal(await units.removeOrphan(unit), 'removed');
    assert.equal(await units.isArtifactReferred(sha256), false);
  });
}

function testMemberships(given: () => GivenStores): void {
  it('units come into a repository and leave it, many at a time', async () => {
    const units = unitsOf(given());
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push((await addUnit(units, newRpm(name), 'r'))._id);
    const [first = '', second = '', third = ''] = ids;
    assert.deepEqual(await units.associate([...ids, absent], 's'), {
      changed: ids,
      missing: [absent],
    });
    assert.deepEqual(await units.associate(ids, 's'), { changed: [], missing: [] });
    const left = await units.dissociate([first, third, absent], 'r');
    assert.deepEqual(left, { changed: [first, third], missing: [absent] });
    assert.deepEqual(await units.dissociate([first], 'r'), { changed: [], missing: [] });
    assert.deepEqual((await units.byId(first))?.repositories, ['s']);
    assert.deepEqual((await units.byId(second))?.repositories, ['r', 's']);
    assert.equal(await units.countOrphans('rpm'), 0);
    assert.deepEqual(await units.countsOf('s', ['rpm', 'srpm']), { rpm: 3 });
    assert.deepEqual(await units.countsOf('none', ['rpm']), {});
  });

  it('gives the units of a repository in the order of their ids, over several pages', async () => {
    const { store } = given();
    const units = unitsOf(given());
    const documents = Array.from({ length: unitsPage + 1 }, (_, index) =>
      newUnit(newRpm(`n${index}`, { artifact: null }), new Date(0)),
    );
    const inserted = await store.insertMany(unitsCollection, documents);
    const ids = inserted.flatMap((result) =>
      result.outcome === 'inserted' ? [result.document._id] : [],
    );
    await units.associate(ids, 'r');
    await addUnit(units, newRpm('of another repository'), 's');
    await addUnit(units, newRpm('of another type', { type: 'srpm' }), 'r');
    const found = await gather(units.ofRepository('r', 'rpm'));
    assert.deepEqual(
      found.map(({ _id }) => _id),
      ids.toSorted(),
    );
    assert.deepEqual(await gather(units.ofRepository('none', 'rpm')), []);
  });

  it('units that replace each other have one digest, and those that replace none have none', async () => {
    const units = unitsOf(given());
    const digest = async (fields: NewUnit['fields'], more: Partial<NewUnit> = {}) => {
      const replacesBy = ['version', 'name'];
      const unit = await addUnit(units, newRpm('a', { fields, replacesBy, ...more }));
      return unit.replaces_digest;
    };
    const one = await digest({ name: 'a', version: '1', checksum: 'x' });
    assert.match(one ?? '', /^[0-9a-f]{64}$/);
    assert.equal(await digest({ name: 'a', version: '1', checksum: 'y' }), one);
    assert.notEqual(await digest({ name: 'a', version: '2', checksum: 'x' }), one);
    const other = { name: 'a', version: '1', checksum: 'x' };
    assert.notEqual(await digest(other, { type: 'srpm' }), one);
    assert.equal((await addUnit(units, newRpm('b'))).replaces_digest, null);
  });
}

function testOrphans(given: () => GivenStores): void {
  it('finds orphans by their type, but those that are pending', async () => {
    const units = unitsOf(given());
    const orphan = await addUnit(units, newRpm('a'));
    await addUnit(units, newRpm('b'), 'r');
    await addUnit(units, newRpm('c', { type: 'srpm' }));
    await units.insertPending(newRpm('d'));
    const found = await gather(units.orphans('rpm'));
    assert.deepEqual(
      found.map(({ _id }) => _id),
      [orphan._id],
    );
    assert.equal(await units.countOrphans('rpm'), 2);
  });

  it('removes an orphan, and none that came into a repository since it was read', async () => {
    const units = unitsOf(given());
    await addUnit(units, newRpm('a'));
    const [orphan] = await gather(units.orphans('rpm'));
    assert.ok(orphan);
    await units.associate([orphan._id], 'r');
    assert.equal(await units.removeOrphan(orphan), 'conflict');
    const member = await units.byId(orphan._id);
    assert.ok(member);
    assert.equal(await units.removeOrphan(member), 'conflict');
    await units.dissociate([orphan._id], 'r');
    const again = await units.byId(orphan._id);
    assert.ok(again);
    assert.equal(await units.removeOrphan(again), 'removed');
    assert.equal(await units.removeOrphan(again), 'missing');
  });

  it('a unit is in the repository or removed, and never both, whoever comes first', async () => {
    const { store, open } = given();
    await using other = await open();
    const clock = new Clock();
    const [remover, importer] = [new Units(store, clock.now), new Units(other, clock.now)];
    for (let round = 0; round < 12; round += 1) {
      const { _id } = await addUnit(remover, newRpm(`n${round}`));
      const orphan = await remover.byId(_id);
      assert.ok(orphan);
      const [removed, associated] = await Promise.all([
        remover.removeOrphan(orphan),
        round % 2 === 0 ? importer.associate([_id], 'r') : importer.settle(_id, 'r'),
      ]);
      const isAdded =
        associated !== undefined && ('isAdded' in associated || associated.changed.length > 0);
      assert.equal(removed === 'removed', !isAdded);
      assert.equal((await remover.byId(_id)) !== undefined, isAdded);
    }
  });
}

function testBadInput(given: () => GivenStores): void {
  for (const [what, fields] of [
    ['a dot', { 'a.b': 1 }],
    ['a dollar', { deep: { $where: 1 } }],
    ['T57 __proto__', JSON.parse('{"__proto__": {"admin": true}}')],
    ['a NUL in a value', { a: 'x\0' }],
  ] as const) {
    it(`refuses a unit with ${what} in its fields, and says where`, async () => {
      const units = unitsOf(given());
      await assert.rejects(units.insertPending(newRpm('a', { fields })), {
        code: 'DOCUMENT_INVALID',
        message: /^Cannot keep a document: /,
      });
      assert.equal(await units.count(), 0);
    });
  }

  it('refuses a unit that is larger than a document may be, and says how large that is', async () => {
    const units = unitsOf(given());
    const fields = { name: 'a', description: 'x'.repeat(storeLimits.documentBytesMax) };
    await assert.rejects(units.insertPending(newRpm('a', { fields })), {
      code: 'DOCUMENT_INVALID',
      message: /bytes, and 8388608 are allowed/,
    });
  });

  it('T56 takes values that look like operators for values', async () => {
    const units = unitsOf(given());
    const { unit } = await units.insertPending(
      newRpm('a', { fields: { name: '$ne', version: '.' } }),
    );
    assert.equal(
      (await units.byKey('rpm', unit.fields, ['name', 'version', 'checksum']))?._id,
      unit._id,
    );
  });
}
