import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib';
import type { JsonObject } from '../../src/repositories/documents.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { createPki } from '../support/pki.ts';
import { freePort } from '../support/processes.ts';
import { openSyncing, type Syncing } from './syncing.ts';
import { createYumFeed } from './yum-feed.ts';

const skip = needs('nginx', 'createrepo_c', 'rpmbuild', 'openssl');

async function namesOf(syncing: Syncing, type: string): Promise<readonly string[]> {
  const units = await syncing.unitsOf(type);
  return units.map(({ fields }) => `${fields.name}-${fields.version}`).sort();
}

describe('repository.sync of a yum repository', { skip }, () => {
  it('takes all of it over, through TLS with a client certificate and a password', async () => {
    using feed = createYumFeed();
    await feed.build('anvil', '1');
    await feed.build('anvil', '2');
    await feed.build('tongs', '1');
    await feed.index(1000);
    using pki = createPki();
    const ca = await pki.authority();
    const server = await pki.server(ca);
    const client = await pki.client(ca);
    const port = await freePort();
    const users = pki.write('users', 'u:{PLAIN}p\n');
    await using _nginx = await startNginx(`server {
      listen 127.0.0.1:${port} ssl;
      ssl_certificate ${server.certificatePath};
      ssl_certificate_key ${server.keyPath};
      ssl_client_certificate ${ca.certificatePath};
      ssl_verify_client on;
      root ${feed.directory};
      auth_basic feed;
      auth_basic_user_file ${users};
    }`);
    const config = {
      feed: `https://u:p@127.0.0.1:${port}/`,
      ssl_ca_cert: ca.certificate,
      ssl_client_cert: client.certificate,
      ssl_client_key: client.key,
    };
    await using syncing = await openSyncing({ importer: 'yum_importer', config });
    const task = await syncing.sync();
    assert.equal(task.state, 'finished', JSON.stringify(task.error));
    assert.deepEqual(await namesOf(syncing, 'rpm'), ['anvil-1', 'anvil-2', 'tongs-1']);
    const { content_unit_counts: counts, importer } = await syncing.repository();
    assert.deepEqual(counts, {
      ...{ rpm: 3, erratum: 1, package_group: 1, package_category: 1, package_environment: 1 },
      ...{ modulemd: 1, modulemd_defaults: 1, yum_repo_metadata_file: 1 },
    });
    assert.equal(importer?.scratchpad.remote_revision, 1000);
    const [erratum] = await syncing.unitsOf('erratum');
    assert.equal(erratum?.fields.title, 'A hole & its end');
    assert.deepEqual(
      [erratum?.fields.issued, erratum?.fields.severity, erratum?.fields.from],
      ['2026-01-02 03:04:05', 'Important', 'acme'],
    );
    const [group] = await syncing.unitsOf('package_group');
    assert.deepEqual(group?.fields.mandatory_package_names, ['anvil']);
    assert.deepEqual(group?.fields.translated_name, { de: 'Werkzeug' });
    const [file] = await syncing.unitsOf('yum_repo_metadata_file');
    const stored = syncing.parts.storage.artifacts.pathOf(file?.artifact?.sha256 ?? '');
    assert.equal(readFileSync(stored, 'utf8'), 'the product');
    const report = task.progress_report.yum_importer as unknown as Record<
      string,
      { state: string }
    >;
    const steps = ['metadata', 'content', 'errata', 'comps', 'modules', 'metadata_files'];
    assert.deepEqual(
      steps.map((step) => report[step]?.state),
      steps.map(() => 'FINISHED'),
    );
    const again = await syncing.sync();
    const { added_count, updated_count, removed_count } = again.result as never;
    assert.deepEqual([added_count, updated_count, removed_count], [0, 0, 0]);
    assert.equal((await syncing.repository()).content_revision, 1);
  });

  it('changes what has changed, and leaves out and keeps what it is told to', async () => {
    using feed = createYumFeed();
    for (const version of ['1', '2', '10']) await feed.build('anvil', version);
    await feed.index(1000);
    const port = await freePort();
    await using _nginx = await startNginx(
      `server { listen 127.0.0.1:${port}; root ${feed.directory}; }`,
    );
    const config = { feed: `http://127.0.0.1:${port}` };
    await using syncing = await openSyncing({ importer: 'yum_importer', config });
    const skipping = { type_skip_list: ['erratum', 'modulemd'] };
    assert.equal((await syncing.sync({ ...skipping, retain_old_count: 1 })).state, 'finished');
    assert.deepEqual(await namesOf(syncing, 'rpm'), ['anvil-10', 'anvil-2']);
    assert.equal((await syncing.unitsOf('erratum')).length, 0);
    assert.equal((await syncing.unitsOf('modulemd_defaults')).length, 1);
    writeFileSync(feed.file('productid.txt'), 'another product');
    rmSync(feed.file('Packages/anvil-2-1.noarch.rpm'));
    await feed.index(1001);
    const { result } = await syncing.sync({ remove_missing: true });
    const { added_count, updated_count, removed_count } = result as never;
    // anvil 1, the erratum and the module come, anvil 2 goes, and the metadata is another.
    assert.deepEqual([added_count, updated_count, removed_count], [3, 1, 1]);
    assert.deepEqual(await namesOf(syncing, 'rpm'), ['anvil-1', 'anvil-10']);
    const [file] = await syncing.unitsOf('yum_repo_metadata_file');
    const { artifacts } = syncing.parts.storage;
    assert.equal(
      readFileSync(artifacts.pathOf(file?.artifact?.sha256 ?? ''), 'utf8'),
      'another product',
    );
    assert.equal((await syncing.sync({ retain_old_count: 0 })).state, 'finished');
    assert.deepEqual(await namesOf(syncing, 'rpm'), ['anvil-10']);
  });

  it('says that the tree of an installer is left out, where the feed is one', async () => {
    using feed = createYumFeed();
    await feed.index(1000);
    const port = await freePort();
    await using _nginx = await startNginx(
      `server { listen 127.0.0.1:${port}; root ${feed.directory}; }`,
    );
    const config = { feed: `http://127.0.0.1:${port}` };
    await using syncing = await openSyncing({ importer: 'yum_importer', config });
    const stepOf = async (override?: JsonObject) => {
      const task = await syncing.sync(override);
      assert.equal(task.state, 'finished', JSON.stringify(task.error));
      const { yum_importer: report } = task.progress_report;
      return (report as unknown as { distribution: { state: string; details: object } })
        .distribution;
    };
    const none = { state: 'NOT_STARTED', error_details: [], details: {} };
    assert.deepEqual(await stepOf(), none);
    for (const [name, text] of [
      ['treeinfo', '<html>Not found</html>'],
      ['.treeinfo', '[general]\nfamily = Acme\n'],
    ] as const) {
      writeFileSync(feed.file(name), text);
      const { state, details } = await stepOf();
      assert.equal(state, name === '.treeinfo' ? 'SKIPPED' : 'NOT_STARTED');
      assert.equal(/images are not taken/.test(JSON.stringify(details)), name === '.treeinfo');
    }
    assert.deepEqual(await stepOf({ type_skip_list: ['distribution'] }), none);
  });

  it('T91 takes nothing that is older than what it has, unless it is forced', async () => {
    using feed = createYumFeed();
    await feed.build('anvil', '2');
    await feed.index(2000);
    const port = await freePort();
    await using _nginx = await startNginx(
      `server { listen 127.0.0.1:${port}; root ${feed.directory}; }`,
    );
    const config = { feed: `http://127.0.0.1:${port}/`, remove_missing: true };
    await using syncing = await openSyncing({ importer: 'yum_importer', config });
    assert.equal((await syncing.sync()).state, 'finished');
    await feed.build('anvil', '1');
    rmSync(feed.file('Packages/anvil-2-1.noarch.rpm'));
    await feed.index(1999);
    const { error } = await syncing.sync();
    assert.match(error?.description ?? '', /of the revision 1999, older than 2000/);
    assert.deepEqual(await namesOf(syncing, 'rpm'), ['anvil-2']);
    assert.equal((await syncing.sync({ force_full: true })).state, 'finished');
    assert.deepEqual(await namesOf(syncing, 'rpm'), ['anvil-1']);
  });

  it('T81 T90 keeps its units when the metadata is hostile, or not what repomd.xml says', async () => {
    using feed = createYumFeed();
    await feed.build('anvil', '1');
    await feed.index(1000);
    const port = await freePort();
    await using _nginx = await startNginx(
      `server { listen 127.0.0.1:${port}; root ${feed.directory}; }`,
    );
    const config = { feed: `http://127.0.0.1:${port}/`, remove_missing: true };
    await using syncing = await openSyncing({ importer: 'yum_importer', config });
    assert.equal((await syncing.sync()).state, 'finished');
    const before = await syncing.repository();
    const laughs = '<!DOCTYPE updates [<!ENTITY a "ha">]><updates><update>&a;</update></updates>';
    const hostile: readonly [string, Buffer, RegExp][] = [
      [
        'primary',
        gzipSync(Buffer.alloc(50_000_000, ' ')),
        /over 16777216 bytes$|400 times its size$/,
      ],
      ['updateinfo', gzipSync(laughs), /declares entities or the like/],
      ['updateinfo', gzipSync('<updates><update><id>../x</id></update></updates>'), /^Cannot take/],
      ['modules', Buffer.from([0xff, 0xfe, 0x00]), /not in UTF-8|no whole/],
    ];
    for (const [type, bytes, problem] of hostile) {
      replaceMetadata(feed.directory, type, bytes);
      const { state, error } = await syncing.sync();
      assert.equal(state, 'error', type);
      assert.match(error?.description ?? '', problem);
      assert.deepEqual(await namesOf(syncing, 'rpm'), ['anvil-1']);
      await feed.index(1000);
    }
    writeFileSync(metadataFile(feed.directory, 'primary'), 'x');
    assert.match((await syncing.sync()).error?.description ?? '', /and its metadata says/);
    const { content_revision, content_unit_counts } = await syncing.repository();
    assert.equal(content_revision, before.content_revision);
    assert.deepEqual(content_unit_counts, before.content_unit_counts);
  });

  it('takes no package that is another than its metadata says', async () => {
    using feed = createYumFeed();
    await feed.build('anvil', '1');
    await feed.index(1000);
    const port = await freePort();
    await using _nginx = await startNginx(
      `server { listen 127.0.0.1:${port}; root ${feed.directory}; }`,
    );
    const config = { feed: `http://127.0.0.1:${port}/` };
    await using syncing = await openSyncing({ importer: 'yum_importer', config });
    const zipped = readFileSync(metadataFile(feed.directory, 'primary'));
    const isGzip = zipped.readUInt16BE(0) === 0x1f8b;
    const primary = (isGzip ? gunzipSync(zipped) : zstdDecompressSync(zipped)).toString();
    const lie = primary.replace('<name>anvil</name>', '<name>hammer</name>');
    replaceMetadata(feed.directory, 'primary', gzipSync(lie));
    const { error } = await syncing.sync();
    assert.match(error?.description ?? '', /its name is another than in the unit key/);
    assert.equal(await syncing.units.count(), 0);
  });
});

function metadataFile(directory: string, type: string): string {
  const name = readdirSync(`${directory}/repodata`).find((each) => each.includes(`-${type}.`));
  return `${directory}/repodata/${name}`;
}

/** Puts other bytes in the place of metadata, of which repomd.xml says the truth. */
function replaceMetadata(directory: string, type: string, bytes: Buffer): void {
  const repomd = `${directory}/repodata/repomd.xml`;
  const digest = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(`${directory}/repodata/hostile-${type}.xml.gz`, bytes);
  const data = `<data type="${type}"><checksum type="sha256">${digest}</checksum>
    <location href="repodata/hostile-${type}.xml.gz"/><size>${bytes.length}</size></data>`;
  const pattern = new RegExp(`<data type="${type}">.*?</data>`, 's');
  writeFileSync(repomd, readFileSync(repomd, 'utf8').replace(pattern, data));
}
