import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { policyDepthMax, policyNodesMax } from '../../src/config/policy.ts';
import { policyPathsMax } from '../../src/config/settings/distributions.ts';
import { policiesMax } from '../../src/config/settings/policies.ts';
import { loadRight, problemsOf } from './support.ts';

function text(policies: object, access: unknown, paths: unknown = []): string {
  return JSON.stringify({
    policies,
    distributions: [{ relativeUrl: 'a', root: '/srv/a', access, paths }],
  });
}

const named = (name: string) => ({ policy: name });

/** Policies of which each refers to the next; the last is public. */
function chain(length: number): object {
  const names = Array.from({ length }, (_, index) => `p${index}`);
  return Object.fromEntries(
    names.map((name, index) => [name, index === length - 1 ? 'public' : named(`p${index + 1}`)]),
  );
}

describe('policies with names', () => {
  it('loadConfiguration reads policies by name, and references to them', async () => {
    const { policies, distributions } = await loadRight(
      text({ staff: 'public' }, { any: [named('staff')] }),
    );
    assert.deepEqual(
      policies.map(({ name, access }) => [name, access.at]),
      [['staff', 'policies.staff.public']],
    );
    const access = distributions[0]?.access;
    assert.deepEqual(access?.type === 'any' && access.children, [
      { type: 'policy', name: 'staff', at: 'distributions[0].access.any[0].policy' },
    ]);
  });

  it('T59 a reference to a policy that is not there is refused, with the names there are', async () => {
    assert.deepEqual(
      await problemsOf(text({ staff: 'public', guests: 'public' }, named('sales'))),
      [
        'distributions[0].access.policy: Cannot use the policy sales: there is none of that name; there are staff, guests',
      ],
    );
    assert.match((await problemsOf(text({}, named('sales')))).join(), /no policy has a name/);
  });

  it('a circle of references is refused at each name that is in it', async () => {
    const problems = await problemsOf(text({ a: named('b'), b: { not: named('a') } }, 'public'));
    assert.deepEqual(problems, [
      'policies.a.policy: Cannot use the policy a: it leads back to itself (a, b, a)',
      'policies.b.not.policy: Cannot use the policy b: it leads back to itself (b, a, b)',
    ]);
  });

  it('a policy may nest to the limit with what it refers to, and not deeper', async () => {
    // The distribution's own reference is one level more, and so is the last policy's rule.
    await loadRight(text(chain(policyDepthMax - 1), named('p0')));
    const problems = await problemsOf(text(chain(policyDepthMax), named('p0')));
    assert.match(problems.join(), /nests deeper than 16 levels/);
    const long = await problemsOf(text(chain(5000), 'public'));
    assert.match(long[0] ?? '', /nests deeper than 16 levels/);
  });

  it('a few lines cannot stand for a huge tree: what is referred to counts as often', async () => {
    const list = (count: number, item: unknown) => ({
      any: Array.from({ length: count }, () => item),
    });
    // 1 for the list, and for each item 1 and the 10 that it refers to.
    const policies = { ten: list(9, 'public') };
    const fits = (policyNodesMax - 1) / 11;
    await loadRight(text(policies, list(Math.floor(fits), named('ten'))));
    const problems = await problemsOf(text(policies, list(Math.ceil(fits) + 1, named('ten'))));
    assert.match(problems.join(), /more than 1000 nodes/);
  });

  it('a configuration may have as many names as the limit, and not one more', async () => {
    const names = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, 'public']));
    assert.equal(
      (await loadRight(text(names(policiesMax), 'public'))).policies.length,
      policiesMax,
    );
    assert.match(
      (await problemsOf(text(names(policiesMax + 1), 'public'))).join(),
      /at most 10000/,
    );
  });

  for (const name of ['Staff', 'a.b', '', '__proto__', 'x'.repeat(65), '-a']) {
    it(`the name ${JSON.stringify(name.slice(0, 12))} of a policy is refused`, async () => {
      const problems = await problemsOf(
        `{"policies": {${JSON.stringify(name)}: "public"}, "distributions": []}`,
      );
      assert.match(problems.join(), /expected the name of a policy/);
    });
  }
});

describe('paths of a distribution', () => {
  it('loadConfiguration reads paths with a policy of their own', async () => {
    const { distributions } = await loadRight(
      text({}, 'public', [{ path: 'private/rpms', access: { not: 'public' } }]),
    );
    assert.deepEqual(
      distributions[0]?.paths.map(({ path, access }) => [path, access.at]),
      [['private/rpms', 'distributions[0].paths[0].access.not']],
    );
  });

  for (const [what, paths] of Object.entries({
    'with a leading slash': [{ path: '/a', access: 'public' }],
    'with a closing slash': [{ path: 'a/', access: 'public' }],
    'with a dot segment': [{ path: 'a/../b', access: 'public' }],
    'that is empty': [{ path: '', access: 'public' }],
    'without access': [{ path: 'a' }],
    'that is there twice': [
      { path: 'a', access: 'public' },
      { path: 'a', access: { not: 'public' } },
    ],
  })) {
    it(`T59 a path ${what} is refused`, async () => {
      const problems = await problemsOf(text({}, 'public', paths));
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', /^distributions\[0\]\.paths\[\d\]/);
    });
  }

  it('a distribution may have as many paths as the limit, and not one more', async () => {
    const paths = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ path: `p${index}`, access: 'public' }));
    await loadRight(text({}, 'public', paths(policyPathsMax)));
    assert.equal((await problemsOf(text({}, 'public', paths(policyPathsMax + 1)))).length, 1);
  });
});
