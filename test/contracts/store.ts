/** What every store keeps to, as tests: src/stores/store.ts says it in words. */

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Document } from '../../src/stores/document.ts';
import { everything } from '../../src/stores/filter.ts';
import { storeLimits } from '../../src/stores/limits.ts';
import type { StoreSettings } from '../../src/stores/open.ts';
import { parseFilter, where } from '../../src/stores/parse-filter.ts';
import type { Query, Store } from '../../src/stores/store.ts';
import { filterAnswers, filteredDocuments } from './store-filters.ts';
import { open, type StoreContract, type StoreHost } from './store-fixture.ts';
import { testStoreProcesses } from './store-processes.ts';

export function testStore(contract: StoreContract): void {
  describe(`store ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    let settings: StoreSettings;
    let store: Store;
    before(async () => {
      host = await contract.host();
    });
    beforeEach(async () => {
      settings = host.settings();
      store = await open(settings);
    });
    afterEach(() => store.close());
    after(() => host[Symbol.asyncDispose]());

    testDocuments(() => store);
    testQueries(() => store);
    testLimits(
      () => store,
      () => settings,
    );
    testChanges(() => store);
    testRevisions(() => store);
    testAccess(
      () => store,
      () => settings,
    );
  });
  testStoreProcesses(contract);
}

type Given = () => Store;

function testDocuments(given: Given): void {
  it('keeps a document of every kind of value as it is', async () => {
    const document = {
      _id: 'all',
      text: 'ü\u{1f600}"\\\n',
      empty: '',
      numbers: [0, -1.5, 2 ** 53, 1e300, 5e-324],
      flags: { yes: true, no: false, nothing: null },
      at: new Date(1_500_000_000_123),
      lists: [[], {}, [{ a: [new Date(0)] }]].map((list) => ({ list })),
      'odd name-é': 1,
    };
    await given().insert('plain', document);
    assert.deepEqual(await given().get('plain', 'all'), { ...document, _version: 1 });
  });

  it('keeps a list in a list', async (context) => {
    const inserted = given().insert('plain', { _id: 'l', lists: [[1, [2]], []] });
    // FerretDB 1 does not, and says so: docs/stores.md tells it.
    if (await isRefused(inserted)) return context.skip('the server keeps no list in a list');
    assert.deepEqual((await given().get('plain', 'l'))?.lists, [[1, [2]], []]);
  });

  it('gives an _id of 24 hexadecimal digits to a document without one', async () => {
    const result = await given().insert('plain', { a: 1 });
    assert.equal(result.outcome, 'inserted');
    assert.match(result.outcome === 'inserted' ? result.document._id : '', /^[0-9a-f]{24}$/);
  });

  it('keeps nothing of a document that is changed by its owner afterwards', async () => {
    const list = ['a'];
    await given().insert('plain', { _id: 'mine', list });
    list.push('b');
    assert.deepEqual((await given().get('plain', 'mine'))?.list, ['a']);
  });

  it('refuses a second document of the same _id or unique values, and names them', async () => {
    const store = given();
    await store.insert('users', { _id: '1', login: 'ann' });
    await store.insert('grants', { resource: '/', user: 'ann' });
    const duplicate = (...fields: string[]) => ({ outcome: 'duplicate', fields });
    assert.deepEqual(await store.insert('users', { _id: '1', login: 'b' }), duplicate('_id'));
    assert.deepEqual(await store.insert('users', { login: 'ann' }), duplicate('login'));
    assert.deepEqual(
      await store.insert('grants', { resource: '/', user: 'ann' }),
      duplicate('resource', 'user'),
    );
    assert.equal(
      (await store.insert('grants', { resource: '/', user: 'bob' })).outcome,
      'inserted',
    );
    assert.equal((await store.insert('users', { login: 'Ann' })).outcome, 'inserted');
    assert.equal(await store.count('users', everything), 2);
  });

  it('inserts many, each by itself', async () => {
    const documents = Array.from({ length: 1203 }, (_, index) => ({ login: `u${index % 1200}` }));
    const results = await given().insertMany('users', documents);
    assert.deepEqual(
      results.flatMap(({ outcome }, index) => (outcome === 'duplicate' ? [index] : [])),
      [1200, 1201, 1202],
    );
    assert.equal(await given().count('users', everything), 1200);
  });

  const refused: readonly (readonly [string, unknown])[] = [
    ['a list', []],
    ['no object', null],
    ['a function', { a: () => 1 }],
    ['undefined', { a: undefined }],
    ['a big integer', { a: 1n }],
    ['NaN', { a: Number.NaN }],
    ['an infinite number', { a: { b: [Number.POSITIVE_INFINITY] } }],
    ['an invalid date', { a: new Date('x') }],
    ['an object of a class', { a: new Map() }],
    ['a name with a dollar', { $where: '1' }],
    ['a name with a dot', { a: { 'b.c': 1 } }],
    ['an empty name', { '': 1 }],
    ['a name with a NUL', { 'a\0b': 1 }],
    ['T57 __proto__', JSON.parse('{"a": {"__proto__": {"admin": true}}}')],
    ['T57 constructor', { constructor: 1 }],
    ['a NUL in a text', { a: 'x\0y' }],
    ['half a surrogate pair', { a: '\ud800' }],
    ['its own _version', { _version: 7 }],
    ['an _id that is no text', { _id: 7 }],
    ['an empty _id', { _id: '' }],
    ['T83 a hundred thousand levels', nested(100_000)],
  ];
  for (const [what, document] of refused) {
    it(`refuses a document that is or has ${what}`, async () => {
      await assert.rejects(given().insert('plain', document as Document), isInvalid);
      assert.equal(await given().count('plain', everything), 0);
    });
  }

  it('refuses a document that an index of its collection cannot hold', async () => {
    const store = given();
    await assert.rejects(store.insert('users', {}), isInvalid);
    await assert.rejects(store.insert('users', { login: null }), isInvalid);
    await assert.rejects(store.insert('users', { login: ['a'] }), isInvalid);
    await assert.rejects(store.insert('users', { login: 'a', age: [1] }), isInvalid);
    await assert.rejects(store.insert('users', { login: 'a', roles: [['x']] }), isInvalid);
    await store.insert('users', { _id: 'u', login: 'a' });
    await assert.rejects(store.update('users', 'u', { $unset: ['login'] }), isInvalid);
  });

  it('takes documents up to their limits and not one past', async () => {
    const store = given();
    const { documentBytesMax, documentDepthMax, idBytesMax, indexedBytesMax } = storeLimits;
    const filled = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
    await store.insert('plain', filled(documentBytesMax));
    await assert.rejects(store.insert('plain', filled(documentBytesMax + 1)), isInvalid);
    await store.insert('plain', nested(documentDepthMax));
    await assert.rejects(store.insert('plain', nested(documentDepthMax + 1)), isInvalid);
    await store.insert('plain', { _id: 'i'.repeat(idBytesMax) });
    await assert.rejects(store.insert('plain', { _id: 'i'.repeat(idBytesMax + 1) }), isInvalid);
    await store.insert('users', { login: 'l'.repeat(indexedBytesMax) });
    const long = { login: 'l'.repeat(indexedBytesMax + 1) };
    await assert.rejects(store.insert('users', long), isInvalid);
  });
}

function testQueries(given: Given): void {
  it('T56 means the same documents by every filter', async () => {
    const store = given();
    await store.insertMany('users', filteredDocuments);
    const wrong: unknown[] = [];
    for (const [raw, ids] of filterAnswers) {
      const filter = parseFilter(raw);
      const found = await store.find('users', { filter });
      const answer = found.map(({ _id }) => _id).join('');
      if (answer !== ids) wrong.push({ raw: JSON.stringify(raw), answer, ids });
      const count = await store.count('users', filter);
      if (count !== ids.length) wrong.push({ raw: JSON.stringify(raw), count, ids });
    }
    assert.deepEqual(wrong, []);
  });

  const orders: readonly (readonly [Omit<Query, 'filter'>, string])[] = [
    [{}, 'abcdefgh'],
    [{ sort: [['_id', -1]] }, 'hgfedcba'],
    [{ sort: [['_id', -1]], skip: 1, limit: 2 }, 'gf'],
    [{ sort: [['login', 1]] }, 'habcdefg'],
    [{ sort: [['login', -1]], limit: 3 }, 'gfe'],
    [{ sort: [['login', 1]], skip: 2, limit: 3 }, 'bcd'],
    // Missing before numbers before texts before flags before dates.
    [{ sort: [['age', 1]] }, 'ghabcdef'],
    [{ sort: [['age', -1]], limit: 2 }, 'fe'],
    [
      {
        sort: [
          ['flag', -1],
          ['login', -1],
        ],
        limit: 4,
      },
      'hgfe',
    ],
    [{ skip: 6 }, 'gh'],
    [{ skip: 8 }, ''],
    [{ limit: 1 }, 'a'],
  ];
  it('sorts, skips and limits, and orders equals by _id', async () => {
    await given().insertMany('users', filteredDocuments);
    for (const [query, ids] of orders) {
      const found = await given().find('users', { filter: everything, ...query });
      assert.equal(found.map(({ _id }) => _id).join(''), ids, JSON.stringify(query));
    }
    const some = { filter: parseFilter({ login: { $regex: 'n' } }), sort: [['login', 1]] as const };
    const [second, ...none] = await given().find('users', { ...some, skip: 1, limit: 1 });
    assert.deepEqual([second?._id, none], ['a', []]);
  });

  it('finds, counts and pages by an element of a list, another field and the _id', async () => {
    const store = given();
    const ids = Array.from({ length: 250 }, (_, index) => `u${String(index).padStart(3, '0')}`);
    await store.insertMany(
      'users',
      // The order of insertion is another than that of the ids.
      ids.toReversed().map((_id, index) => ({
        ...{ _id, login: _id, name: index % 5 === 0 ? 'other' : 'n' },
        roles: index % 2 === 0 ? ['x', 'y', 'x'] : ['y'],
      })),
    );
    const meant = parseFilter({ roles: 'x', name: 'n' });
    const all = (await store.find('users', { filter: meant })).map(({ _id }) => _id);
    assert.deepEqual([all.length, await store.count('users', meant)], [100, 100]);
    assert.deepEqual(all, all.toSorted());
    const after = parseFilter({ roles: 'x', name: 'n', _id: { $gt: all[9] } });
    const page = await store.find('users', { filter: after, limit: 3 });
    assert.deepEqual(
      page.map(({ _id }) => _id),
      all.slice(10, 13),
    );
    const last = await store.find('users', { filter: meant, sort: [['_id', -1]], limit: 2 });
    assert.deepEqual(
      last.map(({ _id }) => _id),
      all.toReversed().slice(0, 2),
    );
    await store.updateMany('users', all.slice(0, 60), { $pull: { roles: 'x' } });
    assert.equal(await store.count('users', meant), 40);
    for (const raw of [
      { roles: { $all: ['x', 'y'] }, name: 'n' },
      { roles: ['y'], name: 'n' },
    ]) {
      const found = await store.find('users', { filter: parseFilter(raw) });
      assert.equal(await store.count('users', parseFilter(raw)), found.length);
    }
  });

  it('holds of a sorted result no more than its limit', async () => {
    const store = given();
    const documents = Array.from({ length: 300 }, (_, index) => ({
      ...{ _id: `p${index}`, order: (index * 7) % 300, fill: 'x'.repeat(100) },
    }));
    await store.insertMany('plain', documents);
    const sort = [['order', -1]] as const;
    const found = await store.find('plain', { filter: everything, sort, skip: 2, limit: 3 });
    assert.deepEqual(
      found.map(({ order }) => order),
      [297, 296, 295],
    );
    const some = { filter: parseFilter({ fill: { $regex: '^x' } }), fields: ['_id'] };
    const ids = await store.find('plain', { ...some, sort, limit: 2 });
    assert.deepEqual(
      ids.map(({ _id, _version, ...rest }) => rest),
      [{}, {}],
    );
  });

  it('gives the fields that were asked for, with _id and _version', async () => {
    const store = given();
    await store.insert('plain', { _id: 'p', a: { b: 1, c: 2 }, l: [{ x: 1, y: 2 }, 3], z: 1 });
    const ask = async (fields: readonly string[]) => {
      const [{ _id, _version, ...found } = { _id: '', _version: 0 }] = await store.find('plain', {
        filter: everything,
        fields,
      });
      assert.deepEqual([_id, _version], ['p', 1]);
      return found;
    };
    assert.deepEqual(await ask([]), {});
    assert.deepEqual(await ask(['a.b', 'z', 'missing', 'z.deeper']), { a: { b: 1 }, z: 1 });
    assert.deepEqual(await ask(['a.b', 'a']), { a: { b: 1, c: 2 } });
    assert.deepEqual(await ask(['l.x', '_id']), { l: [{ x: 1 }] });
  });

  for (const query of [{ skip: -1 }, { skip: 0.5 }, { limit: 0 }, { sort: [['$x', 1]] as const }]) {
    it(`refuses the query ${JSON.stringify(query)}`, async () => {
      const find = given().find('plain', { filter: everything, ...query });
      await assert.rejects(find, { code: 'FILTER_INVALID' });
    });
  }
}

function testLimits(givenStore: Given, given: () => StoreSettings): void {
  it('gives up to the limit of documents and bytes, and refuses more', async () => {
    const store = givenStore();
    await store.insertMany(
      'plain',
      Array.from({ length: 6 }, (_, index) => ({ _id: `p${index}`, fill: 'x'.repeat(1000) })),
    );
    assert.equal((await store.find('plain', { filter: everything })).length, 6);
    const tooLarge = { code: 'RESULT_TOO_LARGE' };
    await using bytes = await open(given(), { limits: { ...storeLimits, resultBytesMax: 700 } });
    assert.equal((await bytes.find('plain', { filter: everything, fields: [] })).length, 6);
    for (const limits of [{ resultDocumentsMax: 5 }, { resultBytesMax: 5500 }]) {
      await using narrow = await open(given(), { limits: { ...storeLimits, ...limits } });
      assert.equal((await narrow.find('plain', { filter: everything, limit: 5 })).length, 5);
      await assert.rejects(narrow.find('plain', { filter: everything }), tooLarge);
      // Of what is asked for, not of what is looked at.
      const few = { filter: everything, limit: 2 } as const;
      assert.equal((await narrow.find('plain', { ...few, sort: [['fill', 1]] })).length, 2);
    }
  });
}

function testChanges(given: Given): void {
  it('changes fields by every operator, and counts versions', async () => {
    const store = given();
    await store.insert('plain', { _id: 'p', n: 1, l: ['a'], o: { x: 1 }, gone: 1 });
    const result = await store.update('plain', 'p', {
      $set: { s: 'new', 'o.y': [1] },
      $unset: ['gone', 'never'],
      $inc: { n: -3, count: 1 },
      $addToSet: { l: 'a', tags: 't' },
      $push: { log: { at: new Date(5) } },
      $pull: { absent: 'a' },
    });
    const document = {
      ...{ _id: 'p', _version: 2, n: -2, count: 1, l: ['a'], tags: ['t'], s: 'new' },
      ...{ o: { x: 1, y: [1] }, log: [{ at: new Date(5) }] },
    };
    assert.deepEqual(result, { outcome: 'updated', document });
    await store.update('plain', 'p', { $addToSet: { l: 'b' }, $pull: { tags: 't' } });
    const after = await store.get('plain', 'p');
    assert.deepEqual([after?._version, after?.l, after?.tags], [3, ['a', 'b'], []]);
  });

  it('changes by a function, which may leave the document as it is', async () => {
    const store = given();
    await store.insert('plain', { _id: 'p', members: ['a', 'b'] });
    const leave = (document: Document) => {
      const members = Array.isArray(document.members) ? document.members.slice(1) : [];
      return members.length === 0 ? undefined : { ...document, members };
    };
    assert.equal((await store.update('plain', 'p', leave)).outcome, 'updated');
    assert.equal((await store.update('plain', 'p', leave)).outcome, 'left');
    assert.deepEqual((await store.get('plain', 'p'))?.members, ['b']);
  });

  it('changes only the version that is expected', async () => {
    const store = given();
    await store.insert('plain', { _id: 'p', n: 1 });
    assert.equal((await store.update('plain', 'p', { $inc: { n: 1 } }, 2)).outcome, 'conflict');
    assert.equal((await store.update('plain', 'p', { $inc: { n: 1 } }, 1)).outcome, 'updated');
    assert.equal((await store.update('plain', 'q', { $inc: { n: 1 } })).outcome, 'missing');
    assert.equal(await store.remove('plain', 'p', 1), 'conflict');
    assert.equal(await store.remove('plain', 'p', 2), 'removed');
    assert.equal(await store.remove('plain', 'p', 2), 'missing');
    assert.equal(await store.remove('plain', 'p'), 'missing');
    assert.equal(await store.get('plain', 'p'), undefined);
  });

  it('changes and removes many, each by itself and in order', async () => {
    const store = given();
    const users = Array.from({ length: 450 }, (_, index) => ({
      ...{ _id: `u${index}`, login: `l${index}`, roles: [], age: index },
    }));
    await store.insertMany('users', users);
    const ids = [...users.map(({ _id }) => _id), 'none', 'u0'];
    const changed = await store.updateMany('users', ids, ({ age, ...user }) =>
      age === 7 ? undefined : { ...user, age: 1000, roles: ['changed'] },
    );
    const outcomes = changed.map(({ outcome }) => outcome);
    assert.equal(outcomes.filter((outcome) => outcome === 'updated').length, 450);
    assert.deepEqual([outcomes[7], outcomes[450], outcomes[451]], ['left', 'missing', 'updated']);
    assert.equal((await store.get('users', 'u0'))?._version, 3);
    assert.equal(await store.count('users', where({ roles: 'changed' })), 449);
    const taken = await store.updateMany('users', ['u1', 'u2'], { $set: { login: 'same' } });
    // Which of them is the first to have it is nobody's promise.
    assert.deepEqual(taken.map(({ outcome }) => outcome).sort(), ['duplicate', 'updated']);
    const removed = await store.removeMany('users', [...ids, 'u1']);
    assert.deepEqual(removed.map((outcome) => outcome[0]).join(''), `${'r'.repeat(450)}mmm`);
    assert.equal(await store.count('users', everything), 0);
    assert.deepEqual(await store.updateMany('users', [], { $set: { a: 1 } }), []);
    assert.deepEqual(await store.removeMany('users', []), []);
  });

  it('loses none of many changes that are made of the same documents at once', async () => {
    const store = given();
    const ids = Array.from({ length: 60 }, (_, index) => `p${index}`);
    await store.insertMany(
      'plain',
      ids.map((_id) => ({ _id, n: 0 })),
    );
    const increment = () => store.updateMany('plain', ids, { $inc: { n: 1 } });
    await Promise.all([
      increment(),
      increment(),
      increment(),
      store.update('plain', 'p5', { $inc: { n: 1 } }),
    ]);
    const counts = (await store.find('plain', { filter: everything })).map(({ n }) => n);
    assert.deepEqual(counts.toSorted(), [...Array.from({ length: 59 }, () => 3), 4]);
  });

  it('changes none of a batch that holds a change which cannot be made', async () => {
    const store = given();
    await store.insertMany('plain', [
      { _id: 'a', n: 0 },
      { _id: 'b', n: 'x' },
    ]);
    await assert.rejects(store.updateMany('plain', ['a', 'b'], { $inc: { n: 1 } }), isInvalid);
    assert.equal((await store.get('plain', 'a'))?.n, 0);
  });

  it('finds a document by what it is after a change, and no more by what it was', async () => {
    const store = given();
    await store.insert('users', { _id: 'u', login: 'old', roles: ['x', 'y'], age: 1, name: 'n' });
    await store.update('users', 'u', { $set: { login: 'new', roles: ['y', 'z'], age: 2 } });
    const count = (raw: unknown) => store.count('users', parseFilter(raw));
    assert.deepEqual(
      await Promise.all(
        [
          { login: 'old' },
          { login: 'new' },
          { roles: 'x' },
          { roles: 'y' },
          { age: 1 },
          { age: 2 },
        ].map(count),
      ),
      [0, 1, 0, 1, 0, 1],
    );
    await store.remove('users', 'u');
    assert.deepEqual(await Promise.all([{ login: 'new' }, { roles: 'z' }].map(count)), [0, 0]);
    assert.equal((await store.insert('users', { login: 'new' })).outcome, 'inserted');
  });

  it('refuses a change to values that another document has', async () => {
    const store = given();
    await store.insert('users', { _id: 'a', login: 'a' });
    await store.insert('users', { _id: 'b', login: 'b' });
    const result = await store.update('users', 'b', { $set: { login: 'a' } });
    assert.deepEqual(result, { outcome: 'duplicate', fields: ['login'] });
    assert.deepEqual(await store.get('users', 'b'), { _id: 'b', login: 'b', _version: 1 });
    assert.equal((await store.update('users', 'b', { $set: { login: 'b' } })).outcome, 'updated');
  });

  for (const [what, change] of [
    ['$inc of a text', { $inc: { s: 1 } }],
    ['$push to a text', { $push: { s: 1 } }],
    ['a path through a text', { $set: { 's.x': 1 } }],
    ['the same field twice', { $set: { n: 1 }, $inc: { n: 1 } }],
    ['a field and a part of it', { $set: { 'o.x': 1 }, $unset: ['o'] }],
    ['a value that no store keeps', { $set: { n: Number.NaN } }],
    ['the _version', { $set: { _version: 9 } }],
    ['T57 __proto__', { $set: { '__proto__.admin': true } }],
  ] as const) {
    it(`refuses to change by ${what}`, async () => {
      await given().insert('plain', { _id: 'p', s: 'x', n: 0, o: { x: 1 } });
      await assert.rejects(given().update('plain', 'p', change), (error: { code: string }) =>
        ['DOCUMENT_INVALID', 'FILTER_INVALID'].includes(error.code),
      );
      assert.equal((await given().get('plain', 'p'))?._version, 1);
      assert.equal('admin' in {}, false);
    });
  }

  it('claims the first of a selection, and undefined when none is left', async () => {
    const store = given();
    for (const order of [3, 1, 2]) await store.insert('tasks', { state: 'waiting', order });
    const claim = () =>
      store.claim(
        'tasks',
        { filter: where({ state: 'waiting' }), sort: [['order', 1]] },
        { $set: { state: 'running' } },
      );
    const orders = [await claim(), await claim(), await claim(), await claim()];
    assert.deepEqual(
      orders.map((task) => task?.order),
      [1, 2, 3, undefined],
    );
  });
}

function testRevisions(given: Given): void {
  it('tells which collections changed, by every kind of change', async () => {
    const store = given();
    let revision = await store.revision();
    const changed = async (): Promise<readonly string[]> => {
      const changes = await store.changedSince(revision);
      revision = changes.revision;
      return [...changes.collections].sort();
    };
    const settled = async (): Promise<void> => {
      while ((await changed()).length > 0);
    };
    await settled();
    const makers: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['users', () => store.insert('users', { _id: 'u', login: 'u' })],
      ['plain', () => store.insertMany('plain', [{ _id: 'p' }, { _id: 'q' }])],
      ['users', () => store.update('users', 'u', { $set: { a: 1 } })],
      ['plain', () => store.claim('plain', { filter: everything }, { $set: { a: 1 } })],
      ['users', () => store.remove('users', 'u')],
      ['plain', () => store.updateMany('plain', ['p', 'q'], { $set: { b: 1 } })],
      ['plain', () => store.removeMany('plain', ['p', 'none'])],
    ];
    for (const [collection, make] of makers) {
      await make();
      assert.deepEqual(await changed(), [collection]);
      await settled();
    }
    await Promise.all([store.insert('users', { login: 'v' }), store.insert('tasks', {})]);
    assert.deepEqual(await changed(), ['tasks', 'users']);
  });

  it('says that everything changed since the revision of another store', async () => {
    const changes = await given().changedSince(
      'of another' as Parameters<Store['changedSince']>[0],
    );
    assert.deepEqual([...changes.collections].sort(), ['grants', 'plain', 'tasks', 'users']);
  });
}

function testAccess(given: Given, settings: () => StoreSettings): void {
  it('refuses every change where it only reads', async () => {
    await given().insert('plain', {});
    await using reader = await open(settings(), { access: 'read' });
    assert.equal(await reader.count('plain', everything), 1);
    const readOnly = { code: 'STORE_READ_ONLY' };
    await assert.rejects(reader.insert('plain', {}), readOnly);
    await assert.rejects(reader.update('plain', 'p', {}), readOnly);
    await assert.rejects(reader.updateMany('plain', ['p'], {}), readOnly);
    await assert.rejects(reader.remove('plain', 'p'), readOnly);
    await assert.rejects(reader.removeMany('plain', ['p']), readOnly);
  });

  it('refuses a collection that was not declared', async () => {
    const store = given();
    await assert.rejects(async () => store.get('others', 'a'), TypeError);
    await assert.rejects(async () => store.insert('others', {}), TypeError);
  });
}

async function isRefused(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    (error) => isInvalid(error),
  );
}

function isInvalid(error: { readonly code?: string }): boolean {
  return error.code === 'DOCUMENT_INVALID';
}

function nested(levels: number): Document {
  let document: Document = {};
  for (let level = 1; level < levels; level += 1) document = { a: document };
  return document;
}
