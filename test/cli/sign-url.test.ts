import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import type { SignedRequest } from '../../src/plugin-signed-urls.ts';
import { verify, writeUrlKeys } from '../identity/signed-urls/url-fixture.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { hasStackTrace, portcullis } from './program.ts';

const directory = temporaryDirectory();
const keys = writeUrlKeys(directory);
after(() => directory[Symbol.dispose]());

const file = 'https://cdn.example.com/pulp/repos/acme/a.rpm';

/** Milliseconds from now on in which it is valid, as it says itself and the verifier finds. */
async function validFor(url: string, parts: Partial<SignedRequest> = {}): Promise<number> {
  const now = new Date();
  const verdict = await verify(keys, url.trim(), { now, secondsMax: 31_622_400, ...parts });
  assert.ok(verdict.valid, verdict.valid ? '' : verdict.reason);
  return verdict.expires.getTime() - now.getTime();
}

describe('portcullis sign-url', () => {
  const sign = (...more: readonly string[]) => portcullis(['sign-url', '--keys', keys, ...more]);

  it('portcullis sign-url writes a URL that is valid for an hour', async () => {
    const { code, out, err } = await sign(file);
    assert.deepEqual([code, err], [0, '']);
    assert.match(
      out,
      /^https:\/\/cdn\.example\.com\/pulp\/repos\/acme\/a\.rpm\?portcullis-key=new&\S+\n$/,
    );
    const milliseconds = await validFor(out);
    assert.ok(milliseconds > 3_000_000 && milliseconds <= 3_601_000, String(milliseconds));
  });

  it('portcullis sign-url signs for a time, with a key, for addresses and for a directory', async () => {
    const { out } = await sign(
      '/pulp/isos/?a=b;c',
      ...['--for', '366d', '--key', 'old'],
      '--below',
      ...['--address', '192.0.2.0/24'],
    );
    assert.match(out, /^\/pulp\/isos\/\?a=b;c&portcullis-key=old&/);
    const below = out.trim().replace('/isos/?', '/isos/x/y.iso?');
    const milliseconds = await validFor(below, { address: '192.0.2.9' });
    assert.ok(milliseconds > 365 * 86_400_000, String(milliseconds));
    const head = await sign('/a', '--method', 'HEAD');
    await validFor(head.out, { method: 'HEAD' });
  });

  it('portcullis sign-url tells a mistake in one sentence', async () => {
    const fail = async (code: number, ...line: readonly string[]): Promise<string> => {
      const ran = await portcullis(['sign-url', ...line]);
      assert.deepEqual([ran.code, ran.out, hasStackTrace(ran.err)], [code, '', false], ran.err);
      return ran.err;
    };
    const withKeys = ['--keys', keys];
    assert.match(
      await fail(64, '/a'),
      /^Cannot sign without a key: use --keys FILE; see portcullis/,
    );
    assert.match(await fail(64, ...withKeys), /^Cannot run sign-url with nothing: expected URL/);
    assert.match(await fail(64, ...withKeys, 'a'), /^Cannot sign the URL: expected a URL of http/);
    assert.match(await fail(64, ...withKeys, '/a', '--method', 'PUT'), /expected GET or HEAD/);
    for (const time of ['1', '0h', '1w', '1.5h', '367d', '99999999h', '-1h']) {
      assert.match(
        await fail(64, ...withKeys, '/a', `--for=${time}`),
        /^Cannot sign for such a time/,
      );
    }
    assert.match(await fail(64, ...withKeys, '/a', '--key', 'x'), /there are new, old\n$/);
    assert.match(await fail(66, '--keys', '/nowhere/keys', '/a'), /there is no such file/);
    const open = writeUrlKeys(directory, 'open');
    chmodSync(open, 0o644);
    assert.match(await fail(66, '--keys', open, '/a'), /its mode is 0644/);
  });
});
