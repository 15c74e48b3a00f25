/** `portcullis-admin rpm repo uploads` of units without a file, with the real API and a worker. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sha256Of } from '../storage/opened.ts';
import { needs } from '../support/needs.ts';
import { repo, testRepositoryCommands } from './repository-commands.ts';

testRepositoryCommands('metadata', (given) => {
  it('portcullis-admin uploads what has no file, as pulp-admin does', {
    skip: needs('rpm', 'rpmbuild', 'createrepo_c'),
  }, async () => {
    const { ok, json, refused, file, done } = given();
    const id = ['--repo-id', 'described'];
    await ok(...repo('rpm', 'create', ...id));
    const upload = (type: string, ...words: string[]) =>
      repo('rpm', 'uploads', type, ...id, ...words);
    const named = ['--name', 'Base', '--description', 'all of it'];
    const sums = `sha256,${'0'.repeat(64)}`;
    const packages = file(
      'packages.csv',
      `gate,1.0,1,0,noarch,gate-1.0-1.noarch.rpm,${sums},gate.src.rpm\n`,
    );
    const references = file('references.csv', 'https://bugs.example.com/1,bugzilla,1,Bug 1\n');
    const erratum = [
      ...['--erratum-id', 'ACME-1', '--title', 'Gate', '--description', 'x', '--version', '1'],
      ...['--release', 'el9', '--type', 'security', '--status', 'final', '--from', 'a@example.com'],
      ...['--updated', '2026-01-01 00:00:00', '--issued', '2026-01-01 00:00:00'],
      ...['--severity', 'Important', '--reference-csv', references, '--reboot-suggested'],
    ];
    const made = await done(...upload('erratum', ...erratum, '--pkglist-csv', packages));
    assert.equal(made, 'Successfully uploaded\n');
    const [shown] = await json(...repo('rpm', 'content', 'errata', ...id));
    const { pkglist, references: referred, reboot_suggested: reboots } = shown.metadata;
    assert.equal(pkglist[0].packages[0].filename, 'gate-1.0-1.noarch.rpm');
    assert.deepEqual(pkglist[0].packages[0].sum, ['sha256', '0'.repeat(64)]);
    assert.deepEqual([referred[0].title, reboots], ['Bug 1', true]);
    const bad = file('bad.csv', 'gate,1.0\n');
    await refused(
      64,
      /expected 9 values in line 1/,
      ...upload('erratum', ...erratum, '--pkglist-csv', bad),
    );
    await done(
      ...upload(
        'group',
        '--group-id',
        'base',
        ...named,
        '--mand-name',
        'gate',
        '--cond-name',
        'a:b',
        '--default',
      ),
    );
    await refused(
      64,
      /expected NAME:REQUIRES/,
      ...upload('group', '--group-id', 'x', ...named, '--cond-name', 'a'),
    );
    const [group] = await json(...repo('rpm', 'content', 'group', ...id));
    const { mandatory_package_names: mandatory, conditional_package_names: pairs } = group.metadata;
    assert.deepEqual(
      [mandatory, pairs, group.metadata.repo_id],
      [['gate'], [['a', 'b']], 'described'],
    );
    await done(
      ...upload(
        'category',
        '--category-id',
        'all',
        ...named,
        '--group',
        'base',
        '--display-order',
        '3',
      ),
    );
    await done(
      ...upload(
        'environment',
        '--environment-id',
        'min',
        ...named,
        '--group',
        'base',
        '--option',
        'x,default',
      ),
    );
    await done(...upload('langpacks', '--name', 'gimp', '--install', 'gimp-help-%s'));
    await refused(
      64,
      /give --install once for each --name/,
      ...upload('langpacks', '--name', 'gimp'),
    );
    const [environment] = await json(...repo('rpm', 'content', 'environment', ...id));
    assert.deepEqual(environment.metadata.options, [{ group: 'x', default: true }]);
    const product = file('productid', 'a certificate');
    await done(...upload('metafile', '--data-type', 'productid', '--file', product));
    const [metafile] = await json(...repo('rpm', 'content', 'metafile', ...id));
    assert.deepEqual(
      [metafile.metadata.data_type, metafile.metadata.checksum],
      ['productid', sha256Of('a certificate')],
    );
    assert.equal(
      await done(...repo('rpm', 'publish', 'run', ...id, '--force-full')),
      'Task Succeeded\n',
    );
  });
});
