/** Stores that go away and come back, as files and servers do. */

import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { mongodbHost } from '../stores/mongodb/host.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import type { MovableHost } from './stored-access.ts';

export async function movableFile(): Promise<MovableHost> {
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

export async function killableServer(): Promise<MovableHost> {
  const host = await mongodbHost();
  return {
    settings: host.settings(),
    leave: () => host.server.kill(),
    comeBack: () => host.server.start(),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
