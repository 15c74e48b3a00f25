import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/public/index.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';

testAuthorizer({
  plugin,
  options: () => ({}),
  services: () => testServices('/'),
  wrongOptions: [false, 'yes', { path: '/' }],
  optionsAreOptional: true,
  letsInStrangers: true,
});

describe('public', () => {
  it('lets in whoever shows nothing, without a principal', async () => {
    for (const options of [undefined, null, {}]) {
      const authorizer = await plugin.create(plugin.parseOptions(options), testServices('/'));
      const request = accessRequest({ evidence: evidence({ address: undefined, secure: false }) });
      const decision = await authorizer.authorize(request, new AbortController().signal);
      assert.deepEqual(decision, { outcome: 'allow' });
    }
  });
});
