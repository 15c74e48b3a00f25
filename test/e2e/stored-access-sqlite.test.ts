import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { type MovableHost, testStoredAccess } from './stored-access.ts';

testStoredAccess({ name: 'sqlite', skip: false, host: movableFile });

async function movableFile(): Promise<MovableHost> {
  const host = await sqliteHost();
  const settings = host.settings();
  assert.ok(settings.type === 'sqlite');
  const move = (from: string, to: string): void => {
    for (const end of ['', '-wal', '-shm']) {
      if (existsSync(from + end)) renameSync(from + end, to + end);
    }
  };
  return {
    settings,
    leave: async () => move(settings.file, `${settings.file}.away`),
    comeBack: async () => move(`${settings.file}.away`, settings.file),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
