import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isSecretForm } from '../../src/tokens/secret.ts';
import { asAdmin, type RealCommands, testWithRealApi } from './real-commands.ts';

const idPattern = '[0-9a-f]{24}';

testWithRealApi('tokens', (given) => {
  const token = (verb: string, ...more: readonly string[]) => [...asAdmin, 'token', verb, ...more];

  it('portcullis-admin writes the secret of a token alone on the standard output', async () => {
    const { run, json } = given();
    const { code, out, err } = await run(token('create', '--customer', 'acme'));
    assert.equal(code, 0, err);
    assert.ok(isSecretForm(out.trimEnd()) && out.endsWith('\n'), out);
    const told = new RegExp(
      `^Token \\[(${idPattern})\\] successfully created for \\[acme\\]\\.\nThe secret cannot be shown again\\.\n$`,
    );
    const [, id = ''] = told.exec(err) ?? [];
    assert.notEqual(id, '', err);
    const shown = await json(...token('show', '--token-id', id));
    assert.deepEqual([shown.customer, shown.secret], ['acme', undefined]);
    const made = await json(...token('create', '--customer', 'acme'));
    assert.ok(isSecretForm(made.secret), 'with --json it is in the answer');
  });

  it('portcullis-admin asks for each limit of a token', async () => {
    const { json } = given();
    const limits = [
      ...['--description', 'Build farm', '--valid-from', '2026-01-01T00:00:00Z'],
      ...['--distribution', 'acme/el9', '--distribution', 'acme/el8', '--path', 'acme/*/repodata'],
      ...['--downloads', '3', '--bytes', '20G', '--addresses', '2', '--for', '7d'],
    ];
    const made = await json(...token('create', '--customer', 'acme', ...limits));
    const week = 7 * 86_400_000;
    const end = Date.parse(made.valid_until) - Date.parse(made.created);
    assert.ok(Math.abs(end - week) < 60_000, made.valid_until);
    const { description, valid_from, distributions, paths } = made;
    assert.deepEqual([description, valid_from], ['Build farm', '2026-01-01T00:00:00Z']);
    assert.deepEqual([distributions, paths], [['acme/el9', 'acme/el8'], ['acme/*/repodata']]);
    const { downloads_max, bytes_max, addresses_max } = made;
    assert.deepEqual([downloads_max, bytes_max, addresses_max], [3, 20 * 1024 ** 3, 2]);
  });

  it('portcullis-admin lists the tokens of a customer with their counts', async () => {
    const { ok, json, real } = given();
    const { id } = await makeToken(given(), 'counted', '--downloads', '10', '--for', '1d');
    await makeToken(given(), 'other');
    const used = { downloads: 3, bytes: 4096, lastUsed: new Date('2026-03-04T05:06:07Z') };
    await real.api.parts.store.update('token_counts', id, { $set: used });
    const listed = await ok(...token('list', '--customer', 'counted'));
    assert.match(listed, /^ID +CUSTOMER +STATE +DOWNLOADS +BYTES +LAST USED +VALID UNTIL$/m);
    const row = `^${id} +counted +good +3 of 10 +4096 +2026-03-04T05:06:07Z +20\\d\\d-\\S+$`;
    assert.match(listed, new RegExp(row, 'm'));
    assert.doesNotMatch(listed, /other/);
    assert.equal((await json(...token('list', '--customer', 'nobody'))).length, 0);
    const [one] = await json(...token('list', '--customer', 'other', '--customer', 'counted'));
    assert.equal(one.customer, 'counted');
    const found = await ok(...token('search', '--str-eq', 'customer=counted', '--details'));
    assert.match(found, /^Downloads Max: +10$/m);
    assert.match(await ok(...token('show', '--token-id', id)), /^Last Used: +2026-03-04/m);
  });

  it('portcullis-admin changes the limits of a token, and takes them away', async () => {
    const { ok, json, refused } = given();
    const { id } = await makeToken(given(), 'changed', '--downloads', '1', '--path', 'a');
    const named = ['--token-id', id];
    const updated = await ok(...token('update', ...named, '--downloads', '5', '--customer', 'new'));
    assert.equal(updated, `Token [${id}] successfully updated\n`);
    const cleared = ['--clear', 'path', '--clear', 'downloads', '--bytes', '1'];
    const shown = await json(...token('update', ...named, ...cleared));
    const { customer, paths, downloads_max, bytes_max } = shown;
    assert.deepEqual([customer, paths, downloads_max, bytes_max], ['new', null, null, 1]);
    await refused(64, /^Cannot update the token: give a limit, /, ...token('update', ...named));
    const unknown = token('update', ...named, '--clear', 'customer');
    await refused(64, /^Cannot use --clear "customer": expected one of description, /, ...unknown);
  });

  it('portcullis-admin rotates a token, with an overlap and without', async () => {
    const { run, refused } = given();
    const { id, secret } = await makeToken(given(), 'rotated');
    const rotate = token('rotate', '--token-id', id);
    const first = await run([...rotate, '--overlap', '1d']);
    assert.match(
      first.err,
      /^Token \[\w+\] successfully rotated\.\nThe secret before is good until 20/,
    );
    const second = await run(rotate);
    assert.match(second.err, /\nThe secret before is not good any more\.\nThe secret cannot be /);
    const secrets = [secret, first.out.trimEnd(), second.out.trimEnd()];
    assert.ok(secrets.every(isSecretForm) && new Set(secrets).size === 3);
    await refused(64, /^Cannot use --overlap "1w": expected 90s, /, ...rotate, '--overlap', '1w');
    await refused(65, /\['overlap_seconds'\]: it is more than/, ...rotate, '--overlap', '91d');
  });

  it('portcullis-admin revokes tokens, and deletes them', async () => {
    const { ok, refused } = given();
    const { id } = await makeToken(given(), 'ended');
    const named = ['--token-id', id];
    const revoked = await ok(...token('revoke', ...named, '--reason', 'Leaked'));
    assert.equal(revoked, `Token [${id}] successfully revoked\n`);
    const shown = await ok(...token('show', ...named));
    assert.match(shown, /^State: +revoked$/m);
    assert.match(shown, /^ {2}Reason: +Leaked$/m);
    await refused(65, /^Invalid Request\nA revoked token gets no /, ...token('rotate', ...named));
    const deleted = await ok(...token('delete', ...named));
    assert.equal(deleted, `Token [${id}] successfully deleted\n`);
    for (const verb of ['show', 'rotate', 'delete']) {
      await refused(65, /^Not Found\n.*\n {2}\w+ \(token\)\n$/, ...token(verb, ...named));
    }
  });

  it('portcullis-admin says what is wrong with a limit', async () => {
    const { refused } = given();
    for (const [message, ...limits] of [
      [/^Cannot use --downloads "0": expected a whole number from 1/, '--downloads', '0'],
      [/^Cannot use --addresses "x": expected a whole number/, '--addresses', 'x'],
      [/^Cannot use --bytes "1.5G": expected a whole number from 1, or /, '--bytes', '1.5G'],
      [/^Cannot use --bytes "99999T": expected/, '--bytes', '99999T'],
      [/^Cannot use --for "1y": expected 90s, 15m, /, '--for', '1y'],
      [/^Cannot use --for: it ends after the year 9999/, '--for', '99999999d'],
      [/^Cannot use --for with --valid-until: give one/, '--for', '1d', '--valid-until', 'x'],
    ] as const) {
      await refused(64, message, ...token('create', '--customer', 'wrong', ...limits));
    }
    const noTime = /\['valid_until'\]: it is no time with its zone, as 2026-/;
    await refused(65, noTime, ...token('create', '--customer', 'x', '--valid-until', 'tomorrow'));
    const noPattern = /\['paths'\]: item 1: it has an empty segment/;
    await refused(65, noPattern, ...token('create', '--customer', 'x', '--path', '/a'));
  });
});

/** A token, with the secret that it is shown with once. */
async function makeToken(
  { json }: RealCommands,
  customer: string,
  ...limits: readonly string[]
): Promise<{ readonly id: string; readonly secret: string }> {
  return json(...asAdmin, 'token', 'create', '--customer', customer, ...limits);
}
