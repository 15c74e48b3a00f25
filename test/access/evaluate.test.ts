import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate } from '../../src/access/evaluate.ts';
import { createAskRule, type Policy, type Rule } from '../../src/access/policy.ts';
import type { Authorizer, Principal } from '../../src/plugin.ts';
import { accessRequest } from '../support/evidence.ts';

const timeLimitMs = 50;
const alice: Principal = { kind: 'basic', name: 'alice' };

function rule(name: string, authorize: (...args: never[]) => unknown): Rule {
  return {
    type: 'rule',
    id: 1,
    name,
    at: name,
    authorizer: { authorize } as unknown as Authorizer,
    basis: () => 0,
  };
}

const yes = rule('yes', () => ({ outcome: 'allow' }));
const aliceOnly = rule('alice', () => ({ outcome: 'allow', principal: alice }));
const no = rule('no', () => ({ outcome: 'deny', reason: 'no means no' }));
const login = rule('login', () => ({ outcome: 'deny', reason: 'who?', challenge: 'basic' }));
const token = rule('token', () => ({ outcome: 'deny', reason: 'what?', challenge: 'bearer' }));
const either = rule('either', () => ({
  outcome: 'deny',
  reason: 'who or what?',
  challenge: ['basic', 'bearer'],
}));
const later = rule('later', () => ({ outcome: 'deny', reason: 'slow down', retryAfterSeconds: 9 }));
const silent = rule('silent', () => ({ outcome: 'abstain' }));
const broken = rule('broken', () => {
  throw new Error('the database is down');
});

const any = (...children: Policy[]): Policy => ({ type: 'any', at: 'any', children });
const all = (...children: Policy[]): Policy => ({ type: 'all', at: 'all', children });
const not = (child: Policy): Policy => ({ type: 'not', at: 'not', child });

const ask = createAskRule(timeLimitMs);
const verdictOf = (policy: Policy | undefined) => evaluate(policy, accessRequest(), ask);

/** Policy, outcome, and for a denial which credentials could help, or waiting. */
type Shown = 'allow' | 'deny' | `deny+${'basic' | 'bearer' | '9s'}` | 'deny+basic+bearer' | 'fault';
const table: readonly [string, Policy, Shown][] = [
  ['a rule that allows', yes, 'allow'],
  ['a rule that denies', no, 'deny'],
  ['a rule that abstains', silent, 'deny'],
  ['a rule that throws', broken, 'fault'],
  ['any(no, yes)', any(no, yes), 'allow'],
  ['any(broken, yes)', any(broken, yes), 'allow'],
  ['any(yes, broken)', any(yes, broken), 'allow'],
  ['any(no, broken)', any(no, broken), 'fault'],
  ['any(silent)', any(silent), 'deny'],
  ['not(any(silent))', not(any(silent)), 'deny'],
  ['not(any(silent, no)): one said no', not(any(silent, no)), 'allow'],
  ['not(all(yes, silent))', not(all(yes, silent)), 'deny'],
  ['not(any(all(silent), silent))', not(any(all(silent), silent)), 'deny'],
  ['any(silent, login)', any(silent, login), 'deny+basic'],
  ['any(no, login)', any(no, login), 'deny+basic'],
  ['any(login, token)', any(login, token, login), 'deny+basic+bearer'],
  ['any(either, token)', any(either, token), 'deny+basic+bearer'],
  ['all(token, login): the first is asked for', all(token, login), 'deny+bearer'],
  ['all(yes, yes)', all(yes, yes), 'allow'],
  ['all(yes, no)', all(yes, no), 'deny'],
  ['all(yes, silent)', all(yes, silent), 'deny'],
  ['all(yes, broken)', all(yes, broken), 'fault'],
  ['all(no, broken)', all(no, broken), 'deny'],
  ['all(broken, no)', all(broken, no), 'fault'],
  ['all(login, yes)', all(login, yes), 'deny+basic'],
  ['all(login, no): credentials could not help', all(login, no), 'deny'],
  ['all(no, login): credentials could not help', all(no, login), 'deny'],
  ['all(login, broken)', all(login, broken), 'deny+basic'],
  ['all(login, silent)', all(login, silent), 'deny'],
  ['any(no, later)', any(no, later), 'deny+9s'],
  ['any(later, yes)', any(later, yes), 'allow'],
  ['all(later, yes)', all(later, yes), 'deny+9s'],
  ['all(later, no): waiting could not help', all(later, no), 'deny'],
  ['not(later): not heard is not refused', not(later), 'deny+9s'],
  ['not(no)', not(no), 'allow'],
  ['not(yes)', not(yes), 'deny'],
  ['not(silent)', not(silent), 'deny'],
  ['not(broken)', not(broken), 'fault'],
  ['not(not(yes))', not(not(yes)), 'allow'],
  ['all(yes, any(no, not(no)))', all(yes, any(no, not(no))), 'allow'],
];

