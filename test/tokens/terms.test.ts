import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { termProblems } from '../../src/tokens/terms.ts';
import {
  addressesMax,
  customerCharactersMax,
  descriptionCharactersMax,
  distributionsMax,
  pathPatternsMax,
  type TokenTerms,
} from '../../src/tokens/token.ts';
import { terms } from './token-fixture.ts';

describe('terms of tokens', () => {
  const many = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `a${index}`);

  const right: readonly Partial<TokenTerms>[] = [
    {},
    { customer: 'x'.repeat(customerCharactersMax) },
    { description: 'x'.repeat(descriptionCharactersMax) },
    { distributions: many(distributionsMax) },
    { paths: many(pathPatternsMax) },
    { downloadsMax: 1, bytesMax: 1, addressesMax: 1 },
    { downloadsMax: Number.MAX_SAFE_INTEGER, bytesMax: Number.MAX_SAFE_INTEGER, addressesMax },
    { validFrom: new Date(1000), validUntil: new Date(1001) },
  ];
  for (const [index, some] of right.entries()) {
    it(`are taken at their limits (${index + 1})`, () => {
      assert.deepEqual(termProblems(terms(some)), []);
    });
  }

  const wrong: readonly (readonly [keyof TokenTerms, Partial<TokenTerms>, RegExp])[] = [
    ['customer', { customer: '' }, /it is empty/],
    ['customer', { customer: 'x'.repeat(customerCharactersMax + 1) }, /longer than 255/],
    ['customer', { customer: 'a\nb' }, /control character/],
    ['customer', { customer: '\ud800' }, /no Unicode text/],
    ['description', { description: 'x'.repeat(descriptionCharactersMax + 1) }, /longer than 1000/],
    ['validFrom', { validFrom: new Date(Number.NaN) }, /no time/],
    ['validUntil', { validFrom: new Date(5), validUntil: new Date(5) }, /not after validFrom/],
    ['distributions', { distributions: [] }, /names nothing/],
    ['distributions', { distributions: many(distributionsMax + 1) }, /more than 1000/],
    ['distributions', { distributions: ['acme', 'acme/*'] }, /item 2: it has a "\*"/],
    ['paths', { paths: many(pathPatternsMax + 1) }, /more than 100/],
    ['paths', { paths: ['/acme'] }, /item 1: it has an empty segment/],
    ['downloadsMax', { downloadsMax: 0 }, /whole number from 1/],
    ['downloadsMax', { downloadsMax: 1.5 }, /whole number from 1/],
    ['bytesMax', { bytesMax: Number.MAX_SAFE_INTEGER + 1 }, /whole number from 1/],
    ['addressesMax', { addressesMax: addressesMax + 1 }, /from 1 to 1000/],
  ];
  for (const [property, some, expected] of wrong) {
    it(`are refused past them: ${property}, ${expected}`, () => {
      const [problem, ...others] = termProblems(terms(some));
      assert.equal(problem?.property, property);
      assert.match(problem.problem, expected);
      assert.deepEqual(others, []);
    });
  }
});
