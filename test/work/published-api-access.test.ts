/** The access of what is published, as it is set, explained and previewed over the API. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { administer, asAdministrator, configurationIn } from '../support/administered.ts';
import { until } from '../support/processes.ts';
import { createPublishingSite } from '../support/published.ts';
import { runWork } from './running-work.ts';

test('the access that the API sets for a published URL is served, explained and previewed', async () => {
  await using site = await createPublishingSite();
  const { settings } = site;
  const file = (name: string): string => `${site.directory}/${name}`;
  const directory = { path: site.directory, file, settings, [Symbol.dispose]: () => {} };
  const listen = { uwsgi: { address: `unix:${file('uwsgi.sock')}` } };
  const written = { ...settings, listen, roles: ['content', 'api'] };
  await administer(await configurationIn(directory, written));
  await using running = await runWork(directory, written);
  await site.publish('acme/el9', { 'a.txt': 'one' });
  const target = '/pulp/repos/acme/el9/a.txt';
  const becomes = (status: number): Promise<void> =>
    until(
      `it answers ${status}`,
      async () => (await running.call('GET', target)).status === status,
    );
  const call = async (method: string, path: string, sent?: object) => {
    const body = sent && JSON.stringify(sent);
    const options = { authorization: asAdministrator, ...(body !== undefined && { body }) };
    const answer = await running.call(method, `/pulp/api/v2/${path}`, options);
    assert.equal(answer.status, 200, answer.body.toString());
    return JSON.parse(answer.body.toString());
  };
  await becomes(403);
  const access = 'distributions/acme/el9/access/';
  assert.equal((await call('GET', access)).is_set, false);
  const preview = await call('POST', 'access/preview/', { url: target, access: 'public' });
  assert.deepEqual([preview.outcome, preview.distribution], ['allow', 'acme/el9']);
  await becomes(403);
  await call('PUT', access, { access: 'public', paths: [] });
  await becomes(200);
  const explained = await call('POST', 'access/explain/', { url: target });
  assert.deepEqual([explained.outcome, explained.status], ['allow', 200]);
  await call('PUT', access, { access: { not: 'public' }, paths: [] });
  await becomes(403);
});
