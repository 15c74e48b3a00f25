/** `portcullis-admin X repo content|copy|remove|publish|rollback|client-config` with the real API and a worker. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { debPackage } from '../support/deb-packages.ts';
import { needs } from '../support/needs.ts';
import { rpmPackage } from '../support/rpm-packages.ts';
import { repo, testRepositoryCommands } from './repository-commands.ts';

testRepositoryCommands('content', (given) => {
  it('portcullis-admin uploads files, publishes them, and serves an earlier publication again', async () => {
    const { ok, json, refused, file, done } = given();
    const id = ['--repo-id', 'files'];
    await ok(...repo('iso', 'create', ...id));
    const one = ['--file', file('one.iso', 'one')];
    const out = await done(...repo('iso', 'uploads', 'upload', ...id, ...one));
    assert.match(out, /one\.iso +uploaded and imported$/m);
    assert.match(await ok(...repo('iso', 'isos', ...id)), /^one\.iso +3 +[0-9a-f]{64}$/m);
    // It has published by itself.
    const skipped = await done(...repo('iso', 'publish', 'run', ...id));
    assert.match(skipped, /^Skipped: Repository content has not changed since last publish\.$/m);
    await done(...repo('iso', 'uploads', 'upload', ...id, '-f', file('two.iso', 'two')));
    const forced = await done(...repo('iso', 'publish', 'run', ...id, '--force-full'));
    assert.equal(forced, 'Task Succeeded\n');
    const all = await json(...repo('iso', 'publications', ...id));
    assert.deepEqual(all[0].unit_counts, { iso: 2 });
    const last = all.at(-1);
    const back = repo('iso', 'rollback', ...id, '--publication', last.id);
    assert.equal(await done(...back), `Publication [${last.id}] is served\n`);
    const listed = await ok(...repo('iso', 'publications', ...id));
    assert.match(listed, new RegExp(`^${last.id} +\\S+ +served +iso: `, 'm'));
    assert.match(listed, /its files are served until /);
    assert.equal(
      await ok(...repo('iso', 'publish', 'status', ...id)),
      'No publish of the repository waits or runs.\n',
    );
    const nowhere = ['--repo-id', 'nowhere'];
    await refused(65, /nowhere \(repository\)/, ...repo('iso', 'publish', 'run', ...nowhere));
    await refused(65, /nowhere/, ...repo('iso', 'publications', ...nowhere));
  });

  it('portcullis-admin uploads, lists, copies and removes packages', {
    skip: needs('rpm', 'rpmbuild', 'createrepo_c'),
  }, async () => {
    const { ok, json, file, done, countOf } = given();
    for (const name of ['el9', 'el9-copy']) await ok(...repo('rpm', 'create', '--repo-id', name));
    const id = ['--repo-id', 'el9'];
    const files = await Promise.all(
      ['1.0', '2.0'].map(async (version) =>
        file(`gate-${version}.rpm`, await rpmPackage({ name: 'gate', version })),
      ),
    );
    const source = file('gate.src.rpm', await rpmPackage({ isSource: true }));
    const upload = files.flatMap((each) => ['--file', each]);
    const type = ['--checksum-type', 'sha256'];
    await done(...repo('rpm', 'uploads', 'rpm', ...id, ...upload, ...type));
    await done(...repo('rpm', 'uploads', 'srpm', ...id, '--file', source));
    const table = await ok(...repo('rpm', 'content', 'rpm', ...id, '--sort', 'version,descending'));
    assert.match(table, /^gate +0 +2\.0 +1 +noarch .*\ngate +0 +1\.0 +1 +noarch /m);
    const fields = ['--str-eq', 'version=1.0', '--fields', 'version'];
    const found = await ok(...repo('rpm', 'content', 'rpm', ...id, ...fields));
    assert.deepEqual(found.match(/^Version: .*$/gm), ['Version:  1.0']);
    assert.equal(await countOf(...repo('rpm', 'content', 'srpm', ...id)), 1);
    assert.equal(
      await countOf(...repo('rpm', 'content', 'rpm', ...id, '--before', '2001-01-01T00:00:00Z')),
      0,
    );
    assert.equal(
      await countOf(...repo('rpm', 'content', 'rpm', ...id, '--after', '2001-01-01T00:00:00Z')),
      2,
    );
    const copy = ['--from-repo-id', 'el9', '--to-repo-id', 'el9-copy'];
    const copied = await done(...repo('rpm', 'copy', 'rpm', ...copy, '--str-eq', 'version=2.0'));
    assert.equal(copied, 'Task Succeeded: 1 copied\n');
    const [unit] = await json(...repo('rpm', 'content', 'rpm', '--repo-id', 'el9-copy'));
    assert.equal(unit.metadata.version, '2.0');
    const removed = await done(...repo('rpm', 'remove', 'rpm', ...id, '--match', 'version=^1'));
    assert.equal(removed, 'Task Succeeded: 1 removed\n');
    assert.equal(await countOf(...repo('rpm', 'content', 'rpm', ...id)), 1);
    assert.equal(await countOf(...repo('rpm', 'content', 'srpm', ...id)), 1);
  });

  it('portcullis-admin copies what packages need with them, when it is told to', {
    skip: needs('rpm', 'rpmbuild', 'createrepo_c'),
  }, async () => {
    const { ok, done, file } = given();
    const names = ['whole', 'part'];
    for (const name of names) await ok(...repo('rpm', 'create', '--repo-id', name));
    const [gate, app] = await Promise.all([
      rpmPackage({ name: 'gate' }),
      rpmPackage({ name: 'app', requires: 'gate' }),
    ]);
    const files = [file('gate.rpm', gate), file('app.rpm', app)].map((each) => `--file=${each}`);
    await done(...repo('rpm', 'uploads', 'rpm', '--repo-id', 'whole', ...files));
    const copy = repo('rpm', 'copy', 'rpm', '--from-repo-id', 'whole', '--to-repo-id', 'part');
    const app1 = ['--str-eq', 'name=app'];
    assert.equal(await done(...copy, ...app1), 'Task Succeeded: 1 copied\n');
    assert.equal(await done(...copy, ...app1, '--recursive'), 'Task Succeeded: 2 copied\n');
  });

  it('portcullis-admin uploads Debian packages, and writes the configuration of their clients', {
    skip: needs('dpkg-deb', 'apt-ftparchive'),
  }, async () => {
    const { ok, run, refused, json, directory, done } = given();
    const id = ['--repo-id', 'bookworm'];
    await ok(...repo('deb', 'create', ...id, '--public'));
    mkdirSync(directory.file('debs'), { recursive: true });
    writeFileSync(directory.file('debs/gate.deb'), await debPackage());
    writeFileSync(directory.file('debs/README'), 'not meant');
    await done(...repo('deb', 'uploads', 'deb', ...id, '--dir', directory.file('debs')));
    assert.match(await ok(...repo('deb', 'content', 'deb', ...id)), /^gate +1\.0 +all /m);
    const config = repo('deb', 'client-config', ...id, '--credential', 'token');
    const { out, err } = await run(config);
    assert.match(
      out,
      /^# \/etc\/apt\/sources\.list\.d\/bookworm\.sources\nTypes: deb\nURIs: https:/,
    );
    assert.match(out, /^# \/etc\/apt\/auth\.conf\.d\/bookworm\.conf\nmachine .* TOKEN$/m);
    assert.match(err, /^It is for https:\/\//);
    assert.equal((await json(...config)).files.length, 2);
    await refused(
      64,
      /expected one of none, certificate/,
      ...repo('deb', 'client-config', ...id, '--credential', 'x'),
    );
    await refused(65, /./, ...repo('deb', 'client-config', ...id, '--ca', 'a b'));
  });

  it('portcullis-admin tells why a publish or a sync failed, and waits for one that is under way', async () => {
    const { ok, run } = given();
    const tree = repo('directory', 'create', '--repo-id', 'tree', '--path', '/nonexistent/tree');
    await ok(...tree);
    const failed = await run(repo('directory', 'publish', 'run', '--repo-id', 'tree'));
    assert.equal(failed.code, 70);
    assert.match(
      failed.err,
      /^Task Failed\nPLP\d+: Cannot .*\nSee `portcullis-admin tasks details /m,
    );
    await ok(...repo('iso', 'create', '--repo-id', 'unfed'));
    const unfed = await run(repo('iso', 'sync', 'run', '--repo-id', 'unfed'));
    assert.equal(unfed.code, 70);
    assert.match(unfed.err, /^Task Failed\n/m);
  });
});
