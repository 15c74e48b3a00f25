import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Place } from '../../src/config/place.ts';
import { policy, policyDepthMax, policyNodesMax } from '../../src/config/policy.ts';
import type { PolicyNode, Problem } from '../../src/model.ts';

function parse(raw: unknown): {
  readonly node: PolicyNode | undefined;
  readonly problems: Problem[];
} {
  const problems: Problem[] = [];
  return { node: policy.parse(raw, new Place('access', '/', problems)), problems };
}

describe('policy', () => {
  it('policy reads any, all, not, rules with options and bare rules', () => {
    const { node, problems } = parse({
      any: [{ certificate: { ca: 'ca.pem' } }, { all: ['public', { not: { address: null } }] }],
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(node, {
      type: 'any',
      at: 'access.any',
      children: [
        {
          type: 'rule',
          name: 'certificate',
          options: { ca: 'ca.pem' },
          at: 'access.any[0].certificate',
        },
        {
          type: 'all',
          at: 'access.any[1].all',
          children: [
            { type: 'rule', name: 'public', options: undefined, at: 'access.any[1].all[0].public' },
            {
              type: 'not',
              at: 'access.any[1].all[1].not',
              child: {
                type: 'rule',
                name: 'address',
                options: undefined,
                at: 'access.any[1].all[1].not.address',
              },
            },
          ],
        },
      ],
    });
  });

  for (const [what, raw] of Object.entries({
    'an empty any': { any: [] },
    'an empty all': { all: [] },
    'any over a mapping': { any: { public: null } },
    'any without a list': { any: null },
    'not over a list': { not: ['public'] },
    'not over nothing': { not: null },
    'a node without a key': {},
    'a node of two keys': { public: null, password: {} },
    'a bare any': 'any',
    nothing: null,
    'a number': 7,
    'a list without any or all': ['public'],
    'a rule with an upper-case name': { Public: null },
    'a rule named __proto__': JSON.parse('{"__proto__": {}}'),
  })) {
    it(`T59 policy refuses ${what}`, () => {
      const { node, problems } = parse(raw);
      assert.equal(node, undefined);
      assert.equal(problems.length, 1);
      assert.match(problems[0]?.message ?? '', /^Cannot .+: expected .+/);
    });
  }

  it('policy refuses the whole when one branch is wrong, and tells each wrong branch', () => {
    const { node, problems } = parse({ any: ['public', { all: [] }, 5] });
    assert.equal(node, undefined);
    assert.deepEqual(
      problems.map(({ at }) => at),
      ['access.any[1].all', 'access.any[2]'],
    );
  });

  it('policy nests to its limit and no deeper', () => {
    const nested = (levels: number): unknown =>
      levels === 1 ? 'public' : { not: nested(levels - 1) };
    assert.deepEqual(parse(nested(policyDepthMax)).problems, []);
    assert.match(parse(nested(policyDepthMax + 1)).problems[0]?.message ?? '', /deeper than 16/);
  });

  it('policy has nodes up to its limit and no more', () => {
    const flat = (nodes: number): unknown => ({ any: Array(nodes - 1).fill('public') });
    assert.notEqual(parse(flat(policyNodesMax)).node, undefined);
    const { node, problems } = parse(flat(policyNodesMax + 1));
    assert.equal(node, undefined);
    assert.match(problems[0]?.message ?? '', /more than 1000 nodes/);
  });
});
