/** `portcullis-admin X repo uploads list|resume|cancel` with the real API, of what another run has left. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import type { Tracker } from '../../src/admin/uploads/trackers.ts';
import { Client } from '../api/client.ts';
import { beginUpload, sendChunk } from '../api/upload-client.ts';
import { sha256Of } from '../storage/opened.ts';
import { repo, testRepositoryCommands } from './repository-commands.ts';

testRepositoryCommands('uploads that were broken off', (given) => {
  const uploads = (...words: string[]) => repo('iso', 'uploads', ...words);

  /** As a run leaves it that was killed when the server had `sent` bytes of the file. */
  async function broken(name: string, sent: number, more: Partial<Tracker> = {}): Promise<Tracker> {
    const { real, file } = given();
    const { host, port, uploadDirectory } = real.settings;
    const bytes = `bytes of ${name}`;
    const whole = file(name, bytes);
    const { size, mtimeMs: modified } = statSync(whole);
    const id = await beginUpload(new Client(real.api));
    if (sent > 0) await sendChunk(real.api, id, 0, bytes.slice(0, sent));
    const tracker: Tracker = {
      ...{ server: `${host}:${port}`, upload_id: id, repository: 'files', unit_type_id: 'iso' },
      unit_key: { name, size, checksum: sha256Of(bytes) },
      ...{ unit_metadata: {}, file: whole, size, modified },
      ...more,
    };
    mkdirSync(uploadDirectory, { recursive: true });
    writeFileSync(path.join(uploadDirectory, `${id}.json`), JSON.stringify(tracker));
    return tracker;
  }

  const left = (): readonly string[] => readdirSync(given().real.settings.uploadDirectory);

  it('portcullis-admin goes on with each upload from where it was, also with one that is whole', async () => {
    const { ok, done, json } = given();
    await ok(...repo('iso', 'create', '--repo-id', 'files'));
    const [half, none, whole] = [
      await broken('half.iso', 5),
      await broken('none.iso', 0),
      await broken('whole.iso', 18),
    ];
    const listed = await ok(...uploads('list'));
    assert.match(listed, new RegExp(`^${half.upload_id} +files +iso +5 bytes of 17 bytes +/`, 'm'));
    assert.equal((await json(...repo('rpm', 'uploads', 'list'))).length, 0, 'each type by itself');
    const one = await done(...uploads('resume', '--upload-id', none.upload_id));
    assert.deepEqual(one.match(/\S+\.iso +uploaded and imported/g)?.length, 1);
    await done(...uploads('resume'));
    assert.deepEqual(left(), []);
    const units = await json(...repo('iso', 'isos', '--repo-id', 'files'));
    const digests = units.map(
      ({ metadata }: { metadata: { checksum: string } }) => metadata.checksum,
    );
    const expected = [half, none, whole].map(({ unit_key: { checksum } }) => checksum);
    assert.deepEqual(digests.sort(), expected.sort());
    assert.match(await ok(...uploads('resume')), /^None\.$/m);
  });

  it('portcullis-admin sends anew what the server has given up', async () => {
    const { real, done, ok } = given();
    const tracker = await broken('given-up.iso', 5);
    await new Client(real.api).ok(200, 'DELETE', `/v2/content/uploads/${tracker.upload_id}/`);
    assert.match(await ok(...uploads('list')), /the server has it no more/);
    assert.match(await done(...uploads('resume')), /given-up\.iso +uploaded and imported$/m);
    assert.deepEqual(left(), []);
  });

  it('portcullis-admin waits for an import that was asked for already, and asks again where nobody knows of it', async () => {
    const { done, json } = given();
    const [asked, unknown] = [await broken('asked.iso', 18), await broken('unknown.iso', 20)];
    const body = {
      ...{ upload_id: asked.upload_id, unit_type_id: 'iso', unit_key: asked.unit_key },
    };
    const { real } = given();
    const to = '/v2/repositories/files/actions/import_upload/';
    const { body: report } = await new Client(real.api).call('POST', to, { body });
    const tasks = [report.spawned_tasks[0].task_id];
    const { uploadDirectory } = real.settings;
    for (const [tracker, of] of [
      [asked, tasks],
      [unknown, ['00000000-0000-4000-8000-000000000000']],
    ] as const) {
      const file = path.join(uploadDirectory, `${tracker.upload_id}.json`);
      writeFileSync(file, JSON.stringify({ ...tracker, tasks: of }));
    }
    const outcomes = JSON.parse(await done('--json', ...uploads('resume')));
    assert.deepEqual(
      outcomes.map(({ state }: { state: string }) => state),
      ['imported', 'imported'],
    );
    const found = repo('iso', 'isos', '--repo-id', 'files', '--in', 'name=asked.iso,unknown.iso');
    assert.equal((await json(...found)).length, 2);
    assert.deepEqual(left(), []);
  });

  it('portcullis-admin refuses to go on with a file that changed, and gives its upload up', async () => {
    const { run, refused, ok, real } = given();
    const tracker = await broken('changed.iso', 5, { modified: 1 });
    const ran = await run(uploads('resume'));
    assert.equal(ran.code, 66);
    assert.match(ran.err, /changed\.iso: it is not the file any more that the upload began with\./);
    const wrong = ['--upload-id', '00000000-0000-4000-8000-000000000000'];
    await refused(65, /under way on this host/, ...uploads('cancel', ...wrong));
    await refused(65, /under way on this host/, ...uploads('resume', ...wrong));
    const id = ['--upload-id', tracker.upload_id];
    assert.equal(await ok(...uploads('cancel', ...id)), `Given up: [${tracker.upload_id}]\n`);
    assert.deepEqual(left(), []);
    const gone = await new Client(real.api).call(
      'GET',
      `/v2/content/uploads/${tracker.upload_id}/`,
    );
    assert.equal(gone.status, 404);
  });
});
