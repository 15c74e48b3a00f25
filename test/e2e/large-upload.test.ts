/** Uploads that are larger than what any process may take of memory. */

import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { run } from '../support/processes.ts';
import {
  artifactCount,
  startCompiledSite,
  uploadWithInterruption,
  writeRandomFile,
} from './interrupted-upload.ts';
import type { RepositorySite } from './repository-site.ts';
import type { Administration } from './site-administration.ts';

const bytes = 300 * 1024 ** 2;
/** What the client and the worker of the API may have of memory, all in all, in megabytes. */
const memoryMax = 100;

describe('a large upload by portcullis-admin', { skip: needs('nginx', 'openssl') }, () => {
  const stack = new AsyncDisposableStack();
  let site: RepositorySite;
  let administration: Administration;
  before(async () => {
    ({ site, administration } = await startCompiledSite(stack));
    for (const id of ['images', 'copies']) {
      await administration.ok('iso', 'repo', 'create', '--repo-id', id);
    }
  });
  after(() => stack.disposeAsync());

  it('goes on after it was killed, in little memory, and the same bytes lie once', async (context) => {
    const file = site.file('image.iso');
    await writeRandomFile(file, bytes);
    const seen = await uploadWithInterruption(site, administration, {
      ...{ repository: 'images', file, bytes },
    });
    context.diagnostic(JSON.stringify(seen));
    for (const [who, { without, peak }] of Object.entries(seen.memory)) {
      assert.ok(peak > 0 && peak < memoryMax, `${who}: ${without} MB, then ${peak}`);
    }
    assert.equal(artifactCount(site), 1);
    const other = site.file('copy.iso');
    linkSync(file, other);
    const upload = ['iso', 'repo', 'uploads', 'upload', '--repo-id', 'copies'];
    await administration.ok(...upload, '--file', other);
    assert.equal(artifactCount(site), 1);
    const listed = await administration.ok('iso', 'repo', 'isos', '--repo-id', 'copies');
    assert.match(listed, /copy\.iso/);
    const { file: configuration } = site.instance;
    const verify = ['verify', '--config', configuration];
    const verified = await run(process.execPath, [portcullisProgram, ...verify]);
    assert.equal(verified.code, 0, verified.stdout.toString());
  });
});
