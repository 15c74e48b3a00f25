import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { passwordBytes, verifyHash } from '../../src/identity/bcrypt.ts';
import { secretBytesMax } from '../../src/terminal/prompt.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { isInstalled, until } from '../support/processes.ts';
import { portcullis } from './program.ts';

async function isHashOf(hash: string, password: string): Promise<boolean> {
  const bytes = passwordBytes(password);
  return bytes !== undefined && verifyHash(bytes, hash.trim());
}

describe('portcullis hash-password', () => {
  it('portcullis hash-password writes the hash of the first line of the standard input', async () => {
    const { code, out, err } = await portcullis(['hash-password'], {
      input: 'pässword 1\nnot this\n',
    });
    assert.deepEqual([code, err], [0, '']);
    assert.equal(await isHashOf(out, 'pässword 1'), true);
    assert.equal(await isHashOf(out, 'pässword 2'), false);
  });

  it('portcullis hash-password --user writes a whole line of an htpasswd file', async () => {
    const { out } = await portcullis(['hash-password', '--user', 'alice'], { input: 'x' });
    assert.match(out, /^alice:\$2y\$10\$[./A-Za-z0-9]{53}\n$/);
  });

  it('portcullis hash-password refuses names and passwords that could never be used', async () => {
    const fail = async (user: string, input: string | Buffer): Promise<string> => {
      const { code, out, err } = await portcullis(['hash-password', '--user', user], {
        input: input as string,
      });
      assert.deepEqual([code, out], [64, '']);
      return err;
    };
    for (const user of ['a:b', '', 'a\nb', 'x'.repeat(256)]) {
      assert.match(await fail(user, 'x'), /^Cannot use the user name|^Cannot use --user/);
    }
    assert.match(await fail('a', ''), /has to be text of 1 to 72 bytes/);
    assert.match(await fail('a', 'x'.repeat(73)), /has to be text of 1 to 72 bytes/);
    assert.match(await fail('a', 'x'.repeat(secretBytesMax)), /has to be text of 1 to 72 bytes/);
    assert.match(await fail('a', 'x'.repeat(secretBytesMax + 1)), /longer than 4096 bytes/);
    assert.match(await fail('a', Buffer.from([0xff, 0x0a])), /not UTF-8 text/);
  });

  const skip = isInstalled('script') ? false : 'script not installed';

  /** Types at a real terminal, each text when the prompt before it is there. */
  async function type(...answers: readonly [prompt: string, typed: string][]) {
    const command = `${process.execPath} ${portcullisProgram} hash-password`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], { stdio: 'pipe' });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    for (const [prompt, typed] of answers) {
      await until(`the terminal shows ${prompt}`, () => shown.includes(prompt));
      child.stdin.write(typed);
    }
    const [code] = (await once(child, 'close')) as [number];
    return { code, shown };
  }

  it('portcullis hash-password asks twice at a terminal and shows nothing of it', {
    skip,
  }, async () => {
    const { code, shown } = await type(
      ['Password: ', 'wunderx\u007fland\r'],
      ['Password again: ', 'wunderland\r'],
    );
    assert.equal(code, 0);
    assert.doesNotMatch(shown, /wunder|land/);
    const [hash = ''] = /\$2y\$\S+/.exec(shown) ?? [];
    assert.equal(await isHashOf(hash, 'wunderland'), true);
  });

  it('portcullis hash-password refuses two that differ, and ends on Ctrl-C', { skip }, async () => {
    const differ = await type(['Password: ', 'one\r'], ['Password again: ', 'two\r']);
    assert.equal(differ.code, 64);
    assert.match(differ.shown, /the two differ, try again/);
    assert.equal((await type(['Password: ', 'on\u0003'])).code, 130);
  });
});
