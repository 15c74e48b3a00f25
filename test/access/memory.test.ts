import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DecisionMemory } from '../../src/access/memory.ts';
import { createAskRule, type Rule, withMemory } from '../../src/access/policy.ts';
import type { CanonicalPath, Evidence } from '../../src/model.ts';
import type { Decision } from '../../src/plugin.ts';
import { accessRequest, evidence } from '../support/evidence.ts';

const kept: Decision = { outcome: 'allow', remember: { seconds: 10, scope: 'distribution' } };

function memoryAt(
  clock: { now: number },
  limits: { secondsMax?: number; entriesMax?: number } = {},
) {
  return new DecisionMemory({
    secondsMax: 60,
    entriesMax: 100,
    monotonicNow: () => clock.now,
    ...limits,
  });
}

describe('DecisionMemory', () => {
  test('recall() finds what was kept, for the same evidence and any path of the distribution', () => {
    const memory = memoryAt({ now: 0 });
    memory.keep(1, accessRequest(), kept);
    assert.equal(memory.recall(1, accessRequest()), kept);
    assert.equal(memory.recall(1, accessRequest({ path: '/other' as CanonicalPath })), kept);
  });

  test('recall() keeps to one path when the scope is a path', () => {
    const memory = memoryAt({ now: 0 });
    memory.keep(1, accessRequest(), { outcome: 'allow', remember: { seconds: 1, scope: 'path' } });
    assert.equal(memory.recall(1, accessRequest())?.outcome, 'allow');
    assert.equal(memory.recall(1, accessRequest({ path: '/other' as CanonicalPath })), undefined);
  });

  test('keep() keeps nothing that did not ask for it', () => {
    const memory = memoryAt({ now: 0 });
    memory.keep(1, accessRequest(), { outcome: 'allow' });
    memory.keep(1, accessRequest(), { outcome: 'abstain' });
    assert.equal(memory.size, 0);
  });

  test('recall() forgets at the time asked for, and not before', () => {
    const clock = { now: 0 };
    const memory = memoryAt(clock);
    memory.keep(1, accessRequest(), kept);
    clock.now = 9_999;
    assert.equal(memory.recall(1, accessRequest()), kept);
    clock.now = 10_000;
    assert.equal(memory.recall(1, accessRequest()), undefined);
  });

  test('keep() cuts the time to secondsMax, and 0 keeps nothing', () => {
    const clock = { now: 0 };
    const memory = memoryAt(clock, { secondsMax: 2 });
    memory.keep(1, accessRequest(), kept);
    clock.now = 2_000;
    assert.equal(memory.recall(1, accessRequest()), undefined);
    const none = memoryAt(clock, { secondsMax: 0 });
    none.keep(1, accessRequest(), kept);
    assert.equal(none.size, 0);
  });

  test('keep() holds entriesMax decisions, and at one past it drops the least recently used', () => {
    const memory = memoryAt({ now: 0 }, { entriesMax: 2 });
    const first = accessRequest({ evidence: evidence({ address: '192.0.2.1' }) });
    const second = accessRequest({ evidence: evidence({ address: '192.0.2.2' }) });
    const third = accessRequest({ evidence: evidence({ address: '192.0.2.3' }) });
    memory.keep(1, first, kept);
    memory.keep(1, second, kept);
    assert.equal(memory.size, 2);
    memory.recall(1, first);
    memory.keep(1, third, kept);
    assert.equal(memory.size, 2);
    assert.equal(memory.recall(1, second), undefined);
    assert.equal(memory.recall(1, first), kept);
  });

  test('T66 recall() never crosses rules, methods, or evidence that differs in one part', () => {
    const der = Uint8Array.from([1, 2, 3]);
    const base: Partial<Evidence> = {
      basic: { user: 'alice', password: 'secret' },
      certificate: { der, fingerprint: 'aa', intermediates: [], vouchedBy: 'front' },
    };
    const memory = memoryAt({ now: 0 });
    memory.keep(1, accessRequest({ evidence: evidence(base) }), kept);
    const others: Partial<Evidence>[] = [
      { ...base, address: '192.0.2.2' },
      { ...base, address: undefined },
      { ...base, secure: false },
      { ...base, remoteUser: 'alice' },
      { ...base, bearer: 'alice' },
      { ...base, query: 'alice' },
      { ...base, query: '' },
      { ...base, basic: { user: 'alice', password: 'secres' } },
      { ...base, basic: undefined },
      { ...base, certificate: undefined },
      { ...base, certificate: { unusable: 'aa' } },
      { ...base, certificate: { der, fingerprint: 'ab', intermediates: [], vouchedBy: 'front' } },
      {
        ...base,
        certificate: { der, fingerprint: 'aa', intermediates: [der], vouchedBy: 'front' },
      },
    ];
    for (const other of others) {
      assert.equal(memory.recall(1, accessRequest({ evidence: evidence(other) })), undefined);
    }
    assert.equal(memory.recall(2, accessRequest({ evidence: evidence(base) })), undefined);
    assert.equal(
      memory.recall(1, accessRequest({ method: 'HEAD', evidence: evidence(base) })),
      undefined,
    );
    assert.equal(memory.recall(1, accessRequest({ evidence: evidence(base) })), kept);
  });

  test('T51 recall() tells (`a`, `b:c`) from (`a:b`, `c`), whatever the texts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (u1, p1, u2, p2) => {
        fc.pre(u1 !== u2 || p1 !== p2);
        const memory = memoryAt({ now: 0 });
        const of = (user: string, password: string) =>
          accessRequest({ evidence: evidence({ basic: { user, password } }) });
        memory.keep(1, of(u1, p1), kept);
        assert.equal(memory.recall(1, of(u2, p2)), undefined);
        assert.equal(memory.recall(1, of(u1, p1)), kept);
      }),
      {
        examples: [
          ['a', 'b:c', 'a:b', 'c'],
          ['', 'ab', 'a', 'b'],
          ['\ud800', '', '\udfff', ''],
        ],
      },
    );
  });
});

