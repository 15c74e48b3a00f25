import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  type AptSource,
  aptClientFiles,
  type ClientCredential,
  curlClientFiles,
  yumClientFiles,
} from '../../src/repositories/client-config.ts';
import { needs } from '../support/needs.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const credentials: readonly ClientCredential[] = [
  { kind: 'none' },
  { kind: 'certificate', certificate: '/etc/pki/c.pem', key: '/etc/pki/c.key' },
  { kind: 'certificate', certificate: '/etc/pki/both.pem', key: undefined },
  { kind: 'password', user: 'ann' },
  { kind: 'token' },
  { kind: 'token-in-path' },
];

const source: Omit<AptSource, 'credential' | 'suite' | 'component'> = {
  repository: 'acme-el9',
  name: 'ACME\n[evil]\nenabled=1\u2028x',
  origin: 'https://packages.example.com',
  path: '/pulp/repos/acme/el 9$basearch',
  keyUrl: 'https://packages.example.com/pulp/gpg/acme-el9/yum_distributor.key',
  signingKey: undefined,
  caFile: '/etc/pki/ca.pem',
};

describe('the configuration of a client', () => {
  for (const credential of credentials) {
    it(`is one section for yum that a name cannot leave, with ${JSON.stringify(credential)}`, () => {
      const [file] = yumClientFiles({ ...source, credential });
      assert.equal(file?.path, '/etc/yum.repos.d/acme-el9.repo');
      const lines = file?.text.split('\n') ?? [];
      assert.equal(lines.filter((line) => line.startsWith('[')).length, 1);
      assert.equal(lines.filter((line) => line.startsWith('enabled=')).length, 1);
      assert.ok(!file?.text.includes('$'), 'no variable of dnf');
      assert.ok(lines.includes('sslcacert=/etc/pki/ca.pem'));
    });
  }

  it('has dnf verify metadata that is signed, by the key beside it', () => {
    const credential = { kind: 'none' } as const;
    const signed = { ...source, signingKey: 'a key', path: '/pulp/repos/acme' };
    const beside = 'https://packages.example.com/pulp/repos/acme/repodata/repomd.xml.key';
    const linesOf = (of: typeof source): string[] =>
      yumClientFiles({ ...of, credential })[0]?.text.split('\n') ?? [];
    const both = linesOf(signed);
    assert.ok(both.includes('repo_gpgcheck=1') && both.includes('gpgcheck=1'));
    assert.ok(both.includes(`gpgkey=${source.keyUrl} ${beside}`));
    const metadata = linesOf({ ...signed, keyUrl: undefined });
    assert.ok(metadata.includes('repo_gpgcheck=1') && metadata.includes('gpgcheck=0'));
    assert.ok(metadata.includes(`gpgkey=${beside}`));
    assert.ok(!linesOf(source).includes('repo_gpgcheck=1'));
  });

  it('has words in the place of secrets', () => {
    const textOf = (credential: ClientCredential): string =>
      yumClientFiles({ ...source, credential })[0]?.text ?? '';
    assert.match(textOf({ kind: 'password', user: 'ann' }), /^username=ann\npassword=PASSWORD$/m);
    assert.match(textOf({ kind: 'token' }), /^password=TOKEN$/m);
    assert.match(textOf({ kind: 'token-in-path' }), /^baseurl=.*\/TOKEN\/$/m);
    const [curl] = curlClientFiles({ ...source, credential: { kind: 'password', user: 'ann' } });
    assert.match(curl?.text ?? '', /^user = "ann:PASSWORD"$/m);
  });

  it('is read by dnf as it is meant', { skip: needs('dnf') }, async () => {
    for (const credential of credentials) {
      using directory = temporaryDirectory();
      mkdirSync(directory.file('repos'));
      const [file] = yumClientFiles({ ...source, credential });
      writeFileSync(directory.file('repos/acme.repo'), file?.text ?? '');
      writeFileSync(directory.file('dnf.conf'), '[main]\n');
      const options = [`reposdir=${directory.file('repos')}`, `cachedir=${directory.path}`];
      const flags = options.flatMap((option) => ['--setopt', option]);
      const output = await runOk('dnf', [
        '-q',
        '-c',
        directory.file('dnf.conf'),
        ...flags,
        'repolist',
        '--all',
      ]);
      assert.match(output.toString(), /^acme-el9 .*enabled/m);
      assert.doesNotMatch(output.toString(), /evil\b.*\bdisabled|^evil/m);
    }
  });

  it('is read by apt as it is meant', { skip: needs('apt-get') }, async () => {
    const signingKey =
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n';
    for (const credential of credentials) {
      using directory = temporaryDirectory();
      const apt = { ...source, path: '/pulp/repos/acme', suite: 'stable', component: 'main' };
      const [list, ...others] = aptClientFiles({ ...apt, signingKey, credential });
      mkdirSync(directory.file('sources'));
      writeFileSync(directory.file('sources/acme.sources'), list?.text ?? '');
      const tls = others.find(({ path }) => path.includes('apt.conf.d'));
      writeFileSync(directory.file('apt.conf'), tls?.text ?? '');
      const output = await runOk('apt-get', [
        ...['-c', directory.file('apt.conf')],
        ...['-o', 'Dir::Etc::SourceList=/dev/null'],
        ...['-o', `Dir::Etc::SourceParts=${directory.file('sources')}`],
        ...['--print-uris', 'update'],
      ]);
      const path = credential.kind === 'token-in-path' ? 'acme/TOKEN' : 'acme';
      const release = `'https://packages.example.com/pulp/repos/${path}/dists/stable/InRelease'`;
      assert.ok(output.toString().includes(release), output.toString());
    }
  });
});
