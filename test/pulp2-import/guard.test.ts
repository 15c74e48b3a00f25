import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Credential, createPki } from '../support/pki.ts';
import { assertNoted, byGlobal, byOwn, importOf } from './import-fixture.ts';
import { createPulp2, type Pulp2Options } from './pulp2-fixture.ts';

const pki = createPki();
let own: Credential;
let global: Credential;

before(async () => {
  own = await pki.authority({ subject: '/CN=own' });
  global = await pki.authority({ subject: '/CN=global' });
});
after(() => pki[Symbol.dispose]());

/** X is `x/el9` with the id `x`, Y is `y/el9` with the id `y`. */
function pulpWith(options: Pulp2Options = {}, schemes: readonly ('http' | 'https')[] = ['https']) {
  const pulp2 = createPulp2(options);
  for (const id of ['x', 'y']) pulp2.publishYum({ id, relativeUrl: `${id}/el9`, schemes });
  return pulp2;
}

describe("who may have Pulp 2's repositories", () => {
  it('its own CA protects a repository, and what nothing protects is public', async () => {
    using pulp2 = pulpWith();
    pulp2.bundle(own.certificate, 'x');
    pulp2.protect({ 'x/el9': 'x' });
    const { access, notes, authorities } = await importOf(pulp2);
    assert.deepEqual(access, { 'x/el9': byOwn('x'), 'y/el9': 'public' });
    assert.deepEqual([...authorities], [['repository-x.pem', own.certificate]]);
    assertNoted(notes, /^different: Pulp wanted some certificate, whoever had signed it/);
  });

  it('the global CA protects what has none of its own, listed or not', async () => {
    using pulp2 = pulpWith();
    pulp2.bundle(global.certificate);
    pulp2.bundle(own.certificate, 'x');
    pulp2.protect({ 'x/el9': 'x' });
    assert.deepEqual((await importOf(pulp2)).access, { 'x/el9': byOwn('x'), 'y/el9': byGlobal });
    pulp2.protect({ 'x/el9': 'x', 'y/el9': 'y' });
    assert.deepEqual((await importOf(pulp2)).access, { 'x/el9': byOwn('x'), 'y/el9': byGlobal });
  });

  it('T59 what is listed and has no CA file is for nobody, where Pulp let everybody in', async () => {
    using pulp2 = pulpWith();
    pulp2.protect({ 'x/el9': 'x' });
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access, { 'x/el9': undefined, 'y/el9': 'public' });
    assertNoted(notes, /^stricter: x\/el9: it is listed as protected, but there is no CA file/);
  });

  it('T59 what is listed under another spelling of its path is listed', async () => {
    using pulp2 = createPulp2();
    pulp2.publishYum({ id: 'x', relativeUrl: 'acme/x' });
    pulp2.protect({ '/acme//./x/': 'x' });
    assert.deepEqual((await importOf(pulp2)).access, { 'acme/x': undefined });
  });

  it('a CA file alone protects, where Pulp did not ask for it', async () => {
    using pulp2 = pulpWith();
    pulp2.bundle(own.certificate, 'x');
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access, { 'x/el9': byOwn('x'), 'y/el9': 'public' });
    assertNoted(notes, /^stricter: x\/el9: .*consumer-x\.ca is there, but the listing/);
  });

  it('T61 plain HTTP opens nothing that is protected, and what was published by it alone stays public', async () => {
    using both = pulpWith({}, ['http', 'https']);
    both.bundle(own.certificate, 'x');
    both.protect({ 'x/el9': 'x' });
    const { access, notes } = await importOf(both);
    assert.deepEqual(access, { 'x/el9': byOwn('x'), 'y/el9': 'public' });
    assertNoted(notes, /^stricter: x\/el9: it was published over plain HTTP as well/);
    using plain = pulpWith({}, ['http']);
    plain.bundle(global.certificate);
    plain.protect({ 'x/el9': 'x' });
    assert.deepEqual((await importOf(plain)).access, { 'x/el9': byGlobal, 'y/el9': 'public' });
  });

  for (const auth of [
    ['enabled: false'],
    ['enabled: true', 'disabled_authenticators: foo, oid_validation'],
  ]) {
    it(`T61 authentication that was off (${auth.at(-1)}) is on for what has a CA`, async () => {
      using pulp2 = pulpWith({ auth });
      pulp2.bundle(own.certificate, 'x');
      pulp2.protect({ 'x/el9': 'x' });
      const { access, notes } = await importOf(pulp2);
      assert.deepEqual(access, { 'x/el9': byOwn('x'), 'y/el9': 'public' });
      assertNoted(notes, /^stricter: x\/el9: repository authentication was switched off in Pulp/);
    });
  }

  it('T24 a path that stood in the URL of another repository goes on to decide about that one', async () => {
    using pulp2 = createPulp2();
    pulp2.publishYum({ id: 'short', relativeUrl: 'acme/el9' });
    pulp2.publishYum({ id: 'long', relativeUrl: 'acme/el9-extra' });
    pulp2.publishYum({ id: 'other', relativeUrl: 'acme/el8' });
    pulp2.bundle(own.certificate, 'short');
    pulp2.protect({ 'acme/el9': 'short' });
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access, {
      'acme/el8': 'public',
      'acme/el9': byOwn('short'),
      'acme/el9-extra': byOwn('short'),
    });
    assertNoted(notes, /^different: acme\/el9-extra: Pulp protected it by the CA of acme\/el9/);
    pulp2.bundle(global.certificate, 'third');
    pulp2.protect({ 'acme/el9': 'short', 'el9-': 'third' });
    const ambiguous = await importOf(pulp2);
    assert.equal(ambiguous.access['acme/el9-extra'], undefined);
    assert.deepEqual(ambiguous.access['acme/el9'], byOwn('short'));
    assertNoted(
      ambiguous.notes,
      /^not carried over: acme\/el9-extra: the protected paths acme\/el9/,
    );
  });

  it('T60 an authenticator that is not known here closes what it was asked about', async () => {
    using pulp2 = pulpWith({ auth: ['enabled: true', 'disabled_authenticators: old'] });
    const egg = '/usr/lib/python2.7/site-packages/acme_auth-1.0-py2.7.egg-info/entry_points.txt';
    pulp2.write(
      egg,
      '[console_scripts]\nacme = acme:main\n\n[pulp_content_authenticators]\nAcme = acme.auth:authenticate\nold = acme.old:authenticate\n',
    );
    pulp2.publishYum({ id: 'plain', relativeUrl: 'plain', schemes: ['http'] });
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access, { plain: 'public', 'x/el9': undefined, 'y/el9': undefined });
    assertNoted(notes, /^not carried over: x\/el9: Pulp asked acme as well/);
    const without = await importOf(pulp2, { withoutAuthenticators: ['acme'] });
    assert.deepEqual(without.access, { plain: 'public', 'x/el9': 'public', 'y/el9': 'public' });
  });

  it('what Apache required a certificate for is public to nobody without one', async () => {
    using pulp2 = pulpWith({ verifyClient: 'require' });
    const closed = await importOf(pulp2);
    assert.deepEqual(closed.access, { 'x/el9': undefined, 'y/el9': undefined });
    assertNoted(
      closed.notes,
      /^not carried over: x\/el9: Apache required a certificate, and its CA/,
    );
    pulp2.write('/etc/pki/pulp/ca.crt', global.certificate);
    const { access } = await importOf(pulp2);
    const certificate = { certificate: { ca: 'pulp2-ca/apache.pem' } };
    assert.deepEqual(access, { 'x/el9': certificate, 'y/el9': certificate });
  });

  for (const [what, section, closed] of [
    ['an address', '<Location /pulp/repos>\n Require ip 10.0.0.0/8\n</Location>', ['x', 'y']],
    ['a path', '<Location /pulp/repos/y/el9>\n  Deny from all\n</Location>', ['y']],
    [
      'a part',
      '<Directory /var/www/pub/yum/https/repos/x/el9/p>\nAuthType Basic\n</Directory>',
      ['x'],
    ],
    [
      'a script',
      '<Location /pulp/content>\nWSGIAccessScript /srv/own.wsgi\n</Location>',
      ['x', 'y'],
    ],
    [
      'a pattern',
      '<LocationMatch "repos.*">\nSSLRequire %{X} eq "y"\n</LocationMatch>',
      ['x', 'y'],
    ],
    ['everybody', '<Location /pulp/repos>\nRequire all granted\nAllow from all\n</Location>', []],
    ['another path', '<Location /pulp/nodes>\nSSLRequire %{X} eq "NODES"\n</Location>', []],
    [
      'plain HTTP',
      '<VirtualHost *:80>\n<Location />\nDeny from all\n</Location>\n</VirtualHost>',
      [],
    ],
  ] as const) {
    it(`what Apache asks of ${what} is not lost, and closes what it is about`, async () => {
      using pulp2 = pulpWith();
      pulp2.write('/etc/httpd/conf.d/pulp_local.conf', section);
      const { access, notes } = await importOf(pulp2);
      const found = Object.keys(access).filter((url) => access[url] === undefined);
      assert.deepEqual(
        found,
        closed.map((id) => `${id}/el9`),
      );
      for (const id of closed) {
        assertNoted(notes, new RegExp(`^not carried over: ${id}/el9: Apache asked more of its`));
      }
      const without = await importOf(pulp2, { ignoresRestrictions: true });
      assert.deepEqual(without.access, { 'x/el9': 'public', 'y/el9': 'public' });
    });
  }

  it('T24 a repository in another that is no link keeps its own CA', async () => {
    using pulp2 = createPulp2();
    const repos = '/var/lib/pulp/published/yum/https/repos';
    for (const path of ['outer', 'outer/inner']) pulp2.write(`${repos}/${path}/repodata/x`, '');
    pulp2.bundle(own.certificate, 'in');
    pulp2.protect({ 'outer/inner': 'in' });
    const { access } = await importOf(pulp2);
    assert.deepEqual(access, { outer: 'public', 'outer/inner': byOwn('in') });
  });

  it('the listing files above are for those who are entitled to something below', async () => {
    using pulp2 = pulpWith();
    pulp2.publishYum({ id: 'x8', relativeUrl: 'x/el8' });
    pulp2.publishYum({ id: 'x7', relativeUrl: 'x/el7' });
    pulp2.bundle(own.certificate, 'x');
    pulp2.bundle(own.certificate, 'x8');
    pulp2.protect({ 'x/el9': 'x', 'x/el8': 'x8' });
    const { listings } = await importOf(pulp2);
    assert.deepEqual(listings, { x: { any: [byOwn('x8'), byOwn('x')] } });
  });

  it('T24 an ISO repository is protected by its id, and the prefix that Pulp did not know is told', async () => {
    using pulp2 = createPulp2();
    pulp2.publishIso({ id: 'image', files: { 'a.iso': 'x' } });
    pulp2.publishIso({ id: 'free', files: { 'b.iso': 'x' } });
    pulp2.bundle(own.certificate, 'image');
    pulp2.protect({ image: 'image' });
    const { access, notes, listings } = await importOf(pulp2);
    assert.deepEqual([access, listings], [{ free: 'public', image: byOwn('image') }, {}]);
    assertNoted(notes, /^different: image: \/pulp\/isos is not in repo_url_prefixes/);
  });
});
