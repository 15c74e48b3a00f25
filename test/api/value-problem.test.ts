import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import {
  boundedNames,
  boundedProblems,
  problemOfIssue,
  quoted,
} from '../../src/api/value-problem.ts';

describe('value problems', () => {
  it('problemOfIssue says what a value should be, and nothing of the value', () => {
    for (const [schema, value, problem] of [
      [z.string(), 1, 'it should be a text'],
      [z.boolean(), 'yes', 'it should be true or false'],
      [z.array(z.string()), 'x', 'it should be a list'],
      [z.record(z.string(), z.string()), 'x', 'it should be an object'],
      [z.int(), 1.5, 'it should be a whole number'],
      [z.enum(['a', 'b']), 'secret', 'it is none of a, b'],
      [z.string().min(1), '', 'it is empty'],
      [z.string().max(3), 'long', 'it is longer than 3 characters'],
      [z.array(z.string()).max(1), ['a', 'b'], 'it has more than 1 items'],
      [z.array(z.string()).min(2), ['a'], 'it has fewer than 2 items'],
      [z.int().min(1), 0, 'it is less than 1'],
      [z.int().max(1), 2, 'it is more than 1'],
      [z.string().refine(() => false, 'it is of ours'), 'x', 'it is of ours'],
    ] as const) {
      const [issue] = schema.safeParse(value).error?.issues ?? [];
      assert.equal(issue && problemOfIssue(issue), problem);
    }
  });

  it('what comes from a request is sent back cut, at 100 characters and 20 names', () => {
    assert.equal(quoted('a'.repeat(100)), `"${'a'.repeat(100)}"`);
    assert.equal(quoted('a'.repeat(101)), `"${'a'.repeat(100)}"`);
    assert.equal(quoted('"\n\x1b'), '"\\"\\n\\u001b"');
    const names = Array.from({ length: 21 }, (_, index) => `${index}`.padEnd(101, '-'));
    const cut = names.slice(0, 20).map((name) => name.slice(0, 100));
    assert.deepEqual(boundedNames(names), cut);
    const problems = names.map((property) => ({ property, problem: 'it is wrong' }));
    assert.deepEqual(
      boundedProblems(problems),
      cut.map((property) => ({ property, problem: 'it is wrong' })),
    );
  });
});
