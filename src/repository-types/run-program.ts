/**
 * Runs the programs that make metadata and read packages: without a shell, with an environment of ours
 * alone, and bounded in time and in what they write.
 */

import { type ExecFileException, execFile } from 'node:child_process';
import { processEnvironment } from '../config/environment.ts';
import { PortcullisError, systemCodeOf } from '../errors.ts';

export interface ProgramOptions {
  /** Aborting it kills the program. */
  readonly signal: AbortSignal;
  readonly timeLimitSeconds: number;
  /** What it may write to its output, in bytes; its words about errors are bounded alike. */
  readonly outputBytesMax: number;
  readonly directory?: string;
  /** Besides the few variables that every program gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Bounds for a program that reads what clients sent; see prlimit(1). */
  readonly isolation?: ProgramIsolation;
}

export interface ProgramIsolation {
  /** The largest file that it may write, in bytes. */
  readonly fileBytesMax: number;
  /** Its memory, in bytes. */
  readonly memoryBytesMax: number;
}

export interface ProgramOutput {
  readonly output: Buffer;
  /** 0, or the status that it ended with; 128 for one that a signal ended, as at its isolation's bounds. */
  readonly status: number;
  /** Its own words, for the log: clients may have had a hand in them. */
  readonly words: string;
}

const wordsLengthMax = 1000;
const signalStatus = 128;

/** What C says of ENOSPC and EDQUOT, in the language that programs are given. */
const noSpacePattern = /: (?:No space left on device|Disk quota exceeded)\b/;

/**
 * Waits for the end of the program, whatever its status.
 *
 * @throws PortcullisError PROGRAM_MISSING; PROGRAM_FAILED for one that was ended at a limit of its time or
 *   output; STORAGE_FULL for one that says so of the disk. What the signal was aborted with, when it was.
 */
export async function askProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramOutput> {
  options.signal.throwIfAborted();
  const [file, all] = withIsolation(program, args, options.isolation);
  return new Promise((resolve, reject) => {
    const settings = {
      cwd: options.directory ?? '/',
      env: { ...programEnvironment(), ...options.environment },
      timeout: options.timeLimitSeconds * 1000,
      killSignal: 'SIGKILL',
      maxBuffer: options.outputBytesMax,
      signal: options.signal,
      encoding: 'buffer',
    } as const;
    const child = execFile(file, all, settings, (error, output, errorOutput) => {
      const words = errorOutput.toString().slice(-wordsLengthMax).trim();
      if (options.signal.aborted) reject(options.signal.reason);
      else if (error === null) resolve({ output, status: 0, words });
      else if (noSpacePattern.test(words)) reject(noSpace(program));
      else if (typeof error.code === 'number') resolve({ output, status: error.code, words });
      else if (isEndedByItself(error)) resolve({ output, status: signalStatus, words });
      else reject(notRun(program, error, options));
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end();
  });
}

/**
 * Its output.
 *
 * @throws as {@link askProgram}, and PROGRAM_FAILED for any status but 0
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Buffer> {
  const { output, status, words } = await askProgram(program, args, options);
  if (status !== 0) throw failed(program, `it ended with status ${status}: ${words}`);
  return output;
}

/** The directories that programs are looked for in. */
export function programPath(): string {
  return processEnvironment().PATH || '/usr/sbin:/usr/bin:/sbin:/bin';
}

/**
 * The few variables that every program gets: nothing of ours, which may be secret (T92), and no file of the
 * user that runs us has a say, as ~/.rpmmacros.
 */
export function programEnvironment(): Readonly<Record<string, string>> {
  return { PATH: programPath(), LC_ALL: 'C.UTF-8', TZ: 'UTC', HOME: '/nonexistent' };
}

function withIsolation(
  program: string,
  args: readonly string[],
  isolation: ProgramIsolation | undefined,
): readonly [string, readonly string[]] {
  if (isolation === undefined) return [program, args];
  const { fileBytesMax, memoryBytesMax } = isolation;
  const bounds = [`--fsize=${fileBytesMax}`, `--as=${memoryBytesMax}`, '--core=0'];
  return ['prlimit', [...bounds, '--', program, ...args]];
}

/** Not by us, at a limit of ours. */
function isEndedByItself(error: ExecFileException): boolean {
  return error.killed !== true && typeof error.signal === 'string';
}

function notRun(program: string, error: Error, options: ProgramOptions): PortcullisError {
  const code = systemCodeOf(error);
  if (code === 'ENOENT') {
    return new PortcullisError('PROGRAM_MISSING', `Cannot run ${program}: it is not installed`);
  }
  const isOver = code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
  if (isOver) return failed(program, `it wrote more than ${options.outputBytesMax} bytes`);
  return failed(program, `it ran longer than ${options.timeLimitSeconds} s`);
}

function noSpace(program: string): PortcullisError {
  return new PortcullisError(
    'STORAGE_FULL',
    `Cannot go on with ${program}: no space is left for the storage`,
  );
}

function failed(program: string, state: string): PortcullisError {
  return new PortcullisError('PROGRAM_FAILED', `Cannot go on with ${program}: ${state}`);
}
