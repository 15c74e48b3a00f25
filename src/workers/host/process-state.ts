/** Whether a process still runs, and since when (proc_pid_stat(5)). */

import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { systemCodeOf } from '../../errors.ts';

/** Of `sysconf(_SC_CLK_TCK)`; Linux tells it to programs as 100 everywhere. */
const clockTicksPerSecond = 100;

/** /proc tells the time of the boot in whole seconds. */
const bootTimeSlackMs = 2000;

export interface ProcessState {
  readonly parent: number;
  /** Clock ticks since the boot. */
  readonly startTicks: number;
}

/** What /proc says of a process; undefined when there is none, when it is hidden, and of a zombie. */
export function readProcess(pid: number): ProcessState | undefined {
  const fields = statFields(pid);
  if (fields === undefined || isEnded(fields)) return undefined;
  return { parent: Number(fields[1]), startTicks: Number(fields[19]) };
}

/** Whether the process runs. One that may not be looked at counts as running. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCodeOf(error) === 'ESRCH') return false;
  }
  const fields = statFields(pid);
  return fields === undefined || !isEnded(fields);
}

/** Whether it certainly started after `timeMs` of the wall clock: then another had its pid before. */
export function startedAfter(pid: number, timeMs: number): boolean {
  const bootSeconds = /^btime (\d+)$/m.exec(readText('/proc/stat') ?? '')?.[1];
  const startTicks = readProcess(pid)?.startTicks;
  if (bootSeconds === undefined || startTicks === undefined) return false;
  const startMs = (Number(bootSeconds) + startTicks / clockTicksPerSecond) * 1000;
  return startMs > timeMs + bootTimeSlackMs;
}

/** Whether the process has `file` open; undefined when that may not be seen. */
export function keepsOpen(pid: number, file: Stats): boolean | undefined {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).some((descriptor) => isFile(`${directory}/${descriptor}`, file));
  } catch {
    return undefined;
  }
}

function isFile(path: string, file: Stats): boolean {
  try {
    const { dev, ino } = statSync(path);
    return dev === file.dev && ino === file.ino;
  } catch {
    // It was closed meanwhile.
    return false;
  }
}

/** The fields from the third on: the second is a name in parentheses, which may have any character. */
function statFields(pid: number): readonly string[] | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function isEnded([state = '']: readonly string[]): boolean {
  return state === 'Z' || state === 'X' || state === 'x';
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
