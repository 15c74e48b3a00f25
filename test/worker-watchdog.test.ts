import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { startWatchdog } from '../src/worker-watchdog.ts';
import { until } from './support/processes.ts';
import { temporaryDirectory } from './support/temporary.ts';

const watchdog = import.meta.resolve('../src/worker-watchdog.ts');

/** A process with a watchdog, whose primary is its parent; what it does then is `work`. */
function programOf(options: object, work: string): string {
  return `
    import { startWatchdog } from ${JSON.stringify(watchdog)};
    const options = { primary: process.ppid, labels: { worker: 7 }, ...${JSON.stringify(options)} };
    globalThis.dog = await startWatchdog({ ...options, onLost: () => {} });
    process.stdout.write(process.pid + '\\n');
    ${work}
  `;
}

const spin = `setTimeout(function spinForEver() { for (;;); }, 50);`;

function start(program: string) {
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function isAlive(pid: number): boolean {
  try {
    // A zombie of ours has ended.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('startWatchdog', () => {
  test('kills a process that loops for ever within two seconds of the death of its primary', async () => {
    using directory = temporaryDirectory();
    const worker = directory.file('worker.mjs');
    writeFileSync(worker, programOf({ silenceSeconds: 60 }, spin));
    const primary = start(`
      import { spawn } from 'node:child_process';
      spawn(process.execPath, [${JSON.stringify(worker)}], { stdio: ['ignore', 'inherit', 'inherit'] });
    `);
    const [line] = await once(primary.stdout, 'data');
    const pid = Number(String(line));
    assert.ok(isAlive(pid));
    const killedAt = performance.now();
    primary.kill('SIGKILL');
    await until('the worker is gone', () => !isAlive(pid), 10_000);
    const milliseconds = performance.now() - killedAt;
    assert.ok(milliseconds < 2000, `after ${milliseconds} ms`);
  });

  test('writes one line with the stack of a main thread that is stuck, into the log', async () => {
    using directory = temporaryDirectory();
    const logFile = directory.file('worker.log');
    const child = start(programOf({ silenceSeconds: 0.5, logFile }, spin));
    try {
      const read = (): string => {
        try {
          return readFileSync(logFile, 'utf8');
        } catch {
          return '';
        }
      };
      await until('the line is there', () => read().endsWith('\n'), 20_000);
      const line = JSON.parse(read());
      assert.equal(line.message, 'The event loop is stuck');
      assert.deepEqual([line.level, line.worker, line.pid], ['error', 7, child.pid]);
      assert.match(line.stack[0], /^spinForEver /);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('says on standard output that a main thread is stuck in no JavaScript', async () => {
    const wait = `import { spawnSync } from 'node:child_process';
      setTimeout(() => spawnSync('sleep', ['5']), 50);`;
    const child = start(programOf({ silenceSeconds: 0.5 }, wait));
    try {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      await until('the line is there', () => text.split('\n').length > 2, 20_000);
      assert.match(text, /"stack":"not in JavaScript"/);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('keeps no process, and says nothing of one that works', async () => {
    using directory = temporaryDirectory();
    const logFile = directory.file('worker.log');
    writeFileSync(logFile, '');
    const child = start(programOf({ silenceSeconds: 0.5, logFile }, 'setTimeout(() => {}, 1500);'));
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
    assert.equal(readFileSync(logFile, 'utf8'), '');
  });

  test('refuses to start without its thread', async () => {
    const options = { primary: process.ppid, silenceSeconds: 60, labels: {}, logFile: undefined };
    const unclonable = { ...options, logFile: (() => {}) as unknown as undefined };
    await assert.rejects(startWatchdog({ ...unclonable, onLost: () => {} }), {
      code: 'START_REFUSED',
    });
  });
});
