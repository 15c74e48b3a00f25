import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, test } from 'node:test';
import { portcullisProgram } from '../support/portcullis.ts';
import { sendSignal, stop, until } from '../support/processes.ts';
import { type ConfiguredDirectory, directoryWith } from './program.ts';

interface Started extends AsyncDisposable {
  readonly child: ChildProcess;
  /** All that it wrote, to either output. */
  output(): string;
}

function serve(directory: ConfiguredDirectory): Started {
  const line = [portcullisProgram, 'serve', '--config', directory.configuration];
  const child = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return { child, output: () => output, [Symbol.asyncDispose]: () => stop(child) };
}

const { signals: numbers } = constants;

/** Whether a process has left what the signal does by default (proc_pid_status(5)). */
function hasPlanFor(pid: number, signal: keyof typeof numbers): boolean {
  return isInMask(pid, signal, /^Sig(?:Blk|Ign|Cgt):\t([0-9a-f]+)$/gm);
}

function isPending(pid: number, signal: keyof typeof numbers): boolean {
  return isInMask(pid, signal, /^(?:SigPnd|ShdPnd):\t([0-9a-f]+)$/gm);
}

function isInMask(pid: number, signal: keyof typeof numbers, masks: RegExp): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const bit = 1n << BigInt(numbers[signal] - 1);
  return [...status.matchAll(masks)].some(([, mask]) => (BigInt(`0x${mask}`) & bit) !== 0n);
}

const configuration = `
workers: 1
process: { pidFile: p.pid }
listen: { uwsgi: { address: "unix:s" } }
`;

/** As if another start were about to bind the socket: ours waits for it. */
function holdLock(directory: ConfiguredDirectory): Disposable {
  const lock = directory.file('s.lock');
  const descriptor = openSync(lock, 'wx');
  writeSync(descriptor, `${process.pid}\n`);
  let isHeld = true;
  const release = (): void => {
    if (isHeld) unlinkSync(lock);
    if (isHeld) closeSync(descriptor);
    isHeld = false;
  };
  return { [Symbol.dispose]: release };
}

describe('signals to an instance that does not serve yet', () => {
  test('open no debugger in a worker that starts, and do not end it', async () => {
    using directory = directoryWith(configuration);
    await using started = serve(directory);
    const starting = (): string | undefined =>
      /"worker starting".*?"pid":(\d+)/.exec(started.output())?.[1];
    await until('a worker starts', () => starting() !== undefined);
    const worker = Number(starting());
    await until('its Node has begun', () => hasPlanFor(worker, 'SIGUSR1'));
    sendSignal(worker, 'SIGUSR1');
    await until('it serves', () => started.output().includes('"message":"ready"'));
    sendSignal(worker, 'SIGUSR1');
    assert.doesNotMatch(started.output(), /Debugger|worker died/);
  });

  test('are obeyed by the primary once it can', async () => {
    using directory = directoryWith(configuration);
    using lock = holdLock(directory);
    await using started = serve(directory);
    await until('the pid file is there', () => existsSync(directory.file('p.pid')));
    assert.equal(readFileSync(directory.file('p.pid'), 'utf8'), `${started.child.pid}\n`);
    for (const signal of ['SIGUSR1', 'SIGTTOU', 'SIGHUP'] as const) started.child.kill(signal);
    lock[Symbol.dispose]();
    await until('the reload is done', () => started.output().includes('"reload done"'));
    assert.match(started.output(), /"pool not resized"/);
    assert.doesNotMatch(started.output(), /Debugger/);
  });

  for (const [signals, code] of [
    [['SIGTERM'], 0],
    [['SIGINT'], 130],
    [['SIGTERM', 'SIGTERM'], 130],
  ] as const) {
    test(`${signals.join(', then ')} ends it with ${code}, and nothing is left behind`, async () => {
      using directory = directoryWith(configuration);
      using lock = holdLock(directory);
      await using started = serve(directory);
      const ended = once(started.child, 'exit');
      await until('the pid file is there', () => existsSync(directory.file('p.pid')));
      for (const signal of signals) {
        started.child.kill(signal);
        // Two of one kind that wait to be delivered are one.
        await until('it has come', () => !isPending(started.child.pid ?? 0, signal));
      }
      lock[Symbol.dispose]();
      assert.deepEqual(await ended, [code, null], started.output());
      for (const left of ['p.pid', 's'])
        assert.equal(existsSync(directory.file(left)), false, left);
    });
  }
});
