import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseDirectives, sectionDepthMax } from '../../src/pulp2-import/apache-directives.ts';
import { settingsBytesMax } from '../../src/pulp2-import/ini-settings.ts';
import { publishedDepthMax } from '../../src/pulp2-import/published.ts';
import { assertNoted, importOf } from './import-fixture.ts';
import { bundles, createPulp2 } from './pulp2-fixture.ts';

describe("Pulp 2's files", () => {
  it('a directory without a Pulp is told, with what names another', async () => {
    using pulp2 = createPulp2();
    pulp2.remove('/etc');
    await assert.rejects(importOf(pulp2), {
      code: 'FILE_UNREADABLE',
      message: /^Cannot find a Pulp 2 in .*: there is neither .*server\.conf nor .*; --root names/,
    });
  });

  for (const [lines, said] of [
    [['enabled: maybe'], /repo_auth\.conf:3: \[main\] enabled is "maybe", expected true or false$/],
    [['max_num_certs_in_chain: 0'], /\[main\] max_num_certs_in_chain is "0", expected a whole/],
    [['rubbish'], /repo_auth\.conf:3: it is neither a \[section\] nor a setting/],
    [['x: 1', '[repos]', 'cert_location: here'], /cert_location is "here", expected an absolute/],
    [[`x: ${'x'.repeat(settingsBytesMax)}`], /it is longer than 1048576 bytes$/],
  ] as const) {
    it(`a mistake in repo_auth.conf stops the import: ${lines.at(-1)?.slice(0, 40)}`, async () => {
      using pulp2 = createPulp2();
      pulp2.write('/etc/pulp/repo_auth.conf', ['[main]', '# comment', ...lines].join('\n'));
      await assert.rejects(importOf(pulp2), { code: 'FILE_UNREADABLE', message: said });
    });
  }

  it('without repo_auth.conf everything is protected as if it were switched on', async () => {
    using pulp2 = createPulp2();
    pulp2.remove('/etc/pulp/repo_auth.conf');
    pulp2.publishYum({ id: 'x', relativeUrl: 'x' });
    pulp2.protect({ x: 'x' });
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access, { x: undefined });
    assertNoted(notes, /^stricter: there is no .*repo_auth\.conf: repositories are protected/);
  });

  it('settings that mean nothing here are told, each with its line, and never a value', async () => {
    using pulp2 = createPulp2({
      auth: ['enabled: true', 'verify_ssl: false', 'password: hunter2'],
    });
    const { notes } = await importOf(pulp2);
    assertNoted(
      notes,
      /^not carried over: .*repo_auth\.conf:7: "\[main\] password" is not known here$/,
    );
    assertNoted(notes, /^stricter: verify_ssl is false/);
    assert.doesNotMatch(notes.join('\n'), /hunter2|secret/);
  });

  it('prefixes of repo_url_prefixes come along, unless one lies in another', async () => {
    const prefixes =
      'repo_url_prefixes: /pulp/repos,/content/, /pulp/ostree/web,/pulp/repos/x,/a b';
    using pulp2 = createPulp2({ auth: ['enabled: true', prefixes] });
    const { configuration, notes } = await importOf(pulp2);
    assert.deepEqual(configuration.content.prefixes, ['/pulp/repos/', '/pulp/isos/', '/content/']);
    assertNoted(notes, /^not carried over: the prefix "\/pulp\/repos\/x" of repo_url_prefixes$/);
    assertNoted(notes, /^not carried over: the prefix "\/a b" of repo_url_prefixes$/);
  });

  it('lines of the listing that are none are told, and those that nothing is published for', async () => {
    using pulp2 = createPulp2();
    pulp2.write(`${bundles}/pulp-protected-repos`, '/gone/,gone\r\n\nno comma\na,b,c\n,x\n');
    const { notes } = await importOf(pulp2);
    for (const line of [3, 4, 5]) {
      assertNoted(
        notes,
        new RegExp(`^not carried over: .*pulp-protected-repos:${line}: the line is`),
      );
    }
    assertNoted(notes, /^to do: "gone" of gone is listed as protected, and nothing is published/);
  });

  it("Apache's certificate serves the front when both its files are there", async () => {
    using pulp2 = createPulp2();
    pulp2.write(
      '/etc/httpd/conf.d/ssl.conf',
      '<VirtualHost _default_:443>\nSSLCertificateFile "/etc/pki/tls/certs/a.crt"\nSSLCertificateKeyFile /etc/pki/tls/private/a.key\n</VirtualHost>\n',
    );
    assert.equal((await importOf(pulp2)).configuration.nginx, undefined);
    pulp2.write('/etc/pki/tls/certs/a.crt', '');
    pulp2.write('/etc/pki/tls/private/a.key', '');
    assert.deepEqual((await importOf(pulp2)).configuration.nginx, {
      certificate: pulp2.file('etc/pki/tls/certs/a.crt'),
      key: pulp2.file('etc/pki/tls/private/a.key'),
    });
  });
});

