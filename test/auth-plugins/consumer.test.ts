import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/consumer/index.ts';
import type { ConsumerVerdict } from '../../src/plugin.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';

const never = new AbortController().signal;

// What the rule says of real consumers is in test/consumers/test-consumer-rule.ts.
describe('consumer', () => {
  const at = new Date('2026-01-01T00:00:00Z');
  const decide = async (verdict: ConsumerVerdict) => {
    const services = {
      ...testServices('/', () => at),
      openStoredConsumers: async () => ({ verify: async () => verdict }),
    };
    const rule = await plugin.create(plugin.parseOptions({ repository: 'acme' }), services);
    const certificate = {
      der: new Uint8Array(),
      fingerprint: '0'.repeat(64),
      intermediates: [],
      vouchedBy: 'front' as const,
    };
    return rule.authorize(accessRequest({ evidence: evidence({ certificate }) }), never);
  };

  it('remembers for a minute, and never past the end of the chain', async () => {
    const seconds = async (left: number, displayName?: string) => {
      const until = new Date(at.getTime() + 1000 * left);
      const decision = await decide({ outcome: 'admitted', id: 'web', displayName, until });
      assert.ok(decision.outcome === 'allow');
      const label = displayName === undefined ? {} : { label: displayName };
      assert.deepEqual(decision.principal, { kind: 'plugin', name: 'consumer:web', ...label });
      return decision.remember?.seconds;
    };
    assert.equal(await seconds(61), 60);
    assert.equal(await seconds(60, 'The web'), 60);
    assert.equal(await seconds(0.5), 0.5);
    assert.equal(await seconds(0), undefined);
  });

  it('takes the id of a repository of 255 characters, and no longer one', () => {
    const repository = 'x'.repeat(255);
    assert.deepEqual(plugin.parseOptions({ repository }), { repository });
    assert.throws(() => plugin.parseOptions({ repository: `${repository}x` }), /longer than 255/);
  });

  it('says what to do about an option that it does not know', () => {
    assert.throws(() => plugin.parseOptions({ repo: 'x' }), /no setting "repo"; there is repo/);
  });

  it('stops the start where there is no store', async () => {
    const make = () => Promise.try(() => plugin.create(plugin.parseOptions({}), testServices('/')));
    await assert.rejects(make(), /Cannot ask the store/);
  });
});
