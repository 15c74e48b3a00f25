/** The sample as a person runs it: `npm start` in a checkout of its own, and lines pasted from it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, globSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type CommandResult, run, until } from '../../support/processes.ts';
import { repositoryRoot } from '../../support/source-tree.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary.ts';

const parts = ['auth-plugins', 'deploy', 'scripts', 'src', 'package.json', 'package-lock.json'];
const startMsMax = 30_000;

export interface Checkout extends Disposable {
  readonly path: string;
  file(name: string): string;
}

/** A copy of the tree with its dependencies, and without var/. */
export function checkOut(...folders: readonly string[]): Checkout {
  const parent: TemporaryDirectory = temporaryDirectory();
  const root = path.join(parent.path, ...folders);
  mkdirSync(root, { recursive: true });
  for (const part of parts) {
    cpSync(path.join(repositoryRoot, part), path.join(root, part), { recursive: true });
  }
  symlinkSync(path.join(repositoryRoot, 'node_modules'), path.join(root, 'node_modules'));
  return {
    path: root,
    file: (name) => path.join(root, name),
    [Symbol.dispose]: () => parent[Symbol.dispose](),
  };
}

export interface Sample extends AsyncDisposable {
  readonly child: ChildProcess;
  /** All that it wrote so far. */
  output(): string;
  /** The lines to try, by what is said of each. */
  readonly trials: ReadonlyMap<string, string>;
  readonly port: number;
  /** Runs a line in the checkout, as pasted into another terminal. */
  paste(line: string): Promise<CommandResult>;
  /** Sends the signal to the process that was started, and waits for its end. Once is enough. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** Runs `command` in the checkout until it says what to try. */
export async function startSample(
  checkout: Checkout,
  [command, ...args]: readonly [string, ...string[]] = ['npm', 'start'],
): Promise<Sample> {
  const child = spawn(command, args, { cwd: checkout.path, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const append = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', append);
  child.stderr.on('data', append);
  const isReady = (): boolean => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output}`);
    return output.includes('Ctrl-C stops it');
  };
  await until('the sample says what to try', isReady, startMsMax);
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null) return child.exitCode;
    const closed = once(child, 'close');
    child.kill(signal);
    const [code] = await closed;
    return code;
  };
  return {
    child,
    output: () => output,
    trials: readTrials(output),
    port: Number(/https:\/\/localhost:(\d+)/.exec(output)?.[1]),
    paste: (line) => run('bash', ['-c', line], { cwd: checkout.path, timeoutMs: 120_000 }),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop('SIGTERM');
    },
  };
}

/** The command lines of the processes that run from `directory` or in it; workers have a title there. */
export function processesOf(directory: string): readonly string[] {
  return globSync('/proc/[0-9]*')
    .map((process) => ({ line: readCommandLine(`${process}/cmdline`), cwd: readCwd(process) }))
    .filter(({ line, cwd }) => line.includes(directory) || cwd.startsWith(directory))
    .map(({ line }) => line);
}

function readCwd(process: string): string {
  try {
    return readlinkSync(`${process}/cwd`);
  } catch {
    // It ended in the meantime.
    return '';
  }
}

function readCommandLine(file: string): string {
  try {
    return readFileSync(file, 'latin1').replaceAll('\0', ' ');
  } catch {
    // It ended in the meantime.
    return '';
  }
}

/** The line of which `says` is said. */
export function trial(sample: Sample, says: RegExp): string {
  const found = [...sample.trials].find(([text]) => says.test(text));
  if (found === undefined) throw new Error(`nothing is said of ${says}: ${sample.output()}`);
  return found[1];
}

function readTrials(output: string): ReadonlyMap<string, string> {
  const pairs = output.matchAll(/^ {2}# (.+)\r?\n {2}(\S.*?)\r?$/gm);
  return new Map([...pairs].map(([, says = '', line = '']) => [says, line]));
}
