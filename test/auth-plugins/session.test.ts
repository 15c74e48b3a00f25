import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plugin as password } from '../../auth-plugins/password/index.ts';
import { plugin as session } from '../../auth-plugins/session/index.ts';
import type { AuthorizerPlugin, UserVerdict } from '../../src/plugin.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);
const never = new AbortController().signal;

// What the rule says of real sessions is in test/people/test-stored-rules.ts.
describe('session', () => {
  const at = new Date('2026-01-01T00:00:00Z');
  const decide = async (verdict: UserVerdict) => {
    const services = {
      ...testServices('/', () => at),
      openStoredSessions: async () => ({ verify: async () => verdict }),
    };
    const rule = await session.create(session.parseOptions({ users: ['ann'] }), services);
    const certificate = {
      der: new Uint8Array(),
      fingerprint: '0'.repeat(64),
      intermediates: [],
      vouchedBy: 'front' as const,
    };
    return rule.authorize(accessRequest({ evidence: evidence({ certificate }) }), never);
  };

  it('remembers for a minute, and never past the end of the chain', async () => {
    const seconds = async (left: number | undefined) => {
      const until = left === undefined ? {} : { until: new Date(at.getTime() + 1000 * left) };
      const decision = await decide({
        ...{ outcome: 'admitted', user: { id: 'x', login: 'ann' } },
        ...until,
      });
      assert.ok(decision.outcome === 'allow');
      assert.deepEqual(decision.principal, { kind: 'user', name: 'ann' });
      return decision.remember?.seconds;
    };
    assert.equal(await seconds(undefined), 60);
    assert.equal(await seconds(61), 60);
    assert.equal(await seconds(60), 60);
    assert.equal(await seconds(0.5), 0.5);
    assert.equal(await seconds(0), undefined);
  });

  it('says why not, and asks for no password', async () => {
    assert.deepEqual(await decide({ outcome: 'refused', reason: 'its session has ended' }), {
      outcome: 'deny',
      reason: 'the certificate opens no session here: its session has ended',
    });
  });

  it('stops the start where there is no store', async () => {
    const options = session.parseOptions({ roles: ['staff'] });
    const make = () => Promise.try(() => session.create(options, testServices('/')));
    await assert.rejects(make(), /Cannot ask the store/);
  });
});

for (const plugin of [session, password] as readonly AuthorizerPlugin<unknown>[]) {
  describe(`${plugin.name}: users and roles of the store`, () => {
    it('takes as many and as long names as it may, and no more', () => {
      for (const list of ['users', 'roles']) {
        plugin.parseOptions({ [list]: names(1000) });
        assert.throws(() => plugin.parseOptions({ [list]: names(1001) }), /name a role instead/);
        plugin.parseOptions({ [list]: ['x'.repeat(255)] });
        assert.throws(() => plugin.parseOptions({ [list]: ['x'.repeat(256)] }), /longer than 255/);
      }
    });

    it('T59 refuses a rule that names nobody', () => {
      for (const nobody of [{}, { users: [] }, { roles: [] }, { users: ['ann'], roles: [] }]) {
        assert.throws(() => plugin.parseOptions(nobody), /names nobody/);
      }
    });
  });
}
