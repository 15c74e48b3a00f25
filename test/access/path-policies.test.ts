import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate, namesDepthMax } from '../../src/access/evaluate.ts';
import { explainPolicy } from '../../src/access/explain.ts';
import { DecisionMemory } from '../../src/access/memory.ts';
import { policiesByPath } from '../../src/access/path-policies.ts';
import { createAskRule, type Policy, type Rule } from '../../src/access/policy.ts';
import type { Authorizer, Decision } from '../../src/plugin.ts';
import { accessRequest } from '../support/evidence.ts';

const ask = createAskRule(1000);

function rule(name: string, answer: Decision): Rule {
  const authorizer: Authorizer = { authorize: () => answer };
  return { type: 'rule', id: 1, name, at: name, authorizer, basis: () => 0 };
}

const yes = rule('yes', { outcome: 'allow' });
const no = rule('no', { outcome: 'deny', reason: 'no' });
const named = (name: string, current: () => Policy): Policy => ({
  type: 'policy',
  at: `${name}.policy`,
  name,
  current,
});

describe('policiesByPath', () => {
  const at = policiesByPath(yes, [
    { path: 'private', policy: no },
    { path: 'private/open', policy: yes },
    { path: 'deep/er/est', policy: no },
  ]);

  for (const [path, policyPath] of [
    ['/', '/'],
    ['/private', '/private'],
    ['/private/', '/private'],
    ['/private/x', '/private'],
    ['/private2', '/'],
    ['/Private/x', '/'],
    ['/privat', '/'],
    ['/private/open', '/private/open'],
    ['/private/open/x', '/private/open'],
    ['/private/opened', '/private'],
    ['/deep/er', '/'],
    ['/deep/er/est/x/y/z', '/deep/er/est'],
    ['/x/private', '/'],
  ] as const) {
    test(`T24 policiesByPath() finds the policy of ${policyPath} for ${path}`, () => {
      assert.equal(at(path).policyPath, policyPath);
    });
  }

  test("T59 without a policy of its own, what lies in no path is nobody's", async () => {
    const { policy } = policiesByPath(undefined, [{ path: 'open', policy: yes }])('/other');
    assert.equal((await evaluate(policy, accessRequest(), ask)).outcome, 'deny');
  });
});

describe('policies with names, evaluated', () => {
  test('a name says what its policy says at the moment', async () => {
    let current: Policy = yes;
    const policy = named('staff', () => current);
    assert.equal((await evaluate(policy, accessRequest(), ask)).outcome, 'allow');
    current = no;
    assert.equal((await evaluate(policy, accessRequest(), ask)).outcome, 'deny');
  });

  test('T59 a name without a usable policy is a fault, and `not` makes no allow of it', async () => {
    const gone = named('staff', () => ({
      type: 'unusable',
      at: 'x',
      reason: 'there is no policy "staff"',
    }));
    for (const policy of [gone, { type: 'not', at: 'not', child: gone } as const]) {
      const verdict = await evaluate(policy, accessRequest(), ask);
      assert.deepEqual(verdict, { outcome: 'fault', reason: 'there is no policy "staff"' });
    }
  });

  test('names that lead in a circle end in a fault, also in explain', async () => {
    const circle: Policy = named('a', () => circle);
    const { verdict, tree } = await explainPolicy(circle, accessRequest(), ask);
    assert.equal(verdict.outcome, 'fault');
    let depth = 0;
    for (let node = tree; node !== undefined; node = node.children[0]) depth += 1;
    assert.equal(depth, namesDepthMax + 2);
  });

  test('explain shows the name and the tree behind it, each place with its own outcome', async () => {
    const staff: Policy = { type: 'any', at: 'policies.staff.any', children: [no] };
    const use = (at: string): Policy => ({ ...named('staff', () => staff), at }) as Policy;
    const policy: Policy = { type: 'all', at: 'access.all', children: [use('one'), use('two')] };
    const { tree } = await explainPolicy(policy, accessRequest(), ask);
    assert.deepEqual(
      tree?.children.map(({ label, outcome, children }) => [label, outcome, children[0]?.label]),
      [
        ['policy staff', 'deny', 'any'],
        ['policy staff', 'not evaluated', 'any'],
      ],
    );
  });
});

describe('DecisionMemory with shared rules', () => {
  const remember = { seconds: 10, scope: 'distribution' } as const;
  const allow: Decision = { outcome: 'allow', remember };

  test('T66 an allow of one distribution, or of one path policy, is none of another', () => {
    const memory = new DecisionMemory({ secondsMax: 60, entriesMax: 10 });
    memory.keep(1, accessRequest({ distribution: 'a', policyPath: '/b' }), allow);
    for (const other of [
      { distribution: 'b', policyPath: '/b' },
      { distribution: 'a', policyPath: '/' },
      { distribution: 'a', policyPath: '/b/c' },
      { distribution: 'a /b', policyPath: '/' },
      { distribution: 'a 2:/b', policyPath: '/b' },
    ]) {
      assert.equal(memory.recall(1, accessRequest(other)), undefined);
    }
    assert.equal(memory.recall(1, accessRequest({ distribution: 'a', policyPath: '/b' })), allow);
  });

  test('forget() ends what a rule has decided', () => {
    const memory = new DecisionMemory({ secondsMax: 60, entriesMax: 10 });
    memory.keep(1, accessRequest(), allow);
    memory.forget([1]);
    assert.equal(memory.recall(1, accessRequest()), undefined);
  });
});
