/** `portcullis-admin event listener …` with the real API. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { everything } from '../../src/stores/filter.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { portcullisAdmin } from './program.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

testWithRealApi('event listeners', (given) => {
  const listener = (...words: readonly string[]) => [...asAdmin, 'event', 'listener', ...words];
  const idOf = (told: string): string =>
    /^Event listener \[([0-9a-f]{24})\] successfully created\n$/.exec(told)?.[1] ?? told;

  it('portcullis-admin has URLs and the log told of events, and changes and ends it', async () => {
    const { ok, json, refused } = given();
    const url = ['--url', 'https://hooks.example.com/x'];
    const events = ['--event-type', 'repo.sync.finish', '--event-type', 'repo.publish.finish'];
    const account = ['--username', 'joe', '--password', 's3cret'];
    const http = idOf(await ok(...listener('http', 'create', ...url, ...events, ...account)));
    const log = idOf(await ok(...listener('log', 'create', '--event-type', '*')));
    const listed = await ok(...listener('list'));
    const row = `^${http} +http +https://hooks\\.example\\.com/x +repo\\.sync\\.finish, repo\\.publish\\.finish$`;
    assert.match(listed, new RegExp(row, 'm'));
    assert.match(listed, new RegExp(`^${log} +log +- +\\*$`, 'm'));
    const details = await ok(...listener('list', '--details'));
    assert.match(details, /^ {2}Password: +\*\*\*\*\*$/m);
    assert.doesNotMatch(details, /s3cret/);

    const change = listener('http', 'update', '--listener-id', http);
    const changed = await json(...change, '--event-type', 'repo.sync.start', '--password=');
    assert.deepEqual(changed.event_types, ['repo.sync.start']);
    assert.deepEqual(changed.notifier_config, { url: url[1], username: 'joe' });
    await ok(...change, '--password', 'again');
    const without = await json(...change, '--username=');
    assert.deepEqual(without.notifier_config, { url: url[1] });
    await refused(64, /^Cannot update the listener: give --event-type, /, ...change);
    const some = ['--listener-id', log, '--event-type', 'repo.sync.start'];
    await ok(...listener('log', 'update', ...some));
    const inTheLog = listener('http', 'update', '--listener-id', log, ...url);
    await refused(65, /^Invalid Request\nUnsupported properties: \['url'\]/, ...inTheLog);

    for (const id of [http, log]) {
      const told = await ok(...listener('delete', '--listener-id', id));
      assert.equal(told, `Event listener [${id}] successfully deleted\n`);
    }
    for (const [verb, ...more] of [['delete'], ['http', 'update', ...url]] as const) {
      const missing = listener(verb, ...more, '--listener-id', http);
      await refused(65, new RegExp(`\\n {2}${http} \\(event_listener\\)\\n$`), ...missing);
    }
    for (const id of ['100%', 'a%2Fb', 'x?y#z']) {
      await refused(
        65,
        /^Not Found\nThe following .+\n {2}.+ \(\w+\)\n$/,
        ...listener('delete', '--listener-id', id),
      );
    }
  });

  it('portcullis-admin says why a listener is not taken', async () => {
    const { refused } = given();
    const create = listener('http', 'create', '--event-type', '*');
    for (const url of ['file:///etc/passwd', 'https://joe:x@example.com/', 'nothing']) {
      await refused(65, /\['url'\]: it should be an http or https URL/, ...create, '--url', url);
    }
    const odd = listener('log', 'create', '--event-type', 'repo.deleted\u001b[2J');
    await refused(65, /^Invalid Request\n.*event_types/, ...odd);
    const both = ['--url', 'https://a.example/', '--password', 'x', '--ask-password'];
    await refused(64, /^Cannot use --password with --ask-password/, ...create, ...both);
  });

  it('portcullis-admin asks for the password of a listener', async () => {
    const { json, real } = given();
    using home = temporaryDirectory();
    const { host, port, caPath } = real.settings;
    const config = home.file('admin.conf');
    writeFileSync(config, `[server]\nhost: ${host}\nport: ${port}\nca_path: ${caPath}\n`);
    const create = listener('http', 'create', '--event-type', '*', '--url', 'https://a.example/');
    const line = ['--config', config, ...create, '--username', 'joe', '--ask-password'];
    const { code, err } = await portcullisAdmin(line, { home: home.path, input: 'typed\n' });
    assert.equal(code, 0, err);
    const stored = await real.api.parts.store.find('event_listeners', { filter: everything });
    assert.match(JSON.stringify(stored), /"password":"typed"/);
    assert.equal((await json(...listener('list')))[0].notifier_config.password, '*****');
  });
});
