import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  loginCharactersMax,
  loginProblem,
  roleIdCharactersMax,
  roleIdProblem,
} from '../../src/people/names.ts';

const never = ['', ' ', 'a b', 'a:b', 'a/b', 'a\0', 'a\n', 'a%2f', 'é', 'а', 'a,b', "a'", 'a{$ne}'];

describe('loginProblem', () => {
  it('accepts the logins of Pulp 2, up to the longest', () => {
    for (const login of [
      'admin',
      'j.doe@acme-x_1',
      '...',
      '-',
      '0',
      '__proto__',
      'x'.repeat(loginCharactersMax),
    ]) {
      assert.equal(loginProblem(login), undefined, login);
    }
  });

  it('T56 refuses all others, and what no path can have', () => {
    for (const login of [...never, '.', '..']) assert.ok(loginProblem(login), login);
    assert.equal(
      loginProblem('x'.repeat(loginCharactersMax + 1)),
      'it is longer than 255 characters',
    );
    assert.ok(loginProblem('x'.repeat(10_000)));
    assert.equal(
      loginProblem('a:b'),
      'it has other characters than letters, digits, "-", "_", "." and "@"',
    );
  });
});

describe('roleIdProblem', () => {
  it('accepts the role ids of Pulp 2, and no others', () => {
    for (const id of ['super-users', 'ops_1', 'x'.repeat(roleIdCharactersMax)]) {
      assert.equal(roleIdProblem(id), undefined, id);
    }
    for (const id of [...never, '.', '..', 'a.b', 'a@b', 'x'.repeat(roleIdCharactersMax + 1)]) {
      assert.ok(roleIdProblem(id), id);
    }
  });
});
