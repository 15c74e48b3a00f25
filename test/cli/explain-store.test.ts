import assert from 'node:assert/strict';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { resolveUser } from '../../src/workers/host/accounts.ts';
import { needsRoot } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { portcullis } from './program.ts';

describe('portcullis explain, run by root', { skip: needsRoot() }, () => {
  const { uid, gid } = resolveUser('nobody');

  for (const process of [undefined, { user: 'nobody' }]) {
    const by = process === undefined ? 'the owner of its directory' : 'process.user';
    it(`portcullis explain asks the store as ${by}`, async () => {
      using directory = temporaryDirectory();
      const own = directory.file('state');
      mkdirSync(own, { mode: 0o700 });
      chownSync(own, uid, gid ?? 0);
      writeFileSync(directory.file('file'), 'content');
      const access = { password: { users: ['admin'] } };
      const distributions = [{ relativeUrl: 'a', root: directory.path, access }];
      const store = { file: `${own}/portcullis.db` };
      const configuration = directory.file('portcullis.yaml');
      writeFileSync(configuration, JSON.stringify({ store, process, distributions }));
      const config = ['--config', configuration];
      const input = 'wonderland';
      assert.equal((await portcullis(['create-admin', ...config], { input })).code, 0);
      const line = ['explain', '/pulp/repos/a/file', '--user', 'admin', ...config];
      const { code, out, err } = await portcullis(line, { input });
      assert.deepEqual([code, err], [0, ''], out);
    });
  }
});
