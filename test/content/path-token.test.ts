import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DecisionMemory } from '../../src/access/memory.ts';
import { policiesByPath } from '../../src/access/path-policies.ts';
import type { Policy, Rule } from '../../src/access/policy.ts';
import { accessRequestFor, locate, type Served } from '../../src/content/decide.ts';
import { createResolver } from '../../src/content/resolve.ts';
import { newSecret } from '../../src/tokens/secret.ts';
import { evidence } from '../support/evidence.ts';

const token = newSecret();

function rule(takesPathToken: boolean): Rule {
  const authorizer = { authorize: () => ({ outcome: 'abstain' }) as const, takesPathToken };
  return { type: 'rule', id: 1, name: 'x', at: 'x', authorizer, basis: () => 0 };
}

const takes = rule(true);
const ignores = rule(false);

function served(relativeUrl: string, own: Policy | undefined, paths: Record<string, Policy> = {}) {
  const byPath = Object.entries(paths).map(([path, policy]) => ({ path, policy }));
  const policyAt = policiesByPath(own, byPath);
  return { relativeUrl, root: '/srv', listing: true, policyAt } satisfies Served;
}

const named = (current: () => Policy): Policy => ({ type: 'policy', at: 'x', name: 'n', current });
const circle: Policy = named(() => circle);
const distributions: readonly Served[] = [
  served('takes', takes),
  served('ignores', ignores),
  served('nobody', undefined),
  served('deep', {
    type: 'any',
    at: '',
    children: [ignores, { type: 'not', at: '', child: takes }],
  }),
  served(
    'named',
    named(() => takes),
  ),
  served('circle', circle),
  served('outer', takes),
  served('outer/inner', ignores),
  served('paths', ignores, { open: takes }),
];
const resolve = createResolver(['/pulp/repos/'], distributions);

/** The path that is decided about, and the token that was taken out of it. */
function located(target: string): readonly [path: string | undefined, pathToken?: string] {
  const found = locate(target, resolve, true);
  if ('refusal' in found) return [found.path];
  return found.pathToken === undefined ? [found.path] : [found.path, found.pathToken];
}

describe('a token in the path', () => {
  for (const [path, left] of [
    [`/takes/${token}/repodata/repomd.xml`, '/takes/repodata/repomd.xml'],
    [`/takes/${token}/`, '/takes/'],
    [`/takes/${token}/${token}/x`, `/takes/${token}/x`],
    [`/deep/${token}/x`, '/deep/x'],
    [`/named/${token}/x`, '/named/x'],
    [`/paths/${token}/open/x`, '/paths/open/x'],
  ] as const) {
    it(`is taken out of ${path.replaceAll(token, 'TOKEN')}`, () => {
      assert.deepEqual(located(`/pulp/repos${path}`), [`/pulp/repos${left}`, token]);
    });
  }

  for (const [what, path] of [
    ['where no rule looks at it', `/ignores/${token}/x`],
    ['where nobody has access', `/nobody/${token}/x`],
    ['where names lead on without an end', `/circle/${token}/x`],
    ['where another policy of the distribution decides', `/paths/${token}/x`],
    ['behind another segment', `/takes/sub/${token}/x`],
    ['at the end, where it would be a file', `/takes/${token}`],
    ['of another form', `/takes/${token}0/x`],
    ['without its prefix', `/takes/${token.slice(4)}/x`],
  ] as const) {
    it(`is a segment as any other ${what}`, () => {
      assert.deepEqual(located(`/pulp/repos${path}`), [`/pulp/repos${path}`]);
    });
  }

  it('T24 leads to no file of a distribution that is served below', () => {
    const path = `/pulp/repos/outer/${token}/inner/secret`;
    assert.deepEqual(located(path), [path]);
    assert.deepEqual(located(`/pulp/repos/outer/${token}/innermost`), [
      '/pulp/repos/outer/innermost',
      token,
    ]);
  });

  it('T62 is none where it was escaped, which no log would mask', () => {
    const escaped = `%70${token.slice(1)}`;
    for (const target of [`/takes/${escaped}/x`, `/takes/${escaped}/x?${token}`]) {
      assert.deepEqual(located(`/pulp/repos${target}`), [`/pulp/repos/takes/${token}/x`]);
    }
  });

  it('T62 is masked where it leads nowhere, and in no redirect', () => {
    assert.deepEqual(located(`/elsewhere/${token}/x`), ['/elsewhere/pct_[secret]/x']);
    for (const [target, location] of [
      [`/pulp/repos/takes/${token}/./Packages`, './Packages'],
      [`/pulp/repos/takes/${token}/./a%20b/`, './'],
      ['/pulp/repos/takes/./Packages', '/pulp/repos/takes/Packages'],
    ] as const) {
      const found = locate(target, resolve, true);
      assert.ok('refusal' in found);
      assert.equal(found.refusal.location, location);
      assert.equal(found.path, undefined);
    }
  });

  it('T66 is evidence of the request, so that no decision of one is remembered for another', () => {
    const memory = new DecisionMemory({ secondsMax: 60, entriesMax: 10 });
    const requestWith = (secret: string) => {
      const target = locate(`/pulp/repos/takes/${secret}/x`, resolve, true);
      assert.ok(!('refusal' in target));
      return accessRequestFor(target, 'GET', evidence());
    };
    const request = requestWith(token);
    assert.equal(request.evidence.pathToken, token);
    assert.equal(request.path, '/pulp/repos/takes/x');
    assert.equal(request.pathInDistribution, '/x');
    assert.ok(Object.isFrozen(request.evidence));
    const remember = { seconds: 60, scope: 'distribution' } as const;
    memory.keep(1, request, { outcome: 'allow', remember });
    assert.equal(memory.recall(1, requestWith(token))?.outcome, 'allow');
    assert.equal(memory.recall(1, requestWith(newSecret())), undefined);
    const plain = locate('/pulp/repos/takes/x', resolve, true);
    assert.ok(!('refusal' in plain));
    assert.equal(memory.recall(1, accessRequestFor(plain, 'GET', evidence())), undefined);
  });
});
