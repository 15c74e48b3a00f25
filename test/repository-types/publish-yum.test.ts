import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { needs } from '../support/needs.ts';
import { run, runOk } from '../support/processes.ts';
import { createPublisher } from '../support/publish-job.ts';
import { rpmPackage } from '../support/rpm-packages.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe('a yum repository', { skip: needs('createrepo_c', 'rpmbuild', 'rpm', 'dnf') }, () => {
  it('is one that dnf reads, with its packages, errata, groups and modules', async () => {
    await using publisher = await createPublisher();
    await publisher.add('rpm', await rpmPackage());
    await publisher.add('rpm', await rpmPackage({ version: '2.0', requires: 'bash' }));
    await publisher.add('srpm', await rpmPackage({ isSource: true }));
    await publisher.add('erratum', undefined, erratum);
    await publisher.add('package_group', undefined, {
      ...{ package_group_id: 'gates', repo_id: 'acme', name: 'Gates <&>', default: true },
      ...{ user_visible: true, mandatory_package_names: ['gate'] },
      conditional_package_names: [['gate-lang', 'lang']],
    });
    // As makers of modules begin them: the markers of a document are written once.
    await publisher.add('modulemd', `# Of the maker.\n${module}`);
    const { directory, unitCounts, steps } = await publisher.publish('yum_distributor');
    assert.deepEqual(unitCounts, { rpm: 2, srpm: 1, erratum: 1, package_group: 1, modulemd: 1 });
    assert.deepEqual(
      steps.map(({ state }) => state),
      steps.map(({ step_type: type }) => (type === 'sign_metadata' ? 'SKIPPED' : 'FINISHED')),
    );
    assert.ok(existsSync(path.join(directory, 'Packages/g/gate-1.0-1.noarch.rpm')));
    const found = await dnf(directory, ['repoquery', '--qf', '%{name} %{version} %{location}']);
    assert.deepEqual(found.split('\n').sort(), [
      'gate 1.0 Packages/g/gate-1.0-1.noarch.rpm',
      'gate 1.0 Packages/g/gate-1.0-1.src.rpm',
      'gate 2.0 Packages/g/gate-2.0-1.noarch.rpm',
    ]);
    assert.match(await dnf(directory, ['group', 'info', 'gates']), /Gates <&>/);
    const update = ['repoquery', '--advisory=ACME-2026:1', '--qf', '%{name} %{version}'];
    assert.equal(await dnf(directory, update), 'gate 2.0');
    assert.match(await dnf(directory, ['module', 'list']), /gates\s+stable/);
    const modules = gunzipSync(readMetadata(directory, 'modules.yaml.gz')).toString();
    assert.equal(modules.match(/^---/gm)?.length, 1);
  });

  it('says in its XML what the fields say, and nothing of them is markup', async () => {
    await using publisher = await createPublisher();
    const title = '</title><update>&\u0001"\'<!-- ]]>';
    await publisher.add('erratum', undefined, { ...erratum, title });
    const { directory } = await publisher.publish('yum_distributor');
    const text = gunzipSync(readMetadata(directory, 'updateinfo.xml.gz')).toString();
    const parsed = await runOk('python3', ['-c', titles], { input: text });
    assert.equal(parsed.toString(), '</title><update>&\ufffd"\'<!-- ]]>');
  });

  it('says of an erratum for a module which module it is for', async () => {
    await using publisher = await createPublisher();
    const stream = { name: 'gates', stream: 'stable', version: '20261101', context: 'deadbeef' };
    const [list] = erratum.pkglist;
    const pkglist = [{ ...list, module: { ...stream, arch: 'x86_64' } }];
    await publisher.add('erratum', undefined, { ...erratum, pkglist });
    const { directory } = await publisher.publish('yum_distributor');
    const text = gunzipSync(readMetadata(directory, 'updateinfo.xml.gz')).toString();
    assert.match(
      text,
      /<\/name><module name="gates" stream="stable" version="20261101" context="deadbeef" arch="x86_64"\/?>/,
    );
  });

  it('takes over what was published before, and names metadata by its digest', async () => {
    await using publisher = await createPublisher();
    await publisher.add('rpm', await rpmPackage());
    const first = await publisher.publish('yum_distributor');
    await publisher.add('rpm', await rpmPackage({ version: '2.0' }));
    const options = { previous: first.directory };
    const second = await publisher.publish('yum_distributor', options);
    const names = readdirSync(path.join(second.directory, 'repodata'));
    const plain = names.filter((name) => !/^([0-9a-f]{64}-|repomd\.xml$)/.test(name));
    assert.deepEqual(plain, []);
    const found = await dnf(second.directory, ['repoquery', '--qf', '%{version}']);
    assert.deepEqual(found.split('\n').sort(), ['1.0', '2.0']);
    const config = { checksum_type: 'sha512' };
    const third = await publisher.publish('yum_distributor', {
      previous: second.directory,
      config,
    });
    const primary = gunzipSync(readMetadata(third.directory, 'primary.xml.gz')).toString();
    assert.equal(primary.match(/checksum type="sha512" pkgid/g)?.length, 2);
  });

  it('never has a path of an earlier publication mean other bytes', async () => {
    await using publisher = await createPublisher();
    const old = await publisher.add('rpm', await rpmPackage({ text: 'old' }));
    const first = await publisher.publish('yum_distributor');
    publisher.remove(old);
    const changed = await publisher.add('rpm', await rpmPackage({ text: 'new' }));
    const second = await publisher.publish('yum_distributor', { previous: first.directory });
    const usual = 'Packages/g/gate-1.0-1.noarch.rpm';
    assert.ok(existsSync(path.join(first.directory, usual)));
    assert.equal(existsSync(path.join(second.directory, usual)), false);
    const digest = changed.artifact?.sha256 ?? '';
    const other = `Packages/${digest.slice(0, 16)}/gate-1.0-1.noarch.rpm`;
    const found = await dnf(second.directory, ['repoquery', '--qf', '%{location} %{summary}']);
    assert.equal(found, `${other} A package for tests`);
    // What was taken over is of the same bytes, and not of the same name alone.
    const primary = gunzipSync(readMetadata(second.directory, 'primary.xml.gz')).toString();
    assert.deepEqual(pkgids(primary), [digest]);
    const artifact = publisher.storage.artifacts.pathOf(digest);
    assert.equal(statSync(path.join(second.directory, other)).ino, statSync(artifact).ino);
    const third = await publisher.publish('yum_distributor', { previous: second.directory });
    assert.ok(existsSync(path.join(third.directory, usual)), 'the name is free again');
    const last = gunzipSync(readMetadata(third.directory, 'primary.xml.gz')).toString();
    assert.deepEqual(pkgids(last), [digest]);
  });

  it('has both of two packages whose files have the same name', async () => {
    await using publisher = await createPublisher();
    await publisher.add('rpm', await rpmPackage({ epoch: '1' }));
    await publisher.add('rpm', await rpmPackage({ epoch: '2' }));
    const { directory } = await publisher.publish('yum_distributor');
    const found = await dnf(directory, ['repoquery', '--qf', '%{epoch}']);
    assert.deepEqual(found.split('\n').sort(), ['1', '2']);
    // Also where the metadata of before is taken over, by which of them each is.
    const again = await publisher.publish('yum_distributor', { previous: directory });
    const [before, after] = [directory, again.directory].map((each) =>
      pkgids(gunzipSync(readMetadata(each, 'primary.xml.gz')).toString()),
    );
    assert.equal(new Set(before).size, 2);
    assert.deepEqual(after, before);
  });

  it('carries metadata through under the name of its type', async () => {
    await using publisher = await createPublisher();
    const key = { data_type: 'productid', repo_id: 'acme' };
    await publisher.add('yum_repo_metadata_file', 'a product', key);
    const { directory } = await publisher.publish('yum_distributor');
    const repomd = readFileSync(path.join(directory, 'repodata/repomd.xml'), 'utf8');
    assert.match(repomd, /<data type="productid">/);
    assert.equal(readMetadata(directory, 'productid').toString(), 'a product');
    await assert.rejects(
      publisher.add('yum_repo_metadata_file', 'x', { ...key, data_type: 'primary' }),
      /is made when the repository is published/,
    );
  });

  it('ends its programs when the task is cancelled', async () => {
    await using publisher = await createPublisher();
    await publisher.add('rpm', await rpmPackage());
    const controller = new AbortController();
    controller.abort(new Error('cancelled'));
    const { signal } = controller;
    await assert.rejects(publisher.publish('yum_distributor', { signal }), /cancelled/);
  });
});

