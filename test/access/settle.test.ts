import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluate } from '../../src/access/evaluate.ts';
import { DecisionMemory } from '../../src/access/memory.ts';
import {
  type AskRule,
  createAskRule,
  type Policy,
  type Rule,
  withMemory,
} from '../../src/access/policy.ts';
import { createSettleCharges } from '../../src/access/settle.ts';
import type { Authorizer } from '../../src/plugin.ts';
import { chargeCharactersMax } from '../../src/plugin-rule.ts';
import { accessRequest } from '../support/evidence.ts';

const timeLimitMs = 50;
const ask = createAskRule(timeLimitMs);
const settle = createSettleCharges(timeLimitMs);
const request = accessRequest();

let ids = 0;

/** A rule that allows, charges its own name, and settles as it is told. */
function charging(name: string, settled: () => unknown, allow: object = {}): Rule & Settled {
  const charges: string[] = [];
  ids += 1;
  const authorizer = {
    authorize: () => ({ outcome: 'allow', charge: name, ...allow }),
    settle: (charge: string, { bytes }: { readonly bytes: number }) => {
      charges.push(`${charge} ${bytes}`);
      return settled();
    },
  } as unknown as Authorizer;
  return { type: 'rule', id: ids, name, at: name, authorizer, basis: () => 0, charges };
}

interface Settled {
  /** What it was asked to settle so far. */
  readonly charges: readonly string[];
}

const fine = () => ({ outcome: 'settled' });
const any = (...children: Policy[]): Policy => ({ type: 'any', at: 'any', children });
const all = (...children: Policy[]): Policy => ({ type: 'all', at: 'all', children });
const not = (child: Policy): Policy => ({ type: 'not', at: 'not', child });

async function chargesOf(policy: Policy, how: AskRule = ask) {
  const verdict = await evaluate(policy, request, how);
  return verdict.outcome === 'allow' ? (verdict.charges ?? []) : [];
}

async function settled(policy: Policy): Promise<string> {
  const refusal = await settle(await chargesOf(policy), { request, bytes: 7 });
  return refusal === undefined ? 'settled' : `${refusal.outcome}: ${refusal.reason}`;
}

describe('charges', () => {
  it('are settled with what is about to be sent, in `any` by the branch alone that allowed', async () => {
    const [one, other] = [charging('one', fine), charging('other', fine)];
    assert.equal(await settled(any(one, other)), 'settled');
    assert.deepEqual([one.charges, other.charges], [['one 7'], []]);
  });

  it('are settled by each branch of `all`, also of the one without a principal', async () => {
    const principal = { kind: 'plugin', name: 'x' };
    const [one, other] = [charging('one', fine), charging('other', fine, { principal })];
    assert.equal(await settled(all(one, other)), 'settled');
    assert.deepEqual([one.charges, other.charges], [['one 7'], ['other 7']]);
  });

  it('end at the first that refuses', async () => {
    const refuse = () => ({ outcome: 'refused', reason: 'it is used up' });
    const rules = [charging('a', fine), charging('b', refuse), charging('c', fine)] as const;
    assert.equal(await settled(all(...rules)), 'deny: it is used up');
    assert.deepEqual(
      rules.map(({ charges }) => charges.length),
      [1, 1, 0],
    );
  });

  it('are of nobody who was not let in', async () => {
    const denied: Policy = { ...charging('x', fine), type: 'rule', name: 'no' };
    const no = { ...denied, authorizer: { authorize: () => ({ outcome: 'deny', reason: 'no' }) } };
    assert.deepEqual(await chargesOf(all(charging('one', fine), no as Rule)), []);
    assert.deepEqual(await chargesOf(not(charging('one', fine))), []);
    assert.deepEqual(await chargesOf(not(no as Rule)), []);
  });

  it('T64 are lost by no `not` on a `not`: what would be, is a fault', async () => {
    const one = charging('one', fine);
    for (const twice of [
      not(not(one)),
      not(any(not(one))),
      not(all(not(one))),
      not(not(not(one))),
    ]) {
      const verdict = await evaluate(twice, request, ask);
      assert.equal(verdict.outcome, 'fault');
      assert.match(verdict.reason, /^one allowed for a charge, which/);
    }
    assert.equal((await evaluate(not(one), request, ask)).outcome, 'deny');
    assert.deepEqual(one.charges, []);
  });

  it('are settled each time, though the decision was remembered', async () => {
    const remember = { seconds: 60, scope: 'distribution' };
    const rule = charging('one', fine, { remember });
    const memory = new DecisionMemory({ secondsMax: 60, entriesMax: 10 });
    let asked = 0;
    const counting: AskRule = (...given) => {
      asked += 1;
      return ask(...given);
    };
    for (let time = 0; time < 3; time += 1) {
      await settle(await chargesOf(rule, withMemory(counting, memory)), { request, bytes: time });
    }
    assert.equal(asked, 1);
    assert.deepEqual(rule.charges, ['one 0', 'one 1', 'one 2']);
  });

  const faults: readonly (readonly [string, () => unknown])[] = [
    ['throws', () => assert.fail('the store is away')],
    ['rejects', () => Promise.reject(new Error('the store is away'))],
    ['gives nothing', () => undefined],
    ['gives true', () => true],
    ['gives a text', () => 'settled'],
    ['gives a decision', () => ({ outcome: 'allow' })],
    ['refuses without a reason', () => ({ outcome: 'refused' })],
    ['never answers', () => new Promise(() => {})],
  ];
  for (const [what, answer] of faults) {
    it(`T60 are a fault, and nothing is settled, where the plugin ${what}`, async () => {
      assert.match(await settled(charging('one', answer)), /^fault: rule one could not settle/);
    });
  }

  it('T60 are a fault where nobody waits any more', async () => {
    const charges = await chargesOf(charging('one', () => new Promise(() => {})));
    const asker = { signal: AbortSignal.abort() };
    const refusal = await settle(charges, { request, bytes: 1 }, asker);
    assert.match(refusal?.reason ?? '', /nobody waits for its answer/);
  });

  it('T60 are refused where the rule cannot settle, or the charge is none', async () => {
    const { settle: _, ...authorizer } = charging('one', fine).authorizer;
    const rules: Rule[] = [
      { ...charging('one', fine), authorizer },
      charging('one', fine, { charge: '' }),
      charging('one', fine, { charge: 5 }),
      charging('one', fine, { charge: { id: 5 } }),
      charging('one', fine, { charge: 'x'.repeat(chargeCharactersMax + 1) }),
    ];
    for (const rule of rules) {
      assert.equal((await evaluate(rule, request, ask)).outcome, 'fault');
    }
    const long = charging('one', fine, { charge: 'x'.repeat(chargeCharactersMax) });
    assert.equal((await evaluate(long, request, ask)).outcome, 'allow');
  });
});
