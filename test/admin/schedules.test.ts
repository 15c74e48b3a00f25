/** `portcullis-admin … repo sync|publish schedules …` with the real API. */

import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { Client } from '../api/client.ts';
import { yumRepository } from '../api/repository-fixture.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

const nightly = '2030-01-02T00:00:00Z/P1D';
const hourly = '2030-01-01T00:00:00Z/PT1H';

testWithRealApi('schedules', (given) => {
  const named = ['--repo-id', 'zoo'];
  const idOf = (told: string): string =>
    /^Schedule \[([\w-]+)\] successfully created\n$/.exec(told)?.[1] ?? told;

  before(async () => {
    const client = new Client(given().real.api);
    await client.ok(201, 'POST', '/v2/repositories/', { body: yumRepository('zoo') });
  });

  for (const what of ['sync', 'publish'] as const) {
    const schedules = (verb: string, ...more: readonly string[]) => [
      ...asAdmin,
      ...['rpm', 'repo', what, 'schedules', verb],
      ...more,
    ];

    it(`portcullis-admin has a repository ${what} again and again, and changes and ends that`, async () => {
      const { run, ok, json, refused } = given();
      assert.match(await ok(...schedules('list', ...named)), /^None\.$/m);
      const none = await run(schedules('next', ...named));
      assert.deepEqual([none.code, none.out, none.err], [0, '', 'Nothing is due.\n']);
      const threshold = ['--failure-threshold', '3'];
      const night = idOf(await ok(...schedules('create', ...named, '-s', nightly, ...threshold)));
      const hour = idOf(await ok(...schedules('create', ...named, '--schedule', hourly)));
      const listed = await ok(...schedules('list', ...named));
      const row = `^${night} +${nightly} +enabled +2030-01-02T00:00:00Z +- +0 +0$`;
      assert.match(listed, new RegExp(row, 'm'));
      const details = await ok(...schedules('list', ...named, '--details'));
      assert.match(details, new RegExp(`^Id: +${hour}$`, 'm'));
      assert.match(details, /^Failure Threshold: +3$/m);
      const next = await run(schedules('next', ...named));
      const due = '2030-01-01T00:00:00Z';
      assert.deepEqual([next.out, next.err], [`${due}\n`, `The next ${what} is due at ${due}.\n`]);

      const change = schedules('update', ...named, '--schedule-id', hour);
      assert.equal(
        await ok(...change, '--enabled', 'false'),
        `Schedule [${hour}] successfully updated\n`,
      );
      assert.match(
        await ok(...schedules('list', ...named)),
        new RegExp(`^${hour} .+ disabled +- `, 'm'),
      );
      assert.equal((await run(schedules('next', ...named))).out, '2030-01-02T00:00:00Z\n');
      const again = await json(...change, '--enabled=true', '-s', `R2/${nightly}`, ...threshold);
      assert.deepEqual(
        [again.enabled, again.remaining_runs, again.failure_threshold],
        [true, 2, 3],
      );
      assert.equal((await json(...change, '--failure-threshold=')).failure_threshold, null);

      for (const id of [night, hour]) {
        const gone = schedules('delete', ...named, '--schedule-id', id);
        assert.equal(await ok(...gone), `Schedule [${id}] successfully deleted\n`);
        await refused(65, new RegExp(`\\n {2}${id} \\(schedule_id\\)\\n$`), ...gone);
      }
      await refused(65, /\(schedule_id\)/, ...change, '--enabled', 'true');
    });

    it(`portcullis-admin says why nothing would ${what}`, async () => {
      const { refused } = given();
      const create = schedules('create', ...named);
      for (const interval of ['daily', '2030-01-01T00:00:00Z/PT1S', 'x\u001b[2J']) {
        await refused(
          65,
          /^Invalid Request\nInvalid properties: \['schedule'\]/,
          ...create,
          '-s',
          interval,
        );
      }
      const zero = [...create, '-s', nightly, '--failure-threshold', '0'];
      await refused(65, /\['failure_threshold'\]/, ...zero);
      for (const [message, ...wrong] of [
        [/^Cannot use --failure-threshold: expected a whole number/, '--failure-threshold', 'x'],
        [/^Cannot use --enabled: expected true or false/, '--enabled', 'yes'],
      ] as const) {
        await refused(64, message, ...create, '-s', nightly, ...wrong);
      }
      const nothing = schedules('update', ...named, '--schedule-id', 'x');
      await refused(64, /^Cannot update the schedule: give --schedule, /, ...nothing);
      for (const verb of ['list', 'next']) {
        const missing = /\n {2}nothing \(repository\)\n/;
        await refused(65, missing, ...schedules(verb, '--repo-id', 'nothing'));
        // The same repository has no importer and no distributor of another type.
        const other = [...asAdmin, 'iso', 'repo', what, 'schedules', verb, ...named];
        await refused(65, /\n {2}iso_\w+ \(\w+_id\)\n/, ...other);
      }
    });
  }
});
