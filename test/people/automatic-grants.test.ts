import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  grantOfCreator,
  grantsOfConsumer,
  grantsOfNewUser,
} from '../../src/people/automatic-grants.ts';
import { type Grant, isAllowed } from '../../src/people/grant.ts';
import { operations } from '../../src/people/operation.ts';
import { resourceOf } from '../../src/people/resource.ts';

const allowed = (grants: readonly Grant[], ...segments: string[]) =>
  operations.filter((operation) =>
    isAllowed({ isSuperUser: false, holders: ['id'] }, operation, resourceOf(...segments), grants),
  );

describe('grantsOfNewUser', () => {
  it('lets a user log in and out and keep the own account, and nothing else', () => {
    const grants = grantsOfNewUser({ id: 'id', login: 'joe' });
    assert.deepEqual(allowed(grants, 'actions', 'login'), ['READ', 'UPDATE']);
    assert.deepEqual(allowed(grants, 'actions', 'logout'), ['READ', 'UPDATE']);
    assert.deepEqual(allowed(grants, 'users', 'joe'), ['READ', 'UPDATE']);
    for (const path of [
      ['users'],
      ['users', 'joey'],
      ['users', 'jo'],
      ['actions'],
      ['roles', 'super-users', 'users'],
      ['permissions', 'actions', 'grant_to_user'],
    ]) {
      assert.deepEqual(allowed(grants, ...path), [], path.join('/'));
    }
  });
});

describe('grantOfCreator', () => {
  it('is of use, which it was not in Pulp 2', () => {
    const grant = grantOfCreator('id', resourceOf('users', 'jane'));
    assert.deepEqual(allowed([grant], 'users', 'jane'), [...operations]);
    assert.deepEqual(allowed([grant], 'users'), []);
  });
});

describe('grantsOfConsumer', () => {
  it('lets a consumer read repositories and have its own record, and no others', () => {
    const grants = grantsOfConsumer({ id: 'web-1', record: 'id' });
    assert.deepEqual(allowed(grants, 'repositories', 'acme'), ['READ']);
    assert.deepEqual(allowed(grants, 'consumers', 'web-1', 'bindings'), [...operations]);
    assert.deepEqual(allowed(grants, 'consumers', 'web-10'), []);
    assert.deepEqual(allowed(grants, 'consumers'), []);
    assert.deepEqual(allowed(grants, 'users'), []);
    // In Pulp 2, what one consumer had was open to all that the process had not yet seen.
    const other = grantsOfConsumer({ id: 'web-2', record: 'other' });
    assert.deepEqual(allowed([...grants, ...other], 'consumers', 'web-2'), []);
    assert.throws(() => grantsOfConsumer({ id: 'web-2/bindings', record: 'id' }), TypeError);
  });
});
