/** What Pulp 2 has and Portcullis has not. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { replaceParameters } from '../../src/api/route.ts';
import type { GivenApi } from './contract.ts';

export function testLeftOut(given: () => GivenApi): void {
  it('api answers 501 with a sentence where Pulp 2 has what Portcullis has not', async () => {
    const { client, api } = given();
    const routes = api.routes.filter(({ answer }) => answer.status === 501);
    assert.ok(routes.length >= 30, String(routes.length));
    for (const { method, path } of routes) {
      const target = replaceParameters(path, () => 'some-name');
      const refused = await client.refused(501, 'PLP0014', method, target, { body: 'no JSON' });
      assert.match(refused.error_message, /^[A-Z].*\. .*\.$/, path);
      assert.equal(typeof refused.operation_name, 'string');
    }
  });
}
