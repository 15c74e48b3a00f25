/** Signed links, which are ours: what a caller may sign, and that the rule takes it. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { linkSecondsDefault } from '../../src/api/signed-links/link-signer.ts';
import { type VerifyOptions, verify } from '../identity/signed-urls/url-fixture.ts';
import { Client, type Credentials } from './client.ts';
import type { GivenApi } from './contract.ts';
import { linkOrigin, linkSecondsMax } from './link-fixture.ts';

const path = '/v2/signed_links/acme/el9/';

interface Link {
  readonly url: string;
  readonly from: string;
  readonly expires: string;
}

export function testSignedLinks(given: () => GivenApi): void {
  const linkTo = async (body: object, target = path, as?: Credentials): Promise<Link> =>
    (await given().client.ok(200, 'POST', target, { body, ...(as && { as }) })) as Link;
  /** Whether the rule would take it now. */
  const isTaken = async (url: string, options: VerifyOptions = {}): Promise<boolean> => {
    const secondsMax = linkSecondsMax;
    const { urlKeysFile } = given().api;
    return (await verify(urlKeysFile, url, { now: new Date(), secondsMax, ...options })).valid;
  };

  testTerms(linkTo, isTaken);
  testRefusals(given);
  testBounds(given, linkTo);

  it('api takes the whole path of a distribution for its name, in the one spelling of paths', async () => {
    const { client } = given();
    const body = { path: 'a' };
    const moved = await client.call('POST', path.slice(0, -1), { body });
    assert.deepEqual([moved.status, moved.headers.location], [301, `/pulp/api${path}`]);
    await linkTo(body, '/v2/signed_links//acme///el9/');
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const { status, headers } = await client.call(method, path);
      assert.deepEqual([status, headers.allow], [405, 'POST']);
    }
    for (const target of ['acme%2Fel9/', 'acme/../acme/', 'acme/%2e%2e/acme/', 'acme%00/', '']) {
      const { status } = await client.call('POST', `/v2/signed_links/${target}`, { body });
      assert.equal(status, 404, target);
    }
    await client.refused(404, 'PLP0009', 'POST', '/v2/signed_links/acme%3F/', { body });
  });

  it('T68 api begins links as the configuration says, whatever the client calls the server', async () => {
    for (const headers of [
      { Host: 'evil.example' },
      { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'http' },
    ]) {
      const body = { path: 'a.rpm' };
      const reply = await given().client.call('POST', path, { body, headers });
      assert.ok(reply.body.url.startsWith(`${linkOrigin}/pulp/repos/acme/el9/a.rpm?`), reply.text);
    }
  });

  it('T62 api logs who signed which link, and never the link', async () => {
    const { url } = await linkTo({ path: 'logged.rpm?secret=1', address: '192.0.2.7' });
    const { log } = given().api;
    const line = JSON.parse(log.find((each) => each.includes('logged.rpm')) ?? '{}');
    assert.deepEqual(
      [line.message, line.user, line.distribution, line.path, line.address, line.keyId],
      [
        'A link was signed',
        'admin',
        'acme/el9',
        '/pulp/repos/acme/el9/logged.rpm',
        '192.0.2.7',
        'new',
      ],
    );
    const [signature = ''] = /[\w-]{43}$/.exec(url) ?? [];
    assert.notEqual(signature, '');
    assert.equal(log.join('\n').includes(signature), false);
    assert.equal(log.join('\n').includes('secret=1'), false);
  });
}

function testTerms(
  linkTo: (body: object, target?: string) => Promise<Link>,
  isTaken: (url: string, options?: VerifyOptions) => Promise<boolean>,
): void {
  it('api signs a link to a file, for an hour unless it is asked for less or more', async () => {
    const { url, ...link } = await linkTo({ path: 'Packages/a%20b.rpm' });
    const seconds = (Date.parse(link.expires) - Date.parse(link.from)) / 1000;
    assert.equal(seconds, linkSecondsDefault);
    assert.deepEqual(link, {
      distribution: 'acme/el9',
      path: '/pulp/repos/acme/el9/Packages/a%20b.rpm',
      ...{ method: 'GET', below: false, address: null, key: 'new' },
      ...{ from: link.from, expires: link.expires },
    });
    assert.ok(url.startsWith(`${linkOrigin}/pulp/repos/acme/el9/Packages/a%20b.rpm?`), url);
    assert.equal(await isTaken(url), true);
    assert.equal(await isTaken(url.replace('a%20b', 'a%20c')), false);
    assert.equal(await isTaken(url, { now: new Date(Date.now() + 3_602_000) }), false);
    const short = await linkTo({ path: 'a', seconds: 1 });
    assert.equal(await isTaken(short.url, { now: new Date(Date.now() + 3000) }), false);
  });

  it('api signs a link with each term that it is asked for', async () => {
    const { url: below } = await linkTo({ path: 'repodata/', below: true });
    assert.equal(await isTaken(below.replace('repodata/', 'repodata/repomd.xml')), true);
    assert.equal(await isTaken(below.replace('repodata/', 'Packages/')), false);
    const { url: whole } = await linkTo({ below: true });
    assert.equal(await isTaken(whole.replace('/el9/', '/el9/x/y')), true);
    assert.equal(await isTaken(whole.replace('/el9/', '/el8/')), false);
    const { url: bound } = await linkTo({ path: 'a', address: '2001:DB8:0::/32' });
    assert.equal(await isTaken(bound, { address: '2001:db8::1' }), true);
    assert.equal(await isTaken(bound, { address: '192.0.2.1' }), false);
    const { url: head } = await linkTo({ path: 'a', method: 'HEAD' });
    assert.equal(await isTaken(head, { method: 'HEAD' }), true);
    assert.equal(await isTaken(head), false);
    const { url: old } = await linkTo({ path: 'a', key: 'old' });
    assert.match(old, /\?portcullis-key=old&/);
    assert.equal(await isTaken(old), true);
    const { url: query } = await linkTo({ path: 'a?x=1;y=2' });
    assert.match(query, /\/a\?x=1;y=2&portcullis-/);
    assert.equal(await isTaken(query), true);
    const { url: iso } = await linkTo({ path: 'a.iso', prefix: '/pulp/isos/' });
    assert.ok(iso.startsWith(`${linkOrigin}/pulp/isos/acme/el9/a.iso?`));
    assert.equal(await isTaken(iso), true);
    const none = { seconds: null, address: null, method: null, prefix: null, key: null };
    assert.equal(await isTaken((await linkTo({ path: 'a', below: null, ...none })).url), true);
    const odd = await linkTo({ path: 'é' }, '/v2/signed_links/a+b@c/');
    assert.ok(odd.url.startsWith(`${linkOrigin}/pulp/repos/a%2Bb%40c/%C3%A9?`), odd.url);
    assert.equal(await isTaken(odd.url), true);
  });
}

