import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, denies, key } from './asking.ts';
import { makeToken } from './token-fixture.ts';

describe('the claims of a token', () => {
  it('holds the claims to every condition, and takes any of several values', async () => {
    const options = { claims: { groups: ['customers', 'staff'], scope: 'read' } };
    for (const [claims, outcome] of [
      [{ groups: ['x', 'staff'], scope: 'write read' }, 'allow'],
      [{ groups: 'customers', scope: 'read' }, 'allow'],
      [{ groups: 'customers', scope: ['read'] }, 'allow'],
      [{ groups: 'customers staff', scope: 'read' }, 'deny'],
      [{ groups: ['Customers'], scope: 'read' }, 'deny'],
      [{ groups: ['customers'], scope: 'readx' }, 'deny'],
      [{ groups: ['customers'] }, 'deny'],
      [{ groups: { customers: true }, scope: 'read' }, 'deny'],
      [{ groups: [['customers'], 5, null], scope: 'read' }, 'deny'],
      [{ groups: [], scope: 'read' }, 'deny'],
    ] as const) {
      const decision = await decide(options, { bearer: await makeToken(key, claims) });
      assert.equal(decision.outcome, outcome, JSON.stringify(claims));
    }
    const bearer = await makeToken(key, { groups: 'x', scope: 'read' });
    await denies(
      options,
      { bearer },
      /^the token of "ann" is not accepted: no "groups" of it is one/,
    );
    const none = await makeToken(key);
    await denies(options, { bearer: none }, /: it has no "groups" that is text or a list$/);
    const inherited = { claims: { toString: 'x', ['__proto__' as string]: 'x' } };
    await denies(inherited, { bearer: none }, /: it has no "toString" that is/);
  });

  it('T24 T31 lets in to the paths of a claim, by whole segments', async () => {
    const options = { pathsClaim: 'repositories' };
    const asked = { distribution: 'acme/el9', pathInDistribution: '/repodata/repomd.xml' };
    const outcomeOf = async (repositories: unknown, parts: object = {}) =>
      decide(options, { ...asked, ...parts, bearer: await makeToken(key, { repositories }) });
    for (const [grants, scope] of [
      ['acme/el9', 'distribution'],
      [['x', '/acme/el9/'], 'distribution'],
      [['acme'], 'distribution'],
      [['acme/el9/repodata'], 'path'],
      [['acme/el9/repodata/repomd.xml'], 'path'],
    ] as const) {
      const decision = await outcomeOf(grants);
      assert.ok(decision.outcome === 'allow', JSON.stringify(grants));
      assert.equal(decision.remember?.scope, scope);
    }
    for (const grants of [
      undefined,
      null,
      5,
      {},
      [],
      '',
      '/',
      '//',
      ['', '/'],
      '.',
      'acme/el',
      'acme/el99',
      'Acme/el9',
      'acme/el9/repodat',
      'acme/*',
      '*',
      'acme/el9/../el9',
      'acme//el9',
      './acme/el9',
      '//acme/el9',
      'acme/el9/repodata/repomd.xml/x',
      'el9',
      '$x/el9',
      'acme%2fel9',
    ]) {
      const decision = await outcomeOf(grants);
      assert.ok(decision.outcome === 'deny', JSON.stringify(grants));
      assert.equal(
        decision.reason,
        'no path in the "repositories" of the token of "ann" holds this one',
      );
    }
    const beside = await outcomeOf('acme/el9/repodata', { pathInDistribution: '/repodata2/x' });
    assert.equal(beside.outcome, 'deny');
    const directoryItself = await outcomeOf('acme/el9', { pathInDistribution: '/' });
    assert.equal(directoryItself.outcome, 'allow');
  });
});