describe('what Pulp 2 has published', () => {
  it('storage_dir says where it is, and Apache by which schemes', async () => {
    using pulp2 = createPulp2();
    pulp2.publishYum({ id: 'x', relativeUrl: 'x', schemes: ['http'] });
    assert.deepEqual((await importOf(pulp2)).access, { x: 'public' });
    pulp2.write('/etc/pulp/server.conf', '[server]\nstorage_dir: /srv/pulp/\n');
    pulp2.remove('/var/www/pub');
    assert.deepEqual((await importOf(pulp2)).access, {});
    symlinkSync('../var/lib/pulp', pulp2.file('srv'));
    mkdirSync(pulp2.file('var/lib/pulp/pulp'));
    symlinkSync('../published', pulp2.file('var/lib/pulp/pulp/published'));
    assert.deepEqual((await importOf(pulp2)).access, { x: 'public' });
    pulp2.write('/etc/httpd/conf.d/pulp_rpm.conf', '# nothing of repositories\n');
    assert.deepEqual((await importOf(pulp2)).access, {});
    for (const name of ['pulp', 'pulp_content', 'pulp_rpm']) {
      pulp2.remove(`/etc/httpd/conf.d/${name}.conf`);
    }
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access, { x: 'public' });
    assertNoted(notes, /^to do: there is no configuration of Apache for Pulp/);
  });

  it('the directories of Apache count, as before Pulp 2.8, with what it publishes besides', async () => {
    using pulp2 = createPulp2();
    pulp2.publishYum({ id: 'x', relativeUrl: 'x', schemes: ['https', 'http'] });
    pulp2.write('/var/lib/pulp/published/yum/https/exports/repos/x/file', '');
    pulp2.write(
      '/etc/httpd/conf.d/pulp_rpm.conf',
      `Alias /pulp/repos "/var/www/pub/yum/https/repos/"
Alias /pulp/exports /var/www/pub/yum/https/exports
<Directory /var/www/pub/yum/https>
  SSLVerifyClient \\
    require
</Directory>
<VirtualHost *:80>
  Alias /pulp/repos /var/www/pub/yum/nothing
</VirtualHost>
`,
    );
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access, { x: 'public' }, 'it is published over plain HTTP');
    assertNoted(notes, /^not carried over: what Apache publishes below \/pulp\/exports over https/);
    pulp2.remove('/var/lib/pulp/published/yum/http/repos/x');
    assert.deepEqual(
      (await importOf(pulp2)).access,
      { x: undefined },
      'Apache wants a certificate',
    );
  });

  it('T23 a path that no distribution can have is told, and one that two repositories have', async () => {
    using pulp2 = createPulp2();
    pulp2.publishYum({ id: 'space', relativeUrl: 'a b' });
    pulp2.publishYum({ id: 'both', relativeUrl: 'both' });
    pulp2.publishIso({ id: 'both', files: {} });
    pulp2.publishYum({ id: 'lost', relativeUrl: 'lost' });
    pulp2.remove('/var/lib/pulp/published/yum/master/yum_distributor/lost');
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access, { both: 'public' });
    assertNoted(notes, /^not carried over: the yum repository "a b": its path has to be whole/);
    assertNoted(notes, /^not carried over: the (yum|iso) repository "both": another repository/);
    assertNoted(notes, /^not carried over: .*repos\/lost is a link that leads nowhere$/);
  });

  it('T34 repositories are looked for to a depth, and not deeper', async () => {
    using pulp2 = createPulp2();
    const deep = (depth: number) => Array.from({ length: depth }, () => 'd').join('/');
    pulp2.publishYum({ id: 'deep', relativeUrl: deep(publishedDepthMax) });
    const right = await importOf(pulp2);
    assert.deepEqual(Object.keys(right.access), [deep(publishedDepthMax)]);
    pulp2.publishYum({ id: 'deeper', relativeUrl: `e/${deep(publishedDepthMax)}` });
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(Object.keys(access), [deep(publishedDepthMax)]);
    assertNoted(notes, /^not carried over: .* is too deep$/);
  });

  it('a link that moves to the next publication is the root, where it leads there on this host', async () => {
    using pulp2 = createPulp2();
    pulp2.publishYum({ id: 'x', relativeUrl: 'x' });
    const tree = '/var/lib/pulp/published/yum/master/yum_distributor/x/1510851622.66';
    const [fixed] = (await importOf(pulp2)).configuration.distributions;
    assert.equal(fixed?.root, pulp2.file(`.${tree}`));
    const link = pulp2.file('var/lib/pulp/published/yum/https/repos/x');
    pulp2.remove('/var/lib/pulp/published/yum/https/repos/x');
    symlinkSync('../../master/yum_distributor/x/1510851622.66', link);
    pulp2.remove('/var/www/pub');
    const [moving] = (await importOf(pulp2)).configuration.distributions;
    assert.equal(moving?.root, link);
    assert.equal(moving?.listing, true);
  });
});

describe("Apache's directives", () => {
  it('directives have their sections, and words or texts as arguments', () => {
    const text = `# comment
Listen 80
<IfModule mod_ssl.c>
  <Directory "/a b">
    SSLVerifyClient \\
      require
  </Directory>
</IfModule>
Alias /a "/b \\"c\\""
`;
    assert.deepEqual(parseDirectives(text), [
      { name: 'listen', arguments: ['80'], sections: [] },
      {
        name: 'sslverifyclient',
        arguments: ['require'],
        sections: [
          { name: 'ifmodule', argument: 'mod_ssl.c' },
          { name: 'directory', argument: '/a b' },
        ],
      },
      { name: 'alias', arguments: ['/a', '/b "c"'], sections: [] },
    ]);
  });

  it('directives are read as deep as sections may nest, and no deeper', () => {
    const nested = (depth: number) => parseDirectives(`${'<IfDefine x>\n'.repeat(depth)}Allow\n`);
    assert.equal(nested(sectionDepthMax)[0]?.sections.length, sectionDepthMax);
    assert.deepEqual(nested(sectionDepthMax + 1), []);
  });
});