const erratum = {
  ...{ id: 'ACME-2026:1', title: 'An update of gate', type: 'security', severity: 'Important' },
  ...{ issued: '2026-11-01 00:00:00', updated: '2026-11-02 00:00:00', version: '1' },
  ...{ status: 'final', from: 'acme@example.com', description: 'It <b>shuts</b> & opens' },
  references: [{ href: 'https://example.com/1', id: '1', title: 'one', type: 'other' }],
  pkglist: [
    {
      ...{ name: 'acme', short: 'acme' },
      packages: [
        {
          ...{ name: 'gate', version: '2.0', release: '1', epoch: '0', arch: 'noarch' },
          ...{ src: 'gate-2.0-1.src.rpm', filename: 'gate-2.0-1.noarch.rpm' },
        },
      ],
    },
  ],
};

function pkgids(primary: string): readonly string[] {
  return Array.from(primary.matchAll(/pkgid="YES">([0-9a-f]{64})</g), ([, id = '']) => id).sort();
}

const module = `---
document: modulemd
version: 2
data:
  name: gates
  stream: stable
  version: 20261101
  context: deadbeef
  arch: x86_64
  summary: Gates
  description: Gates of all kinds
  license:
    module: [MIT]
  artifacts:
    rpms:
    - shut-0:1.0-1.noarch
...
`;

const titles =
  'import sys,xml.etree.ElementTree as e; sys.stdout.write(e.parse(sys.stdin.buffer).find("update/title").text)';

function readMetadata(directory: string, ending: string): Buffer {
  const repodata = path.join(directory, 'repodata');
  const name = readdirSync(repodata).find((each) => each.endsWith(`-${ending}`));
  assert.ok(name !== undefined, `there is no ${ending}`);
  return readFileSync(path.join(repodata, name));
}

/** What dnf says of the repository, with nothing else configured. */
async function dnf(directory: string, args: readonly string[]): Promise<string> {
  using cache = temporaryDirectory();
  writeFileSync(cache.file('dnf.conf'), '[main]\n');
  const { code, stdout, stderr } = await run('dnf', [
    ...['--quiet', `--config=${cache.file('dnf.conf')}`, `--setopt=cachedir=${cache.path}`],
    ...[`--setopt=reposdir=${cache.path}`, `--setopt=varsdir=${cache.path}`],
    ...['--setopt=module_platform_id=platform:el9', `--installroot=${cache.file('root')}`],
    ...[
      `--setopt=logdir=${cache.path}`,
      '--releasever=9',
      `--repofrompath=acme,file://${directory}`,
      '--repo=acme',
    ],
    ...args,
  ]);
  assert.equal(code, 0, `${stderr}${stdout.toString()}`);
  return stdout.toString().trim();
}
