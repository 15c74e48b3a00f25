import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { permissionsView } from '../../src/people/permissions-view.ts';
import { resourceOf, rootResource } from '../../src/people/resource.ts';

const users = resourceOf('users');

describe('permissionsView', () => {
  it('shows who may do what where, by roles too, and leaves out whoever is gone', () => {
    const view = permissionsView(
      [
        { holder: 'joe-id', resource: users, operations: ['READ'] },
        { holder: 'ops-id', resource: users, operations: ['CREATE', 'READ'] },
        { holder: 'ops-id', resource: rootResource, operations: ['EXECUTE'] },
        { holder: 'gone', resource: users, operations: ['DELETE'] },
        { holder: 'gone', resource: resourceOf('tasks'), operations: ['DELETE'] },
        { holder: 'empty-id', resource: resourceOf('roles'), operations: ['DELETE'] },
      ],
      new Map([
        ['joe-id', ['joe']],
        ['ops-id', ['joe', 'ann']],
        ['empty-id', []],
      ]),
    );
    assert.deepEqual(view, [
      { resource: '/', users: { ann: ['EXECUTE'], joe: ['EXECUTE'] } },
      { resource: '/v2/users/', users: { ann: ['CREATE', 'READ'], joe: ['CREATE', 'READ'] } },
    ]);
  });

  it('T57 shows logins that are names of JavaScript as they are', () => {
    const [shown] = permissionsView(
      [{ holder: 'id', resource: users, operations: ['READ'] }],
      new Map([['id', ['__proto__', 'constructor']]]),
    );
    assert.equal(JSON.stringify(shown?.users), '{"__proto__":["READ"],"constructor":["READ"]}');
    assert.equal(Object.getPrototypeOf(shown?.users), Object.prototype);
  });
});
