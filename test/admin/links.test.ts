import assert from 'node:assert/strict';
import { it } from 'node:test';
import { linkOrigin, linkSecondsMax } from '../api/link-fixture.ts';
import { verify } from '../identity/signed-urls/url-fixture.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

testWithRealApi('links', (given) => {
  const create = [...asAdmin, 'link', 'create', '--distribution', 'acme/el9'] as const;

  it('portcullis-admin writes a link alone on the standard output, that the rule takes', async () => {
    const { run, real } = given();
    const { code, out, err } = await run([...create, '--path', 'a%20b.rpm', '--for', '1d']);
    assert.equal(code, 0, err);
    assert.match(err, /^The link lets in whoever has it until 20\d\d-\d\d-\d\dT[\d:]+Z\.\n$/);
    const url = out.trimEnd();
    assert.ok(url.startsWith(`${linkOrigin}/pulp/repos/acme/el9/a%20b.rpm?`), out);
    assert.equal(out, `${url}\n`);
    const options = { now: new Date(), secondsMax: linkSecondsMax };
    assert.equal((await verify(real.api.urlKeysFile, url, options)).valid, true);
  });

  it('portcullis-admin asks for each term of a link, and writes the answer with --json', async () => {
    const { json } = given();
    const terms = ['--below', '--address', '192.0.2.0/24', '--method', 'HEAD', '--key', 'old'];
    const link = await json(...create, ...terms, '--prefix', '/pulp/isos/', '--path', 'in/');
    const { url, from, expires, ...rest } = link;
    assert.ok(url.startsWith(`${linkOrigin}/pulp/isos/acme/el9/in/?portcullis-key=old&`), url);
    assert.ok(Date.parse(expires) > Date.parse(from));
    assert.deepEqual(rest, {
      distribution: 'acme/el9',
      path: '/pulp/isos/acme/el9/in/',
      ...{ method: 'HEAD', below: true, address: '192.0.2.0/24', key: 'old' },
    });
  });

  it('portcullis-admin says why there is no link', async () => {
    const { refused, ok } = given();
    const time = /^Cannot use --for "2w": expected 90s, 15m, 12h or 7d; see portcullis-admin link/;
    await refused(64, time, ...create, '--for', '2w');
    await refused(
      65,
      /^Invalid Request\n.*\['seconds'\]: it is more than 86400/,
      ...create,
      '--for',
      '2d',
    );
    const missing = /^Not Found\n.*\n {2}acme\/el \(distribution\)\n$/;
    await refused(65, missing, ...asAdmin, 'link', 'create', '--distribution', 'acme/el');
    await ok(...asAdmin, 'auth', 'user', 'create', '--login', 'lea', '--password', 'x');
    const asUser = ['-u', 'lea', '-p', 'x', 'link', 'create', '--distribution', 'acme/el9'];
    await refused(77, /the permission CREATE on \/v2\/signed_links\/acme\/el9\/\.\n/, ...asUser);
  });
});
