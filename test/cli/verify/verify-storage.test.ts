import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { publicationsCollection, unitsCollection } from '../../../src/repositories/documents.ts';
import { kept } from '../../storage/opened.ts';
import { VerifyFixture } from './fixture.ts';

describe('verifyStorage()', () => {
  it('finds nothing where storage and store agree, and says what it looked at', async () => {
    await using fixture = await VerifyFixture.open();
    const digests = [await fixture.unit('one'), await fixture.unit('two')];
    await fixture.publication(digests);
    const { findings, checked } = await fixture.verify();
    assert.deepEqual(findings, []);
    assert.deepEqual(checked, {
      artifacts: 2,
      bytes: 6,
      units: 2,
      publications: 1,
      files: 3,
      uploads: 0,
    });
  });

  it('tells damaged bytes; --repair takes them from a publication that has them', async () => {
    await using fixture = await VerifyFixture.open();
    const sha256 = await fixture.unit('one');
    await fixture.publication([sha256]);
    const file = fixture.storage.artifacts.pathOf(sha256);
    // Another inode: the file of the publication is intact.
    unlinkSync(file);
    writeFileSync(file, 'onx');
    assert.deepEqual(await fixture.kinds(), ['artifact-damaged']);
    assert.deepEqual(await fixture.kinds({ isRepairing: true }), ['artifact-damaged+']);
    assert.equal(readFileSync(file, 'utf8'), 'one');
    assert.deepEqual(readdirSync(`${fixture.storage.directory}/damaged`).length, 1);
    assert.deepEqual(await fixture.kinds(), []);
  });

  it('tells that no intact bytes are left; they are stored anew by the next upload', async () => {
    await using fixture = await VerifyFixture.open();
    const sha256 = await fixture.unit('one');
    await fixture.publication([sha256]);
    const file = fixture.storage.artifacts.pathOf(sha256);
    // The same inode: the publication has lost its bytes as well.
    chmodSync(file, 0o600);
    writeFileSync(file, 'onx');
    const both = ['artifact-damaged', 'file-changed'];
    assert.deepEqual(await fixture.kinds(), both);
    assert.deepEqual(await fixture.kinds({ isRepairing: true }), both);
    assert.deepEqual(await fixture.kinds(), ['artifact-missing', 'file-changed']);
    await kept(fixture.storage, 'one');
    assert.deepEqual(await fixture.kinds(), ['file-changed']);
    assert.deepEqual(await fixture.kinds({ isRepairing: true }), ['file-changed+']);
    assert.deepEqual(await fixture.kinds(), []);
  });

  it('tells a missing artifact; --repair takes it from a publication', async () => {
    await using fixture = await VerifyFixture.open();
    const [sha256, other] = [await fixture.unit('one'), await fixture.unit('two')];
    await fixture.publication([sha256]);
    unlinkSync(fixture.storage.artifacts.pathOf(sha256));
    unlinkSync(fixture.storage.artifacts.pathOf(other));
    assert.deepEqual(await fixture.kinds(), ['artifact-missing', 'artifact-missing']);
    const repaired = ['artifact-missing', 'artifact-missing+'];
    assert.deepEqual(await fixture.kinds({ isRepairing: true }), repaired);
    assert.equal(await fixture.storage.artifacts.sizeOf(sha256), 3);
    assert.deepEqual(await fixture.kinds(), ['artifact-missing']);
  });

  it('tells artifacts that nobody refers to; --repair removes them, and nothing else', async () => {
    await using fixture = await VerifyFixture.open();
    const [mine, nobodys] = [await fixture.unit('one'), await kept(fixture.storage, 'two')];
    assert.deepEqual(await fixture.kinds(), ['artifact-unreferenced']);
    assert.equal(await fixture.storage.artifacts.sizeOf(nobodys), 3);
    assert.deepEqual(await fixture.kinds({ isRepairing: true }), ['artifact-unreferenced+']);
    assert.equal(await fixture.storage.artifacts.sizeOf(nobodys), undefined);
    assert.equal(await fixture.storage.artifacts.sizeOf(mine), 3);
  });

  it('tells imports that never ended after an hour, and not those under way', async () => {
    await using fixture = await VerifyFixture.open();
    const given = (name: string) => ({
      type: 'iso',
      fields: { name },
      unitKey: ['name'],
      artifact: { sha256: 'a'.repeat(64), size: 1, filename: name },
    });
    const { unit } = await fixture.units.insertPending(given('old'));
    await fixture.units.insertPending(given('new'));
    const created = new Date(Date.now() - 3_601_000);
    await fixture.store.update(unitsCollection, unit._id, { $set: { created } });
    assert.deepEqual(await fixture.kinds(), ['unit-pending']);
    assert.deepEqual(await fixture.kinds({ isRepairing: true }), ['unit-pending+']);
    assert.deepEqual(await fixture.kinds(), []);
    assert.equal(await fixture.units.count(), 1);
  });

  it('tells publications without a directory, without a document, without a manifest', async () => {
    await using fixture = await VerifyFixture.open();
    const digests = [await fixture.unit('one')];
    const [lost, unknown, unlisted] = [
      await fixture.publication(digests),
      await fixture.publication(digests),
      await fixture.publication(digests),
    ];
    const { publications, directory } = fixture.storage;
    await publications.remove(lost);
    await fixture.store.remove(publicationsCollection, unknown);
    unlinkSync(`${directory}/manifests/${unlisted}.sha256`);
    const kinds = ['publication-missing', 'publication-unknown', 'publication-unlisted'];
    assert.deepEqual(await fixture.kinds(), kinds);
    await fixture.kinds({ isRepairing: true });
    assert.deepEqual(await fixture.kinds(), ['publication-missing', 'publication-unlisted']);
    assert.deepEqual(readdirSync(publications.directory), [unlisted]);
  });

  it('tells files of publications that are gone, changed, or do not belong there', async () => {
    await using fixture = await VerifyFixture.open();
    const digests = [await fixture.unit('one'), await fixture.unit('two')];
    const id = await fixture.publication(digests);
    const directory = fixture.storage.publications.directoryOf(id);
    for (const each of [directory, `${directory}/files`]) chmodSync(each, 0o750);
    rmSync(`${directory}/files/0.iso`);
    copyFileSync('/dev/null', `${directory}/files/other`);
    renameSync(`${directory}/files/other`, `${directory}/files/1.iso`);
    chmodSync(`${directory}/PULP_MANIFEST`, 0o600);
    writeFileSync(`${directory}/PULP_MANIFEST`, 'evil');
    writeFileSync(`${directory}/evil`, 'evil');
    const kinds = ['file-changed', 'file-changed', 'file-missing', 'file-unexpected'];
    assert.deepEqual(await fixture.kinds(), kinds);
    const repaired = ['file-changed', 'file-changed+', 'file-missing+', 'file-unexpected'];
    assert.deepEqual(await fixture.kinds({ isRepairing: true }), repaired);
    assert.equal(readFileSync(`${directory}/files/0.iso`, 'utf8'), 'one');
    assert.equal(readFileSync(`${directory}/files/1.iso`, 'utf8'), 'two');
    assert.deepEqual(await fixture.kinds(), ['file-changed', 'file-unexpected']);
  });

  it('tells uploads that nothing speaks of', async () => {
    await using fixture = await VerifyFixture.open();
    mkdirSync(`${fixture.storage.directory}/uploads/${'a'.repeat(32)}`);
    assert.deepEqual(await fixture.kinds(), ['upload-unknown']);
    assert.deepEqual(await fixture.kinds({ isRepairing: true }), ['upload-unknown+']);
    assert.deepEqual(await fixture.kinds(), []);
  });
});
