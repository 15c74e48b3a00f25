import assert from 'node:assert/strict';
import { chmodSync, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { resolveUser } from '../../src/workers/host/accounts.ts';
import { needsRoot } from '../support/needs.ts';
import { startPortcullis } from '../support/portcullis.ts';
import { stop } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { directoryWith, portcullis } from './program.ts';

const skip = needsRoot();

/** A directory of root that everybody may walk through. */
function openDirectory() {
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o755);
  return directory;
}

function ownerOf(file: string): { readonly uid: number; readonly gid: number } {
  const { uid, gid } = statSync(file);
  return { uid, gid };
}

describe('portcullis serve, started by root with process.user', { skip }, () => {
  it('portcullis serve gives its sockets to the user that it becomes', async () => {
    using directory = openDirectory();
    const [socket, stats] = [directory.file('run/p.sock'), directory.file('run/stats.sock')];
    const { uid, gid } = resolveUser('nobody');
    await using server = await startPortcullis({
      process: { user: 'nobody' },
      listen: { uwsgi: { address: `unix:${socket}` } },
      monitor: { stats: { address: `unix:${stats}`, group: 0 } },
    });
    assert.deepEqual(ownerOf(socket), { uid, gid });
    assert.deepEqual(ownerOf(stats), { uid, gid: 0 });
    assert.deepEqual(ownerOf(path.dirname(socket)), { uid, gid });
    await stop(server.child);
    assert.deepEqual([existsSync(socket), existsSync(stats)], [false, false]);
  });

  it('portcullis serve --single-process refuses it: plugins would be loaded as root', async () => {
    using directory = directoryWith(
      'process: { user: nobody }\nlisten: { uwsgi: { address: "unix:s" } }',
    );
    const line = ['serve', '--single-process', '--config', directory.configuration];
    const { code, err } = await portcullis(line);
    assert.equal(code, 69);
    assert.match(err, /^Cannot use process\.user in a single process: /);
  });
});
