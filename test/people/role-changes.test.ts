import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grantsOfNewUser } from '../../src/people/automatic-grants.ts';
import { isAllowed } from '../../src/people/grant.ts';
import { roleChanges } from '../../src/people/role-changes.ts';

describe('roleChanges', () => {
  it('tells what is joined and left, each once', () => {
    assert.deepEqual(roleChanges(['a', 'b'], ['b', 'c', 'c']), {
      joined: ['c'],
      left: ['a'],
      needed: [
        { operation: 'UPDATE', resource: '/v2/roles/c/users/' },
        { operation: 'UPDATE', resource: '/v2/roles/a/users/' },
      ],
    });
    assert.deepEqual(roleChanges(['a'], ['a']), { joined: [], left: [], needed: [] });
  });

  it('T94 lets nobody join a role by the right to change the own account', () => {
    const joe = { id: 'id', login: 'joe' };
    const asker = { isSuperUser: false, holders: [joe.id] };
    for (const { operation, resource } of roleChanges([], ['super-users', 'ops']).needed) {
      assert.equal(isAllowed(asker, operation, resource, grantsOfNewUser(joe)), false);
    }
  });
});
