import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resolveOwner, resolveUser } from '../../../src/workers/host/accounts.ts';

describe('resolveOwner()', () => {
  test('resolveOwner() leaves what is left out', () => {
    assert.deepEqual(resolveOwner(undefined, undefined), { uid: undefined, gid: undefined });
  });

  test('resolveOwner() knows names, and takes any number', () => {
    assert.deepEqual(resolveOwner('root', 'root'), { uid: 0, gid: 0 });
    assert.deepEqual(resolveOwner(54321, 12345), { uid: 54321, gid: 12345 });
  });

  test('resolveOwner() takes what is left out from another owner', () => {
    const otherwise = { uid: 7, gid: 8 };
    assert.deepEqual(resolveOwner(undefined, undefined, otherwise), otherwise);
    assert.deepEqual(resolveOwner(0, undefined, otherwise), { uid: 0, gid: 8 });
    assert.deepEqual(resolveOwner(undefined, 0, otherwise), { uid: 7, gid: 0 });
  });

  test('resolveOwner() refuses names that the host does not know', () => {
    assert.throws(() => resolveOwner('nobody-has-this', undefined), {
      code: 'START_REFUSED',
      message: 'Cannot use the user nobody-has-this: this host has no such user',
    });
    assert.throws(() => resolveOwner(undefined, 'nobody-has-this'), {
      message: 'Cannot use the group nobody-has-this: this host has no such group',
    });
  });

  test('resolveOwner() never takes a name for an option of getent', () => {
    assert.throws(() => resolveOwner('--help', undefined), { code: 'START_REFUSED' });
  });
});

describe('resolveUser()', () => {
  test('resolveUser() has the name and the primary group, by name and by number', () => {
    const root = { name: 'root', uid: 0, gid: 0 };
    assert.deepEqual(resolveUser('root'), root);
    assert.deepEqual(resolveUser(0), root);
  });

  test('resolveUser() refuses a number that no user has', () => {
    assert.throws(() => resolveUser(54321), {
      code: 'START_REFUSED',
      message: 'Cannot use the user 54321: this host has no such user',
    });
  });
});
