import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { directoryWith, portcullis } from '../program.ts';

const yaml = `
store: { file: store/portcullis.db }
distributions: []
`;

describe('portcullis verify', () => {
  it('portcullis verify needs a store, and makes none', async () => {
    using directory = directoryWith(yaml);
    const config = ['--config', directory.configuration];
    const { code, err } = await portcullis(['verify', ...config]);
    assert.equal(code, 1, err);
    assert.match(err, /Cannot verify the storage: there is no store/);
  });

  it('portcullis verify says what is wrong by its status, as lines and as JSON', async () => {
    using directory = directoryWith(yaml);
    const config = ['--config', directory.configuration];
    mkdirSync(directory.file('store'), { mode: 0o700 });
    await portcullis(['create-admin', ...config], { input: 'a password 1\n' });
    const right = await portcullis(['verify', ...config]);
    assert.equal(right.code, 0, right.err);
    assert.match(right.out, /^Looked at 0 artifacts .*\nNo problem found\.\n$/);
    const artifact = `${directory.file('store')}/storage/artifacts/ab/${'c'.repeat(62)}`;
    writeFileSync(artifact, 'bytes');
    const wrong = await portcullis(['verify', '--json', ...config]);
    assert.equal(wrong.code, 1, wrong.err);
    const { ok, findings } = JSON.parse(wrong.out);
    assert.equal(ok, false);
    assert.equal(findings[0].kind, 'artifact-unreferenced');
    const repaired = await portcullis(['verify', '--repair', ...config]);
    assert.equal(repaired.code, 0, repaired.err);
    assert.match(repaired.out, /\(repaired\)\n.*\nProblems found: 1; repaired: 1\.\n$/);
  });
});
