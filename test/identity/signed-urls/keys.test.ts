import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  keyBytesMax,
  keyBytesMin,
  keysFileBytesMax,
  keysMax,
  readUrlKeys,
} from '../../../src/identity/signed-urls/keys.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const keyOf = (fill: number, bytes = 32) => Buffer.alloc(bytes, fill).toString('base64');

async function read(text: string, mode = 0o600) {
  using directory = temporaryDirectory();
  const file = directory.file('url-keys');
  writeFileSync(file, text, { mode });
  return await readUrlKeys(file);
}

const refuses = (text: string, message: RegExp, mode?: number) =>
  assert.rejects(read(text, mode), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'FILE_UNREADABLE');
    assert.match(error.message, /^Cannot use the keys of signed URLs in \/.*\/url-keys: /);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /AQEBAQ|AgICAg/);
    return true;
  });

describe('readUrlKeys()', () => {
  it('reads keys in the order of the file, without comments and empty lines', async () => {
    const keys = await read(`# new\n\n2026-b.c_D:${keyOf(1)}\r\n2025:${keyOf(2, 64)}\n`);
    assert.deepEqual([...keys.keys()], ['2026-b.c_D', '2025']);
    assert.deepEqual(keys.get('2025')?.secret.export(), Buffer.alloc(64, 2));
  });

  it('T55 takes keys of 32 to 64 bytes, and none of a byte less or more', async () => {
    await read(`a:${keyOf(1, keyBytesMin)}\nb:${keyOf(2, keyBytesMax)}`);
    await refuses(`a:${keyOf(1, keyBytesMin - 1)}`, /line 1 has a key of 31 bytes; 32 to 64 are/);
    await refuses(`a:${keyOf(1, keyBytesMax + 1)}`, /line 1 has a key of 65 bytes/);
    await refuses('a:', /line 1 has a key of 0 bytes/);
  });

  it('refuses what is malformed, by its line', async () => {
    for (const [text, message] of [
      ['', /it is empty/],
      ['# nothing', /it holds no key/],
      [keyOf(1), /line 1 has no id of 1 to 64 letters/],
      [`:${keyOf(1)}`, /line 1 has no id/],
      [`a b:${keyOf(1)}`, /line 1 has no id/],
      [`${'x'.repeat(65)}:${keyOf(1)}`, /line 1 has no id/],
      [`a:${keyOf(1)} `, /line 1 has no key in base64; make one with "openssl rand -base64 32"/],
      [`a:${keyOf(1).slice(0, -1)}`, /line 1 has no key in base64/],
      [`a:${keyOf(1).replace('A', '-')}`, /line 1 has no key in base64/],
      [`a:${keyOf(1)}\na:${keyOf(2)}`, /line 2 has the id of a line before it/],
      [`a:${keyOf(1)}\nb:${keyOf(1)}`, /line 2 has the key of a line before it/],
      ['x'.repeat(keysFileBytesMax + 1), /it is longer than 16384 bytes/],
    ] as const) {
      await refuses(text, message);
    }
  });

  it('holds keysMax keys, and refuses one more', async () => {
    const lines = Array.from({ length: keysMax + 1 }, (_, index) => `k${index}:${keyOf(index)}`);
    assert.equal((await read(lines.slice(1).join('\n'))).size, keysMax);
    await refuses(lines.join('\n'), /line 33 is over the limit of 32 keys/);
  });

  it('T93 refuses a file that others may read or write', async () => {
    for (const mode of [0o604, 0o602, 0o620]) {
      using directory = temporaryDirectory();
      const file = directory.file('url-keys');
      writeFileSync(file, `a:${keyOf(1)}`);
      chmodSync(file, mode);
      await assert.rejects(readUrlKeys(file), /its mode is 06\d\d, by which others may read/);
    }
    await read(`a:${keyOf(1)}`, 0o640);
  });
});