test('DecisionMemory gives back a decision at the version alone at which it was made', () => {
  const memory = memoryAt({ now: 0 });
  memory.keep(1, accessRequest(), kept, 7);
  assert.equal(memory.recall(1, accessRequest(), 7), kept);
  assert.equal(memory.recall(1, accessRequest(), 8), undefined);
  assert.equal(memory.recall(1, accessRequest(), 7), undefined);
});

test('withMemory() asks the plugin once for evidence seen a moment ago, and never keeps a fault', async () => {
  let asked = 0;
  const rule: Rule = {
    type: 'rule',
    id: 7,
    name: 'counted',
    at: 'counted',
    authorizer: {
      authorize: () => {
        asked += 1;
        if (asked === 1) throw new Error('not yet');
        return kept;
      },
    },
    basis: () => 0,
  };
  const ask = withMemory(createAskRule(1000), memoryAt({ now: 0 }));
  const outcomes = [];
  for (let i = 0; i < 4; i += 1) outcomes.push((await ask(rule, accessRequest())).outcome);
  assert.deepEqual(outcomes, ['fault', 'allow', 'allow', 'allow']);
  assert.equal(asked, 2);
});

test('T54 withMemory() asks again when what the rule decides by has changed, or is not known', async () => {
  let version: number | undefined = 1;
  let asked = 0;
  const rule: Rule = {
    type: 'rule',
    id: 8,
    name: 'counted',
    at: 'counted',
    authorizer: {
      authorize: () => {
        asked += 1;
        return kept;
      },
    },
    basis: () => version,
  };
  const ask = withMemory(createAskRule(1000), memoryAt({ now: 0 }));
  const askedAt = async (next: number | undefined): Promise<number> => {
    version = next;
    await ask(rule, accessRequest());
    return asked;
  };
  assert.equal(await askedAt(1), 1);
  assert.equal(await askedAt(1), 1);
  assert.equal(await askedAt(2), 2);
  assert.equal(await askedAt(2), 2);
  assert.equal(await askedAt(undefined), 3);
  assert.equal(await askedAt(undefined), 4);
  assert.equal(await askedAt(2), 4);
});

test('T54 withMemory() keeps nothing for the version that came while the rule was asked', async () => {
  let version = 1;
  let asked = 0;
  const rule: Rule = {
    type: 'rule',
    id: 9,
    name: 'slow',
    at: 'slow',
    authorizer: {
      authorize: () => {
        asked += 1;
        version = 2;
        return kept;
      },
    },
    basis: () => version,
  };
  const ask = withMemory(createAskRule(1000), memoryAt({ now: 0 }));
  for (let time = 0; time < 3; time += 1) await ask(rule, accessRequest());
  assert.equal(asked, 2);
});
