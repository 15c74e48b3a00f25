import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { startVassalProcess } from '../../src/emperor/vassal-process.ts';
import { sendSignal, until } from '../support/processes.ts';

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** Runs a shell as a vassal to its end, and gives how it ended and what it wrote. */
async function runVassal(script: string): Promise<{ how: string; lines: readonly string[] }> {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  const environment = { PATH: process.env.PATH };
  startVassalProcess({ program: '/bin/sh', args: ['-c', script], environment }, owner, {
    onMessage: () => {},
    onFault: () => {},
    onOutput: (line) => lines.push(line),
    onEnd: resolve,
  });
  return { how: await promise, lines };
}

const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe('the process of a vassal', () => {
  it('leaves no descriptor of its emperor open, whoever still holds its output (T77)', async () => {
    await runVassal('true');
    const before = descriptors();
    const left: number[] = [];
    for (let end = 0; end < 3; end += 1) {
      const { lines } = await runVassal('sleep 60 & echo $!; exit 1');
      left.push(Number(lines[0]));
    }
    try {
      await until('the descriptors are closed', () => descriptors() <= before);
    } finally {
      for (const pid of left) sendSignal(pid, 'SIGKILL');
    }
  });

  it('is heard to its last line', async () => {
    const { how, lines } = await runVassal('echo one; echo two >&2; exit 3');
    assert.deepEqual([how, lines.toSorted()], ['exit code 3', ['one', 'two']]);
  });
});