describe('evaluate', () => {
  for (const [name, policy, expected] of table) {
    test(`evaluate() answers ${expected} for ${name}`, async () => {
      const verdict = await verdictOf(policy);
      const challenges = verdict.outcome === 'deny' ? verdict.challenges : [];
      const challenge = challenges.map((asked) => `+${asked}`).join('');
      const wait = verdict.outcome === 'deny' ? verdict.retryAfterSeconds : undefined;
      const shown = verdict.outcome + challenge + (wait === undefined ? '' : `+${wait}s`);
      assert.equal(shown, expected);
    });
  }

  test('T59 evaluate() denies for empty trees and for no policy', async () => {
    for (const policy of [any(), all(), undefined, not(any()), any(all()), all(any())]) {
      const verdict = await verdictOf(policy);
      // `not` of a tree that denies is an allow that somebody wrote; the configuration refuses
      // empty trees, so it can only be reached through this function.
      if (policy?.type === 'not') assert.equal(verdict.outcome, 'allow');
      else assert.equal(verdict.outcome, 'deny');
    }
  });

  test('evaluate() names the principal of the first rule that found one', async () => {
    assert.deepEqual(await verdictOf(all(yes, aliceOnly, yes)), {
      outcome: 'allow',
      principal: alice,
      rule: 'alice',
    });
  });

  test('evaluate() says every reason when all branches of `any` refuse', async () => {
    const verdict = await verdictOf(any(no, login));
    assert.equal(verdict.outcome === 'deny' && verdict.reason, 'no means no; who?');
  });

  test('evaluate() asks no rule after the one that decided', async () => {
    let asked = 0;
    const counter = rule('counter', () => {
      asked += 1;
      return { outcome: 'allow' };
    });
    await verdictOf(any(yes, counter));
    await verdictOf(all(no, counter));
    assert.equal(asked, 0);
  });
});

