import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluateWithHold, type Hold } from '../../src/access/hold.ts';
import { createAskRule, type Policy, type Rule } from '../../src/access/policy.ts';
import type { Authorizer, Decision } from '../../src/plugin.ts';
import { accessRequest } from '../support/evidence.ts';

const ask = createAskRule(1000);

function rule(answer: Decision, more: Partial<Authorizer> = {}, basis = () => 0): Rule {
  const authorizer: Authorizer = { authorize: () => answer, ...more };
  return { type: 'rule', id: 1, name: answer.outcome, at: answer.outcome, authorizer, basis };
}

const any = (...children: Policy[]): Policy => ({ type: 'any', at: 'any', children });
const all = (...children: Policy[]): Policy => ({ type: 'all', at: 'all', children });
const not = (child: Policy): Policy => ({ type: 'not', at: 'not', child });
const named = (current: () => Policy): Policy => ({ type: 'policy', at: 'p', name: 'p', current });

const byEvidence = { decidesByEvidenceAlone: true };
const long = { seconds: 60, scope: 'distribution' } as const;
const short = { seconds: 3, scope: 'path' } as const;
const always = { seconds: Number.POSITIVE_INFINITY, scope: 'distribution' } as const;

const yes = (): Rule => rule({ outcome: 'allow' });
const yesLong = (): Rule => rule({ outcome: 'allow', remember: long });
const yesShort = (): Rule => rule({ outcome: 'allow', remember: short });
const yesAlways = (): Rule => rule({ outcome: 'allow' }, byEvidence);
const no = (): Rule => rule({ outcome: 'deny', reason: 'no' });
const noLong = (): Rule => rule({ outcome: 'deny', reason: 'no', remember: long });
const noAlways = (): Rule => rule({ outcome: 'deny', reason: 'no' }, byEvidence);
const silent = (): Rule => rule({ outcome: 'abstain' });

async function holdOf(policy: Policy | undefined): Promise<Hold | undefined> {
  return (await evaluateWithHold(policy, accessRequest(), ask)).hold;
}

describe('evaluateWithHold', () => {
  for (const [name, policy, expected] of [
    ['a rule holds as long as it says', yesLong(), long],
    ['a rule that says nothing holds no longer', yes(), undefined],
    ['a rule that goes by the evidence alone holds always', yesAlways(), always],
    ['a denial has no hold', noLong(), undefined],
    ['all holds as the one of its members that holds least', all(yesLong(), yesAlways()), long],
    ['all is for a path when one member is', all(yesAlways(), yesShort(), yesLong()), short],
    ['all holds no longer when one member does not', all(yesLong(), yes()), undefined],
    ['any holds as the member that allows', any(no(), silent(), yesLong(), yesShort()), long],
    ['any holds no longer when the member does not', any(yes(), yesLong()), undefined],
    ['not holds as the denial', not(noLong()), long],
    ['not holds no longer than a denial that does not', not(no()), undefined],
    ['not of any needs each denial', not(any(noAlways(), noLong())), long],
    ['not of any holds no longer when one does not', not(any(noLong(), no())), undefined],
    [
      'not of any is nothing to go by where a member says nothing',
      not(any(noLong(), silent())),
      undefined,
    ],
    ['not of all needs those that were asked', not(all(yesShort(), noLong(), yes())), short],
    ['an empty any is refused always', not(any()), always],
    ['a name holds as its policy', named(yesLong), undefined],
    ['T59 no policy has no hold', undefined, undefined],
    ['what cannot be used has no hold', { type: 'unusable', at: 'u', reason: 'gone' }, undefined],
  ] as const satisfies readonly (readonly [string, Policy | undefined, Hold | undefined])[]) {
    it(`evaluateWithHold: ${name}`, async () => {
      assert.deepEqual(await holdOf(policy), expected);
    });
  }

  it('evaluateWithHold goes through the name of a policy, unless it is exchanged meanwhile', async () => {
    const policy = all(yesLong());
    assert.deepEqual(await holdOf(named(() => policy)), long);
    let calls = 0;
    const exchanged = named(() => {
      calls += 1;
      return calls === 1 ? policy : any();
    });
    assert.equal(await holdOf(exchanged), undefined);
  });

  it('T64 evaluateWithHold never holds what is charged, and beside a rule that charges only for the path', async () => {
    const settle = { settle: () => ({ outcome: 'settled' }) as const };
    const charged = rule({ outcome: 'allow', charge: 'x', remember: long }, settle);
    assert.equal(await holdOf(charged), undefined);
    assert.equal(await holdOf(all(yesLong(), charged)), undefined);
    const refused = rule({ outcome: 'deny', reason: 'no' }, settle);
    assert.deepEqual(await holdOf(any(refused, yesLong())), { seconds: 60, scope: 'path' });
    assert.deepEqual(await holdOf(any(yesLong(), refused)), long);
  });

  it('T67 evaluateWithHold holds nothing while it is not known what a rule goes by', async () => {
    const unknown = rule({ outcome: 'allow', remember: long }, {}, () => undefined as never);
    const { verdict, hold } = await evaluateWithHold(unknown, accessRequest(), ask);
    assert.equal(verdict.outcome, 'allow');
    assert.equal(hold, undefined);
  });

  it('T60 evaluateWithHold holds no fault', async () => {
    const broken = rule(
      { outcome: 'allow', remember: long },
      { authorize: () => 'allow' as never },
    );
    const { verdict, hold } = await evaluateWithHold(any(broken, no()), accessRequest(), ask);
    assert.equal(verdict.outcome, 'fault');
    assert.equal(hold, undefined);
    assert.equal(await holdOf(not(broken)), undefined);
  });
});
