import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EntryWriter } from '../../src/audit/entry-writer.ts';
import { UsageWriter } from '../../src/audit/usage-writer.ts';
import { guarded, open } from '../api/test-play.ts';
import { decision, epoch, someFields } from '../audit/decisions.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

testWithRealApi('explaining and the decision log', (given) => {
  it('portcullis-admin explains what a client would get, and why', async () => {
    const { ok, json, refused } = given();
    const explain = [...asAdmin, 'access', 'explain'] as const;
    const shown = await ok(...explain, '--url', guarded, '--address', '10.0.0.1');
    assert.match(shown, /^Outcome: +deny$/m);
    assert.match(shown, /^Status: +401$/m);
    assert.match(
      shown,
      /^Rules:\n(?: *\w+ \([a-z ]+\).*\n)* +password \(deny\): no user name and password were sent$/m,
    );
    assert.match(shown, /^Revocation Bounds:\n(?: {2}a change .+\n)+$/m);
    assert.match(shown, /WWW-Authenticate: +Basic realm/i);
    const allowed = await json(...explain, '--url', guarded, '--user', 'alice');
    assert.deepEqual([allowed.status, allowed.request.password], [200, 'assumed']);
    const plain = await json(...explain, '--url', open, '--plain-http', '--method', 'HEAD');
    assert.deepEqual([plain.request.secure, plain.request.method], [false, 'HEAD']);
    await refused(64, /give either --url or --request-id/, ...explain);
    await refused(
      65,
      /^Not Found\n.*\n {2}unknown \(request_id\)\n.*audit\.inStore, a second later;/,
      ...explain,
      '--request-id',
      'unknown',
    );
  });

  it('portcullis-admin searches the decision log, and explains a request of it', async () => {
    const { ok, json, real } = given();
    const writer = new EntryWriter(async () => real.api.parts.store);
    const denied = { path: guarded, outcome: 'deny', status: 401, principal: undefined } as const;
    for (let at = 0; at < 60; at += 1) writer.add(decision(at));
    writer.add(decision(60, { ...denied, requestId: 'the-denied', reason: 'it was\nwrong' }));
    await writer.flush();
    const log = [...asAdmin, 'access', 'log'] as const;
    const shown = await ok(...log, '--outcome', 'deny');
    assert.match(shown, /2026-11-21T12:00:00\.060Z +deny +401 +ann +\/pulp\/repos\/guarded/);
    assert.match(shown, /it was wrong/);
    assert.equal((await json(...log)).entries.length, 50);
    const all = await json(...log, '--limit', '2000', '--path', '/pulp/repos/acme');
    assert.deepEqual([all.entries.length, all.next], [60, null]);
    const explained = await ok(...asAdmin, 'access', 'explain', '--request-id', 'the-denied');
    assert.match(explained, /^Request Id: +the-denied$/m);
    assert.match(explained, /^Not Kept: +password$/m);
  });

  it('portcullis-admin tells downloads and bytes', async () => {
    const { ok, json, real, refused } = given();
    const writer = new UsageWriter(async () => real.api.parts.store);
    writer.count(someFields, new Date(epoch));
    await writer.flush();
    const usage = [
      ...asAdmin,
      'access',
      'usage',
      '--from',
      '2026-11-21',
      '--until',
      '2026-11-22',
    ] as const;
    assert.match(await ok(...usage), /acme\/el9 +user:ann +1 +7/);
    const byTime = await json(...usage, '--by', 'time,principal', '--unit', 'hour');
    assert.deepEqual(byTime.usage, [
      {
        time: '2026-11-21T12:00:00.000Z',
        distribution: null,
        principal: 'user:ann',
        downloads: 1,
        bytes: 7,
      },
    ]);
    await refused(65, /^Invalid Request\n/, ...usage, '--by', 'moon');
  });
});
