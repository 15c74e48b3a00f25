/** `portcullis-admin X repo uploads` of files, with the real API and a worker. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { until } from '../support/processes.ts';
import { asAdmin } from './real-commands.ts';
import { repo, testRepositoryCommands } from './repository-commands.ts';

testRepositoryCommands('uploads', (given) => {
  it('portcullis-admin leaves out what the repository has already', async () => {
    const { ok, run, json, file, done, countOf } = given();
    const id = ['--repo-id', 'existing'];
    await ok(...repo('iso', 'create', ...id));
    const upload = repo('iso', 'uploads', 'upload', ...id);
    const [here, there] = [file('here.iso', 'here'), file('there.iso', 'there')];
    await done(...upload, '--file', here);
    const both = [...upload, '--file', here, '--file', there, '--file', here, '--skip-existing'];
    const out = await done(...both);
    assert.match(out, /here\.iso +in the repository already$/m);
    assert.match(out, /there\.iso +uploaded and imported$/m);
    assert.equal(out.match(/here\.iso/g)?.length, 2, 'each file once');
    const again = await run(both);
    assert.match(again.err, /^No files eligible for upload$/m);
    assert.equal(await countOf(...repo('iso', 'isos', ...id)), 2);
    // The same bytes under another name are another unit.
    const renamed = [...upload, '--file', file('renamed.iso', 'here'), '--skip-existing'];
    assert.match(await done(...renamed), /renamed\.iso +uploaded and imported$/m);
    // Without the option it is sent anew, and nothing is wrong with it.
    assert.match(await done(...upload, '--file', here), /uploaded and imported$/m);
    assert.equal((await json(...repo('iso', 'uploads', 'list'))).length, 0);
  });

  it('portcullis-admin uploads a directory in the background, and an empty file', async () => {
    const { ok, run, json, directory } = given();
    const id = ['--repo-id', 'many'];
    await ok(...repo('iso', 'create', ...id));
    const names = ['a b.iso', 'ä.iso', 'empty'];
    mkdirSync(directory.file('many/below'), { recursive: true });
    for (const name of names) writeFileSync(directory.file(`many/${name}`), name.slice(0, -5));
    writeFileSync(directory.file('many/below/deep.iso'), 'not meant');
    const upload = repo('iso', 'uploads', 'upload', ...id, '--dir', directory.file('many'));
    const { out, code, err } = await run(['--json', ...upload, '--bg']);
    assert.equal(code, 0, err);
    const outcomes = JSON.parse(out);
    assert.deepEqual(
      outcomes.map(({ state }: { state: string }) => state),
      ['accepted', 'accepted', 'accepted'],
    );
    const details = ['tasks', 'details', '--task-id'];
    for (const { tasks } of outcomes) {
      const shown = [...asAdmin, ...details, tasks[0].task_id];
      const isOver = async () => (await json(...shown)).state === 'finished';
      await until('the file is imported', isOver, 60_000);
    }
    const units = await json(...repo('iso', 'isos', ...id));
    const found = units.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    assert.deepEqual(found.sort(), names.sort());
  });

  it('portcullis-admin goes on with the other files when one is refused', async () => {
    const { ok, run, refused, directory, file, done, countOf } = given();
    const id = ['--repo-id', 'mixed'];
    await ok(...repo('iso', 'create', ...id));
    const upload = repo('iso', 'uploads', 'upload', ...id);
    const files = [file('PULP_MANIFEST', 'x'), file('good.iso', 'good')];
    const ran = await run([...upload, ...files.map((each) => `--file=${each}`)]);
    assert.equal(ran.code, 70);
    assert.match(ran.out, /PULP_MANIFEST +failed$/m);
    assert.match(ran.out, /good\.iso +uploaded and imported$/m);
    assert.match(ran.err, /PULP_MANIFEST: PLP0047: .*is made when it is published/);
    // It stays, so that what was wrong at the server can be mended, until it is given up.
    assert.equal(await countOf(...repo('iso', 'uploads', 'list')), 1);
    await refused(64, /give either --upload-id or --all/, ...repo('iso', 'uploads', 'cancel'));
    await done(...repo('iso', 'uploads', 'cancel', '--all'));
    assert.equal(await countOf(...repo('iso', 'uploads', 'list')), 0);
    await refused(66, /no such file/, ...upload, '--file', '/nonexistent');
    await refused(66, /not a regular file/, ...upload, '--file', directory.path);
    mkdirSync(directory.file('empty-directory'), { recursive: true });
    await refused(66, /no file in it/, ...upload, '--dir', directory.file('empty-directory'));
    await refused(64, /give --file or --dir/, ...upload);
    const nowhere = repo('iso', 'uploads', 'upload', '--repo-id', 'nowhere');
    await refused(65, /nowhere \(repository\)/, ...nowhere, '--file', files[1] ?? '');
  });
});
