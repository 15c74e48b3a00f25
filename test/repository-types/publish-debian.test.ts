import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { openSigner } from '../../src/repository-types/gpg-signer.ts';
import { debPackage } from '../support/deb-packages.ts';
import { needs } from '../support/needs.ts';
import { run, runOk } from '../support/processes.ts';
import { createPublisher } from '../support/publish-job.ts';
import { signingKey } from '../support/signing-key.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const skip = needs('apt-ftparchive', 'apt-get', 'dpkg-deb', 'gpg');

describe('a Debian repository', { skip }, () => {
  it('is one that apt reads when it is signed, and by the digests of its indexes', async () => {
    await using publisher = await createPublisher();
    await publisher.add('deb', await debPackage({ name: 'gate', version: '1.0' }));
    await publisher.add('deb', await debPackage({ name: 'gate', version: '1:2.0-1' }));
    await publisher.add('deb', await debPackage({ name: 'shut', architecture: 'arm64' }));
    using directory = temporaryDirectory();
    const key = await signingKey(directory);
    await using signer = await openSigner(key, directory.path, AbortSignal.timeout(60_000));
    const config = { suite: 'trixie', origin: 'Acme & "Co"' };
    const published = await publisher.publish('deb_distributor', { config, signer });
    assert.deepEqual(published.unitCounts, { deb: 3 });
    const suite = path.join(published.directory, 'dists/trixie');
    const release = readFileSync(path.join(suite, 'Release'), 'utf8');
    assert.match(release, /^Acquire-By-Hash: yes\n(?:.*\n)*Origin: Acme & "Co"$/m);
    assert.match(release, /^Architectures: all arm64$/m);
    const index = readFileSync(path.join(suite, 'main/binary-arm64/Packages.gz'));
    const digest = createHash('sha256').update(index).digest('hex');
    assert.ok(existsSync(path.join(suite, 'main/binary-arm64/by-hash/SHA256', digest)));
    assert.match(release, new RegExp(`^ ${digest} +\\d+ main/binary-arm64/Packages\\.gz$`, 'm'));
    const found = await apt(published.directory, 'trixie', 'arm64');
    assert.deepEqual(found.split('\n').sort(), ['gate 1:2.0-1', 'shut 1.0']);
  });

  it('never has a path of an earlier publication mean other bytes', async () => {
    await using publisher = await createPublisher();
    const old = await publisher.add('deb', await debPackage({ text: 'old' }));
    const first = await publisher.publish('deb_distributor');
    publisher.remove(old);
    const added = await publisher.add('deb', await debPackage({ text: 'new' }));
    const second = await publisher.publish('deb_distributor', { previous: first.directory });
    assert.ok(existsSync(path.join(first.directory, 'pool/g/gate_1.0_all.deb')));
    const below = `pool/${added.artifact?.sha256.slice(0, 16)}/gate_1.0_all.deb`;
    assert.ok(existsSync(path.join(second.directory, below)));
    const index = path.join(second.directory, 'dists/stable/main/binary-amd64/Packages');
    assert.match(readFileSync(index, 'utf8'), new RegExp(`^Filename: ${below}$`, 'm'));
  });

  it('has of packages that were there before what it had, and reads those alone that are new', async () => {
    await using publisher = await createPublisher();
    await publisher.add('deb', await debPackage({ name: 'gate', version: '1.0' }));
    const removed = await publisher.add('deb', await debPackage({ name: 'shut', version: '1.0' }));
    const first = await publisher.publish('deb_distributor');
    const packagesOf = (directory: string): string =>
      path.join(directory, 'dists/stable/main/binary-amd64/Packages');
    const index = readFileSync(packagesOf(first.directory), 'utf8');
    chmodSync(packagesOf(first.directory), 0o600);
    writeFileSync(
      packagesOf(first.directory),
      index.replace('Package: gate', 'Taken-Over: yes\n$&'),
    );
    publisher.remove(removed);
    await publisher.add('deb', await debPackage({ name: 'open', version: '1.0' }));
    const previous = first.directory;
    const second = await publisher.publish('deb_distributor', { previous });
    const taken = readFileSync(packagesOf(second.directory), 'utf8');
    assert.deepEqual(taken.match(/^(?:Package|Taken-Over): .*$/gm), [
      'Taken-Over: yes',
      'Package: gate',
      'Package: open',
    ]);
    const config = { force_full: true };
    const third = await publisher.publish('deb_distributor', { previous, config });
    assert.doesNotMatch(readFileSync(packagesOf(third.directory), 'utf8'), /Taken-Over/);
  });

  it('has indexes also where there is no package', async () => {
    await using publisher = await createPublisher();
    const { directory } = await publisher.publish('deb_distributor');
    const component = path.join(directory, 'dists/stable/main');
    assert.deepEqual(readdirSync(component).sort(), ['binary-amd64', 'binary-arm64']);
  });

  it('takes no file that is none, and no name that leads elsewhere (T28)', async () => {
    await using publisher = await createPublisher();
    for (const wrong of ['', 'no package', '!<arch>\ndebian-binary rest']) {
      await assert.rejects(publisher.add('deb', wrong), /no Debian package/);
    }
    const hostile = await debPackage({ version: '1.0/../../../etc' }).catch(() => undefined);
    if (hostile !== undefined) {
      await assert.rejects(publisher.add('deb', hostile), /Cannot take the (?:package|file)/);
    }
  });
});

/** What apt would install of each package, by a key that it trusts. */
async function apt(directory: string, suite: string, architecture: string): Promise<string> {
  using root = temporaryDirectory();
  for (const name of ['lists/partial', 'archives/partial', 'etc', 'parts']) {
    mkdirSync(root.file(name), { recursive: true });
  }
  const key = path.join(directory, 'archive-key.asc');
  const source = `deb [signed-by=${key} by-hash=force] file:${directory} ${suite} main\n`;
  writeFileSync(root.file('sources.list'), source);
  writeFileSync(root.file('status'), '');
  const settings = {
    ...{
      'Dir::Etc::SourceList': root.file('sources.list'),
      'Dir::Etc::SourceParts': root.file('parts'),
    },
    ...{ 'Dir::State::Lists': root.file('lists'), 'Dir::State::status': root.file('status') },
    ...{ 'Dir::Cache': root.path, 'APT::Sandbox::User': 'root' },
    ...{ 'APT::Architecture': architecture, 'APT::Architectures': architecture },
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const update = await run('apt-get', [...options, '-o', 'APT::Update::Error-Mode=any', 'update']);
  assert.equal(update.code, 0, update.stderr);
  const listed = await runOk('apt-cache', [...options, 'dumpavail']);
  const paragraphs = listed.toString().trim().split('\n\n');
  return paragraphs
    .map((text) => `${/^Package: (.*)$/m.exec(text)?.[1]} ${/^Version: (.*)$/m.exec(text)?.[1]}`)
    .join('\n');
}
