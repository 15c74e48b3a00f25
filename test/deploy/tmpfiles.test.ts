import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { needs, needsRoot } from '../support/needs.ts';
import { run } from '../support/processes.ts';
import { shipped } from '../support/shipped.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { readUnit, settingOf } from '../support/unit-file.ts';

const file = path.join(repositoryRoot, 'deploy/tmpfiles.d/portcullis.conf');

/** A host with the user portcullis, whose number is 4711 and whose group's is 4712. */
function hostWithUser() {
  const host = temporaryDirectory();
  mkdirSync(host.file('etc'));
  writeFileSync(host.file('etc/passwd'), 'portcullis:x:4711:4712::/nonexistent:/bin/false\n');
  writeFileSync(host.file('etc/group'), 'portcullis:x:4712:\n');
  return host;
}

describe('deploy/tmpfiles.d', { skip: needs('systemd-tmpfiles') || needsRoot() }, () => {
  it('deploy/tmpfiles.d makes directories that only portcullis writes to', async () => {
    using host = hostWithUser();
    const { code, stderr } = await run('systemd-tmpfiles', [
      '--create',
      `--root=${host.path}`,
      file,
    ]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const names = ['run/portcullis', 'var/log/portcullis', 'var/lib/portcullis'];
    const made = names.map((name) => {
      const { mode, uid, gid } = statSync(host.file(name));
      return `${name} ${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
    });
    const modes = [755, 750, 710];
    assert.deepEqual(
      made,
      names.map((name, index) => `${name} ${modes[index]} 4711:4712`),
    );
  });

  it('deploy/tmpfiles.d says of them what the service does', () => {
    const service = readUnit(shipped('systemd/portcullis.service'));
    const lines = readFileSync(file, 'utf8').split('\n');
    for (const [directory, kind] of [
      ['/run', 'RuntimeDirectory'],
      ['/var/log', 'LogsDirectory'],
      ['/var/lib', 'StateDirectory'],
    ] as const) {
      const mode = settingOf(service, `${kind}Mode`);
      const owner = `${settingOf(service, 'User')} ${settingOf(service, 'Group')}`;
      const line = `d ${directory}/${settingOf(service, kind)} ${mode} ${owner} -`;
      assert.ok(lines.includes(line), line);
    }
  });
});
