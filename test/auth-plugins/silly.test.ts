import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/silly/index.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { accessRequest } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';

const never = new AbortController().signal;

for (const answer of ['allow', 'deny', 'abstain']) {
  testAuthorizer({
    plugin,
    options: () => ({ answer }),
    services: () => testServices('/'),
    wrongOptions: [{ answer: 'yes' }, { answer: true }, { answer: ['allow'] }],
    letsInStrangers: answer === 'allow',
  });
}

describe('silly', () => {
  it('gives the answer that it is told, and logs when that is to allow', async () => {
    for (const answer of ['allow', 'deny', 'abstain']) {
      const services = testServices('/');
      const authorizer = await plugin.create(plugin.parseOptions({ answer }), services);
      const decision = await authorizer.authorize(accessRequest(), never);
      assert.equal(decision.outcome, answer);
      assert.equal(services.lines.length, answer === 'allow' ? 1 : 0);
    }
  });
});
