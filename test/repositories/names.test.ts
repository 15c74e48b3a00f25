import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import { distributorIdProblem, repositoryIdProblem } from '../../src/repositories/names.ts';

const { repositoryIdCharactersMax, distributorIdCharactersMax } = repositoryLimits;
const hostile = ['', '..', '.', 'a/b', 'a\0', 'é', 'a b', 'a\n', '$a', 'a:b', '%2e', '__proto__/'];

describe('repositoryIdProblem', () => {
  for (const id of [
    'a',
    'el9-x86_64',
    '.hidden',
    '...',
    'A.b',
    'x'.repeat(repositoryIdCharactersMax),
  ]) {
    it(`finds none in ${id.slice(0, 20)}`, () => assert.equal(repositoryIdProblem(id), undefined));
  }
  for (const id of [...hostile, 'x'.repeat(repositoryIdCharactersMax + 1)]) {
    it(`T28 finds one in ${JSON.stringify(id.slice(0, 20))}`, () => {
      assert.match(repositoryIdProblem(id) ?? '', /^it /);
    });
  }
});

describe('distributorIdProblem', () => {
  for (const id of ['a', 'yum_distributor', 'x'.repeat(distributorIdCharactersMax)]) {
    it(`finds none in ${id.slice(0, 20)}`, () => assert.equal(distributorIdProblem(id), undefined));
  }
  for (const id of [...hostile, 'a.b', 'x'.repeat(distributorIdCharactersMax + 1)]) {
    it(`T28 finds one in ${JSON.stringify(id.slice(0, 20))}`, () => {
      assert.match(distributorIdProblem(id) ?? '', /^it /);
    });
  }
});
