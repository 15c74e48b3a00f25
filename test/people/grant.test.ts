import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  allowedOperations,
  decidingGrants,
  type Grant,
  isAllowed,
  withOperations,
  withoutOperations,
} from '../../src/people/grant.ts';
import { type Operation, operations } from '../../src/people/operation.ts';
import { coveringResources, type Resource, readResource } from '../../src/people/resource.ts';

function at(text: string): Resource {
  const read = readResource(text);
  assert.ok('resource' in read, text);
  return read.resource;
}

const grant = (holder: string, resource: string, ...granted: Operation[]): Grant => ({
  holder,
  resource: at(resource),
  operations: granted,
});

const joe = { isSuperUser: false, holders: ['joe'] };
const root = { isSuperUser: true, holders: ['root'] };

describe('isAllowed', () => {
  const sync = '/v2/repositories/foo/actions/sync/';

  for (const { name, asker = joe, operation = 'READ', grants, expected } of [
    { name: 'nobody without a grant', grants: [], expected: false },
    { name: 'a super-user without a grant', asker: root, grants: [], expected: true },
    { name: 'a grant at the resource', grants: [grant('joe', sync, 'READ')], expected: true },
    {
      name: 'a grant at a parent',
      grants: [grant('joe', '/v2/repositories/foo/', 'READ')],
      expected: true,
    },
    { name: 'a grant at /v2/', grants: [grant('joe', '/v2/', 'READ')], expected: true },
    { name: 'a grant at the root', grants: [grant('joe', '/', 'READ')], expected: true },
    {
      name: 'no grant below the resource',
      grants: [grant('joe', `${sync}x/`, 'READ')],
      expected: false,
    },
    {
      name: 'no grant at a sibling',
      grants: [grant('joe', '/v2/repositories/bar/', 'READ')],
      expected: false,
    },
    {
      name: 'no grant at half a segment',
      grants: [grant('joe', '/v2/repositories/fo/', 'READ'), grant('joe', '/v2/repo/', 'READ')],
      expected: false,
    },
    {
      name: 'no grant of another operation',
      operation: 'EXECUTE',
      grants: [grant('joe', '/', 'CREATE', 'READ', 'UPDATE', 'DELETE')],
      expected: false,
    },
    { name: 'no grant of another', grants: [grant('jane', '/', 'READ')], expected: false },
    {
      name: 'a grant of one of the roles',
      asker: { isSuperUser: false, holders: ['joe', 'role-a', 'role-b'] },
      grants: [grant('role-b', '/v2/', 'READ')],
      expected: true,
    },
    {
      name: 'no grant of a role that is not held',
      grants: [grant('role-b', '/v2/', 'READ')],
      expected: false,
    },
    {
      name: 'no grant of a former user or role of the same name',
      asker: { isSuperUser: false, holders: ['joe-2', 'role-a-2'] },
      grants: [grant('joe', '/', 'READ'), grant('role-a', '/', 'READ')],
      expected: false,
    },
    {
      name: 'nobody who holds nothing, not even himself',
      asker: { isSuperUser: false, holders: [] },
      grants: [grant('joe', '/', 'READ')],
      expected: false,
    },
  ] as const) {
    it(`T94 heeds ${name}`, () => {
      assert.equal(isAllowed(asker, operation, at(sync), grants), expected);
    });
  }

  it('fails before a grant, holds after it, and fails after it was revoked, for each operation', () => {
    for (const operation of operations) {
      const resource = at('/v2/repositories/');
      const allowed = (granted: readonly Operation[]) =>
        isAllowed(joe, operation, at('/v2/repositories/foo/'), [
          { holder: 'joe', resource, operations: granted },
        ]);
      assert.equal(allowed([]), false);
      const granted = withOperations([], [operation]);
      assert.equal(allowed(granted), true);
      assert.deepEqual(withOperations(granted, [operation]), granted);
      const revoked = withoutOperations(granted, [operation]);
      assert.deepEqual(revoked, []);
      assert.equal(allowed(revoked), false);
      assert.deepEqual(withoutOperations(revoked, [operation]), []);
    }
  });

  it('keeps what is also held directly, or by another role, when a role is left or loses it', () => {
    const direct = grant('joe', '/v2/a/', 'READ');
    const first = grant('role-a', '/v2/a/', 'READ', 'UPDATE');
    const second = grant('role-b', '/v2/a/', 'UPDATE', 'DELETE');
    const held = (holders: readonly string[], grants: readonly Grant[]) =>
      allowedOperations({ isSuperUser: false, holders }, at('/v2/a/'), grants);
    const all = [direct, first, second];
    assert.deepEqual(held(['joe', 'role-a', 'role-b'], all), ['READ', 'UPDATE', 'DELETE']);
    // Left, deleted, revoked from.
    assert.deepEqual(held(['joe', 'role-b'], all), ['READ', 'UPDATE', 'DELETE']);
    assert.deepEqual(held(['joe', 'role-a'], [direct, second]), ['READ']);
    assert.deepEqual(
      held(
        ['joe', 'role-a', 'role-b'],
        [direct, { ...first, operations: withoutOperations(first.operations, ['UPDATE']) }, second],
      ),
      ['READ', 'UPDATE', 'DELETE'],
    );
    assert.deepEqual(held(['role-a'], all), ['READ', 'UPDATE']);
  });

  it('means the same as a walk from the resource to the root, whatever is granted', () => {
    const segment = fc.constantFrom('a', 'ab', 'b', '__proto__');
    const resource = fc
      .array(segment, { maxLength: 4 })
      .map((segments) => at(`/v2/${segments.join('/')}`));
    const anywhere = fc.oneof({ weight: 9, arbitrary: resource }, fc.constant(at('/')));
    const grants = fc.array(
      fc.record({
        holder: fc.constantFrom('joe', 'jane', 'role'),
        resource: anywhere,
        operations: fc.uniqueArray(fc.constantFrom(...operations)),
      }),
      { maxLength: 12 },
    );
    const operation = fc.constantFrom(...operations);
    const holders = fc.uniqueArray(fc.constantFrom('joe', 'jane', 'role'));
    fc.assert(
      fc.property(holders, operation, resource, grants, (held, wanted, asked, given) => {
        const asker = { isSuperUser: false, holders: held };
        const walked = coveringResources(asked).some((place) =>
          given.some(
            (one) =>
              one.resource === place &&
              held.includes(one.holder) &&
              one.operations.includes(wanted),
          ),
        );
        assert.equal(isAllowed(asker, wanted, asked, given), walked);
        // What the store is asked for is all that matters.
        const question = decidingGrants(asker, asked);
        const found = given.filter(
          (one) =>
            question.holders.includes(one.holder) && question.resources.includes(one.resource),
        );
        assert.equal(isAllowed(asker, wanted, asked, found), walked);
        // More grants never take anything away, and nobody but super-users needs none.
        const [, ...fewer] = given;
        if (isAllowed(asker, wanted, asked, fewer)) assert.ok(walked);
        assert.equal(isAllowed({ ...asker, isSuperUser: true }, wanted, asked, []), true);
      }),
    );
  });
});

describe('withOperations', () => {
  it('and withoutOperations keep one order and each once', () => {
    const some = fc.array(fc.constantFrom(...operations));
    fc.assert(
      fc.property(some, some, (present, changed) => {
        const isSet = (result: readonly Operation[]) =>
          assert.deepEqual(
            result,
            operations.filter((one) => result.includes(one)),
          );
        const added = withOperations(present, changed);
        isSet(added);
        assert.deepEqual(new Set(added), new Set([...present, ...changed]));
        const left = withoutOperations(added, changed);
        isSet(left);
        assert.deepEqual(new Set(left), new Set(present).difference(new Set(changed)));
      }),
    );
  });
});
