import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { unitType } from '../../src/repository-types/all-types.ts';
import { givenUnit } from '../support/given-file.ts';
import { needs } from '../support/needs.ts';
import { rpmPackage } from '../support/rpm-packages.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe('an RPM package', { skip: needs('rpmbuild', 'rpm', 'rpmkeys') }, () => {
  it('is known by what its header says, in the names of Pulp', async () => {
    using directory = temporaryDirectory();
    const bytes = await rpmPackage({
      name: 'gate',
      epoch: '2',
      summary: 'A <b>gate</b> & "more"',
      requires: 'bash >= 1:4.0-2',
    });
    const given = givenUnit(directory, bytes);
    const read = await unitType('rpm')?.read(given);
    assert.ok(read !== undefined && 'fields' in read);
    const { fields, filename, replacesBy } = read;
    assert.equal(filename, 'gate-1.0-1.noarch.rpm');
    assert.deepEqual(replacesBy, ['name', 'epoch', 'version', 'release', 'arch']);
    const { name, epoch, version, release, arch, summary, checksum, checksumtype, size } = fields;
    assert.deepEqual(
      [name, epoch, version, release, arch, summary, checksumtype],
      ['gate', '2', '1.0', '1', 'noarch', 'A <b>gate</b> & "more"', 'sha256'],
    );
    assert.deepEqual([checksum, size], [given.file?.sha256, given.file?.size]);
    const requires = fields.requires as readonly { readonly name: string }[];
    const relation = { name: 'bash', flags: 'GE', epoch: '1', version: '4.0', release: '2' };
    assert.deepEqual(
      requires.find((each) => each.name === 'bash'),
      relation,
    );
    assert.equal(fields.sourcerpm, 'gate-1.0-1.src.rpm');
  });

  it('has the files by which others may require it, and no others', async () => {
    using directory = temporaryDirectory();
    const filesOf = async (file: string) => {
      const read = await unitType('rpm')?.read(givenUnit(directory, await rpmPackage({ file })));
      return read !== undefined && 'fields' in read ? read.fields.primary_files : undefined;
    };
    for (const file of ['/usr/bin/gate', '/etc/gate.conf', '/usr/lib/sendmail']) {
      assert.deepEqual(await filesOf(file), [file]);
    }
    assert.deepEqual(await filesOf('/usr/share/gate'), []);
  });

  it('is of the type that its header says, whatever a client says', async () => {
    using directory = temporaryDirectory();
    const source = givenUnit(directory, await rpmPackage({ isSource: true }));
    const binary = givenUnit(directory, await rpmPackage());
    assert.match(await refusal('rpm', source), /of the type srpm/);
    assert.match(await refusal('srpm', binary), /of the type rpm/);
    const read = await unitType('srpm')?.read(source);
    assert.ok(read !== undefined && 'fields' in read);
    assert.equal(read.fields.arch, 'src');
    assert.equal(read.filename, 'gate-1.0-1.src.rpm');
  });

  it('is refused when it is none, cut off, changed, or a list of other files (T28)', async () => {
    using directory = temporaryDirectory();
    const bytes = await rpmPackage();
    const changed = Buffer.from(bytes);
    changed[changed.length - 20] = (changed.at(-20) ?? 0) ^ 0xff;
    writeFileSync(directory.file('other.rpm'), bytes);
    const manifest = `${directory.file('other.rpm')}\n`;
    const magic = Buffer.from('edabeedb', 'hex');
    for (const wrong of ['', 'no package', manifest, bytes.subarray(0, 2000), changed, magic]) {
      assert.match(await refusal('rpm', givenUnit(directory, wrong)), /no whole RPM package/);
    }
  });

  it('is refused when the unit key of the client is of another', async () => {
    using directory = temporaryDirectory();
    const bytes = await rpmPackage();
    const given = givenUnit(directory, bytes, { unitKey: { name: 'other' } });
    assert.match(await refusal('rpm', given), /its name is another/);
    const odd = givenUnit(directory, bytes, { unitMetadata: { checksumtype: 'crc32' } });
    const refused = await unitType('rpm')?.read(odd);
    assert.equal(refused !== undefined && 'code' in refused && refused.code, 'PLP1005');
  });

  it('is refused by the name of a program that is missing', async () => {
    using directory = temporaryDirectory();
    const given = givenUnit(directory, await rpmPackage());
    const { PATH } = process.env;
    process.env.PATH = directory.path;
    try {
      assert.match(await refusal('rpm', given), /rpm is not installed: on Debian the package rpm/);
    } finally {
      process.env.PATH = PATH;
    }
  });

  it('is refused when a name in its header leads elsewhere (T28)', async () => {
    using directory = temporaryDirectory();
    const bytes = await rpmPackage({ name: 'abcdefgh' });
    // The header's own digest is not right any more: that alone is enough to refuse it.
    const hostile = Buffer.from(
      bytes.toString('latin1').replaceAll('abcdefgh', '../../xy'),
      'latin1',
    );
    assert.match(await refusal('rpm', givenUnit(directory, hostile)), /Cannot take/);
  });
});

async function refusal(
  type: string,
  given: Parameters<typeof givenUnit>[2] & object,
): Promise<string> {
  const read = await unitType(type)?.read(given as never);
  assert.ok(read !== undefined && 'refused' in read, 'it was taken');
  return read.refused;
}