describe('T60 a plugin that misbehaves never lets anybody in', () => {
  const answers: readonly [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['true', true],
    ['"true"', 'true'],
    ['"allow"', 'allow'],
    ['1', 1],
    ['an empty object', {}],
    ['{allow: true}', { allow: true }],
    ['{outcome: true}', { outcome: true }],
    ['{outcome: ["allow"]}', { outcome: ['allow'] }],
    ['{outcome: "Allow"}', { outcome: 'Allow' }],
    ['an array', ['allow']],
    ['a function', () => ({ outcome: 'allow' })],
    ['an allow with a principal that is none', { outcome: 'allow', principal: 'root' }],
    [
      'an allow with a label that is no text',
      { outcome: 'allow', principal: { kind: 'plugin', name: 'a', label: {} } },
    ],
    [
      'an allow remembered for ever',
      { outcome: 'allow', remember: { seconds: -1, scope: 'path' } },
    ],
    ['an allow remembered NaN', { outcome: 'allow', remember: { seconds: NaN, scope: 'path' } }],
    ['an allow of unknown scope', { outcome: 'allow', remember: { seconds: 1, scope: 'all' } }],
    ['a denial without a reason', { outcome: 'deny' }],
    ['a denial that asks for magic', { outcome: 'deny', reason: 'x', challenge: 'magic' }],
    ['a denial that asks for what is no text', { outcome: 'deny', reason: 'x', challenge: [{}] }],
    ['a denial for -1 s', { outcome: 'deny', reason: 'x', retryAfterSeconds: -1 }],
    ['a denial for 1.5 s', { outcome: 'deny', reason: 'x', retryAfterSeconds: 1.5 }],
  ];
  for (const [name, answer] of answers) {
    test(`T60 evaluate() makes a fault of the answer ${name}, sync and async`, async () => {
      for (const given of [() => answer, async () => answer]) {
        const verdict = await verdictOf(rule('bad', given));
        assert.equal(verdict.outcome, 'fault');
        assert.match(verdict.outcome === 'fault' ? verdict.reason : '', /rule bad failed/);
      }
    });
  }

  const boom = (): never => {
    throw new Error('boom');
  };
  const throwNothing = (): never => {
    // biome-ignore lint/style/useThrowOnlyError: a plugin may throw anything
    throw undefined;
  };
  const throwTextless = (): never => {
    throw Object.create(null);
  };
  const throwOddMessage = (): never => {
    throw Object.assign(new Error(), { message: Object.create(null) });
  };
  const failures: readonly [string, () => unknown][] = [
    ['throws', boom],
    ['throws what has no text', throwTextless],
    ['throws an error whose message is no text', throwOddMessage],
    ['throws nothing', throwNothing],
    ['rejects', () => Promise.reject(new Error('boom'))],
    // biome-ignore lint/suspicious/noThenProperty: a plugin may return anything
    ['returns a thenable that throws', () => ({ then: boom })],
    ['returns a getter that throws', () => Object.defineProperty({}, 'outcome', { get: boom })],
  ];
  for (const [name, authorize] of failures) {
    test(`T60 evaluate() makes a fault of a plugin that ${name}`, async () => {
      assert.equal((await verdictOf(rule('bad', authorize))).outcome, 'fault');
    });
  }

  test('T60 evaluate() makes a fault of a plugin that never answers, and tells it to stop', async () => {
    let signal: AbortSignal | undefined;
    const hanging = rule('hang', (_request: unknown, given: AbortSignal) => {
      signal = given;
      return new Promise(() => {});
    });
    const verdict = await verdictOf(hanging);
    assert.equal(verdict.outcome, 'fault');
    assert.match(verdict.outcome === 'fault' ? verdict.reason : '', /no answer within 0\.05 s/);
    assert.equal(signal?.aborted, true);
  });

  test('T60 an answer that comes after the time limit changes nothing', async () => {
    const late = Promise.withResolvers();
    const verdict = await verdictOf(rule('late', () => late.promise));
    late.resolve({ outcome: 'allow' });
    assert.equal(verdict.outcome, 'fault');
  });

  test('T60 a principal stays what it was when its plugin changes it later', async () => {
    const principal = { kind: 'plugin', name: 'first', label: 'The First' };
    const verdict = await verdictOf(rule('fickle', () => ({ outcome: 'allow', principal })));
    Object.assign(principal, { name: 'second', label: 'The Second' });
    assert.deepEqual(verdict.outcome === 'allow' && verdict.principal, {
      kind: 'plugin',
      name: 'first',
      label: 'The First',
    });
  });

  test('T60 a plugin that changes the request fails, and the request stays', async () => {
    const request = accessRequest();
    const meddler = rule('meddler', (given: { path: string }) => {
      given.path = '/pulp/repos/other/secret';
      return { outcome: 'allow' };
    });
    const verdict = await evaluate(meddler, request, ask);
    assert.equal(verdict.outcome, 'fault');
    assert.equal(request.path, '/pulp/repos/acme/el9/repodata/repomd.xml');
  });
});
