/**
 * The name of a process below `temporary/`, by which others can tell whether it still runs: what a process
 * left that was killed is nobody's, and what a running one writes must not be taken away.
 */

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

export interface ProcessMark {
  /** `HOST-PID-START`. */
  readonly text: string;
  /** Of this boot of this host, or of the container, whose numbers of processes are its own. */
  readonly host: string;
}

/** Of the present process. Where the system tells nothing, of a host that nobody knows. */
export function ownMark(): ProcessMark {
  const host = hostText();
  return { host, text: `${host}-${process.pid}-${startOf(process.pid) ?? 0}` };
}

/** Whether the process runs; undefined when it is of another host, or the text is no mark. */
export function isRunning(text: string, { host }: ProcessMark): boolean | undefined {
  const [owner, pid = '', start] = text.split('-');
  if (owner !== host || !/^\d+$/.test(pid)) return undefined;
  return startOf(Number(pid)) === start;
}

function hostText(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const numbers = readlinkSync('/proc/self/ns/pid');
    return createHash('sha256').update(`${boot} ${numbers}`).digest('hex').slice(0, 16);
  } catch {
    return randomBytes(8).toString('hex');
  }
}

/** When a process began, in ticks since the boot: a number that is used again is not the same process. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name of the program, which may hold anything, the first field is the third.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