function testRefusals(given: () => GivenApi): void {
  const wrong: readonly (readonly [property: string, problem: RegExp, body: object])[] = [
    ['path', /it begins with "\/"/, { path: '/a.rpm' }],
    ['path', /"\." or "\.\." segment/, { path: '../el8/a.rpm' }],
    ['path', /"%2F"/, { path: 'a%2f..%2fb' }],
    ['path', /an empty segment/, { path: 'a//b' }],
    ['path', /without a fragment/, { path: 'a#b' }],
    ['path', /has to be escaped/, { path: 'a?x y' }],
    ['path', /it is signed already/, { path: 'a?portcullis-key=x' }],
    ['path', /not valid Unicode/, { path: 'a\ud800' }],
    ['path', /of a directory ends with "\/"/, { path: 'repodata', below: true }],
    ['prefix', /it is none of \/pulp\/repos\/, \/pulp\/isos\//, { path: 'a', prefix: '/other/' }],
    ['seconds', /it is less than 1/, { path: 'a', seconds: 0 }],
    ['seconds', /a whole number/, { path: 'a', seconds: 1.5 }],
    ['seconds', /it is more than 86400/, { path: 'a', seconds: linkSecondsMax + 1 }],
    ['address', /host bits, as 192/, { path: 'a', address: '10.0.0.1/8' }],
    ['address', /host bits, as 192/, { path: 'a', address: '' }],
    ['key', /there is no key "none"/, { path: 'a', key: 'none' }],
    ['method', /it is none of GET, HEAD/, { path: 'a', method: 'PUT' }],
  ];
  for (const [index, [property, problem, body]] of wrong.entries()) {
    it(`api signs no link with a wrong ${property} (${index})`, async () => {
      const refused = await given().client.refused(400, 'PLP0015', 'POST', path, { body });
      assert.deepEqual(refused.property_names, [property]);
      assert.match(refused.error_message, problem);
    });
  }

  it('api signs for as long as the configuration allows, and for no second longer', async () => {
    const { client } = given();
    await client.ok(200, 'POST', path, { body: { path: 'a', seconds: linkSecondsMax } });
  });

  it('api signs no link for a distribution that there is not, or where it signs none', async () => {
    const { client, start } = given();
    for (const target of ['/v2/signed_links/acme/el/', '/v2/signed_links/ACME/']) {
      const refused = await client.refused(404, 'PLP0009', 'POST', target, { body: { path: 'a' } });
      assert.deepEqual(Object.keys(refused.resources), ['distribution']);
    }
    await using api = await start({ replace: { links: undefined } });
    const without = new Client(api);
    const refused = await without.refused(403, 'NOT_CONFIGURED', 'POST', path, { body: {} });
    assert.match(refused.error_message, /^No links are signed: .+ has no api\.links\.$/);
  });
}

function testBounds(
  given: () => GivenApi,
  linkTo: (body: object, target?: string, as?: Credentials) => Promise<Link>,
): void {
  it('api signs links below the distributions that were granted, and for no other', async () => {
    const { client } = given();
    const as = await client.user('linker');
    const grant = (action: string, resource: string) =>
      client.ok(200, 'POST', `/v2/permissions/actions/${action}/`, {
        body: { login: 'linker', resource, operations: ['CREATE'] },
      });
    const body = { path: 'a.rpm' };
    await client.refused(401, 'PLP0026', 'POST', path, { as, body });
    await grant('grant_to_user', '/v2/signed_links/acme/el9/');
    await linkTo(body, path, as);
    for (const other of ['acme', 'acme/el', 'a+b@c', 'acme/el99']) {
      const target = `/v2/signed_links/${other}/`;
      await client.refused(401, 'PLP0026', 'POST', target, { as, body });
    }
    await grant('grant_to_user', '/v2/signed_links/acme/');
    await linkTo(body, '/v2/signed_links/acme/', as);
    await grant('revoke_from_user', '/v2/signed_links/acme/');
    await grant('revoke_from_user', '/v2/signed_links/acme/el9/');
    await client.refused(401, 'PLP0026', 'POST', path, { as, body });
  });

  it('T24 api signs nothing that another distribution serves, though it lies below', async () => {
    const { client } = given();
    const target = '/v2/signed_links/acme/';
    for (const body of [{ path: 'el9/a.rpm' }, { path: 'el9/', below: true }, { path: 'el9' }]) {
      const refused = await client.refused(400, 'PLP0015', 'POST', target, { body });
      assert.match(refused.error_message, /served by another distribution, acme\/el9/);
    }
    await linkTo({ path: 'el99/a.rpm' }, target);
    await linkTo({ below: true }, target);
  });
}
